/**
 * What the database calls out (NOTIFY), handed to the streams of this process: one connection for all of them, opened with the first
 * and closed with the last. A connection that breaks is made again, and everybody is told that something may have been missed.
 */
import pg from "pg";
import { z } from "zod";
import { env } from "../env.ts";
import { createLog } from "../log.ts";

/** `known`: a vault was read and differs. `staged`: somebody's draft changed. `missed`: what came meanwhile is not known. */
export type Called = { kind: "known"; vaultRef: string } | { kind: "staged"; ownerId: string; revision: number } | { kind: "missed" };
type Listener = { mspId: string; hear: (called: Called) => void };

const known = z.object({ msp_id: z.uuid(), vault_ref: z.uuid() });
const staged = z.object({ msp_id: z.uuid(), owner_id: z.uuid(), revision: z.number().int() });
/** Pauses between tries, ms. */
const again = [500, 1_000, 2_000, 5_000, 10_000];

const log = createLog("console");

/** What a notification says, or null for one that is not ours. */
export function calledOf(channel: string, payload: string | undefined): { mspId: string; called: Called } | null {
  let value: unknown;
  try {
    value = JSON.parse(payload ?? "");
  } catch {
    return null;
  }
  if (channel === "known") {
    const given = known.safeParse(value);
    return given.success ? { mspId: given.data.msp_id, called: { kind: "known", vaultRef: given.data.vault_ref } } : null;
  }
  const given = staged.safeParse(value);
  return channel === "staged" && given.success ? { mspId: given.data.msp_id, called: { kind: "staged", ownerId: given.data.owner_id, revision: given.data.revision } } : null;
}

export class Ears {
  private readonly listeners = new Set<Listener>();
  private readonly url: () => string;
  private client: pg.Client | null = null;
  private tries = 0;
  private timer: NodeJS.Timeout | null = null;
  constructor(url: () => string) {
    this.url = url;
  }
  get size(): number {
    return this.listeners.size;
  }
  /** Hears one tenant's calls until the function that it returns is called. */
  listen(mspId: string, hear: (called: Called) => void): () => void {
    const listener = { mspId, hear };
    this.listeners.add(listener);
    if (!this.client && !this.timer) void this.open();
    return () => {
      if (!this.listeners.delete(listener) || this.listeners.size > 0) return;
      if (this.timer) clearTimeout(this.timer);
      this.timer = null;
      const { client } = this;
      this.client = null;
      client?.end().catch(() => undefined);
    };
  }
  private async open(): Promise<void> {
    this.timer = null;
    const client = new pg.Client({ connectionString: this.url(), application_name: "clavitor events", keepAlive: true });
    this.client = client;
    const lost = (error?: unknown) => {
      if (this.client !== client) return;
      this.client = null;
      client.end().catch(() => undefined);
      if (this.listeners.size === 0) return;
      if (error) log.warn({ err: error }, "the line to the database's calls broke");
      this.timer = setTimeout(() => void this.open(), again[Math.min(this.tries, again.length - 1)]);
      this.timer.unref();
      this.tries += 1;
    };
    client.on("error", lost);
    client.on("end", () => lost());
    client.on("notification", ({ channel, payload }) => {
      const heard = calledOf(channel, payload);
      if (heard) for (const { mspId, hear } of this.listeners) if (mspId === heard.mspId) hear(heard.called);
    });
    try {
      await client.connect();
      await client.query("listen known");
      await client.query("listen staged");
      if (this.tries > 0) for (const { hear } of this.listeners) hear({ kind: "missed" });
      this.tries = 0;
    } catch (error) {
      lost(error);
    }
  }
}

/** Survives module reloads of the development server, and the two copies that a build makes of a module. */
const held = globalThis as { clavitorEars?: Ears };
export const ears = (): Ears => (held.clavitorEars ??= new Ears(() => env().APP_DATABASE_URL));
