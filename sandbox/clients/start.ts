/** The clients' admins, whole: memory, door, vaults, drift. Used by the process and by tests. */
import { setTimeout as pause } from "node:timers/promises";
import { CLIENTS } from "../cast/clients.ts";
import { seedName, type Seed } from "../keys/derive.ts";
import { peopleOf } from "../technicians/members.ts";
import { Admins } from "./admin.ts";
import { openDoor } from "./door.ts";
import { startDrift } from "./drift.ts";
import { each, raise } from "./raise.ts";
import { Memory } from "./state.ts";
import { dropConnections, exchange } from "./wire.ts";

export interface ClientsOptions {
  seed: Seed;
  /** Origin of the vault host, `http://vault.localhost:<port>`. */
  origin: string;
  /** The vault host's folder: ceilings are written there. */
  folder: string;
  /** Where the admins' own memory lies. */
  data: string;
  consoles: readonly string[];
  port: number;
  /** Mean seconds between two changes that a client makes by itself; 0 = only on demand. */
  driftSeconds: number;
  log: (line: Readonly<Record<string, unknown>>) => void;
}

export interface RunningClients {
  port: number;
  admins: Admins;
  /** Resolves when every vault of the cast stands, or when it was closed before; rejects with the first failure. */
  standing: Promise<void>;
  close(): Promise<void>;
}

/** Vaults made at a time: the host makes one after another, the admins' side is what runs beside it. */
const WIDTH = 8;
const HOST_WITHIN_MS = 30_000;

/** Parts start side by side: the vault host may need a moment more than this process. */
async function whenAnswering(origin: string): Promise<void> {
  const end = performance.now() + HOST_WITHIN_MS;
  for (;;) {
    try {
      await exchange(`${origin}/`, { method: "GET", headers: {} });
      return;
    } catch (cause) {
      if (performance.now() > end) throw new Error(`the vault host at ${origin} does not answer`, { cause });
    }
    await pause(50);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Opens the door and raises the vaults. When all of them stood before, it resolves after each was seen again under its own
 * key; on a first start it resolves at once and `standing` says when they are there.
 */
export async function startClients({ seed, origin, folder, data, consoles, port, driftSeconds, log }: ClientsOptions): Promise<RunningClients> {
  const now = (): number => Math.floor(Date.now() / 1_000);
  const memory = new Memory(data, { seed: seedName(seed), origin });
  const ground = { seed, origin, folder, memory, now };
  const admins = new Admins({ ...ground, consoles });
  let standing = 0;
  const known = memory.vaults().length;
  const door = await openDoor({ admins, people: (msp) => peopleOf(seed, { msp, console: consoles[0] ?? "", now: now() }), progress: () => ({ standing, of: CLIENTS.length }), log: (error) => log({ event: "door.failed", reason: reasonOf(error) }) }, port);
  let closing = false;
  const all = (async () => {
    await whenAnswering(origin);
    await each(CLIENTS, WIDTH, async (client) => {
      if (closing) return;
      await raise(ground, client);
      standing++;
    });
  })().catch((error: unknown) => {
    // Cut off in the middle by our own end: the next start takes it up.
    if (!closing) throw error;
  });
  const endDrift = startDrift(admins, { meanSeconds: driftSeconds, now, failed: (error) => log({ event: "drift.failed", reason: reasonOf(error) }) });
  const close = async (): Promise<void> => {
    closing = true;
    endDrift();
    await door.close();
    dropConnections();
  };
  all.catch(() => undefined); // whoever waits for `standing` hears of it
  if (known === CLIENTS.length) {
    try {
      await all;
    } catch (error) {
      await close();
      throw error;
    }
  }
  return { port: door.port, admins, standing: all, close };
}
