import { isLoopbackHost } from "#lib/protocol/address.ts";
import type { Mode } from "#lib/protocol/messages.ts";
import type { KeyObject } from "node:crypto";
import { Follower } from "./failover/follow.ts";
import { ReplicaDoor } from "./failover/primary.ts";
import { Host, type Log } from "./host.ts";
import { VaultServer } from "./http/server.ts";
import { FOLLOW_MS } from "./limits.ts";
import { Registrar, type RegistrarOptions } from "./register/register.ts";
import { PlainError } from "./store/plain-error.ts";
import type { Clock } from "./clock.ts";
import type { Step } from "./vault.ts";

export interface StartOptions {
  dir: string;
  /** 0 picks one. */
  port: number;
  /** Address to listen on. */
  address?: string;
  rpId?: string;
  /** Address to open in a browser; by default `http://<rpId>:<port>`. */
  origin?: string | undefined;
  registerCode?: string | undefined;
  /** Whether there is room for one more vault, asked before each new one (PROTOCOL 13). */
  capacity?: RegistrarOptions["capacity"];
  /** What this host shares with its backup, or with the primary that it follows. */
  replicationSecret?: KeyObject | undefined;
  /** The primary's listening address: this host is its backup. Needs the secret. */
  follow?: string | undefined;
  /** How often a backup asks; 0: only when {@link RunningVaults.follower} is told to. Milliseconds. */
  followMs?: number;
  log?: Log;
  clock?: Clock;
  onStep?: (step: Step) => void;
  idleCloseMs?: number;
  maxOpen?: number;
}

export interface RunningVaults {
  /** `http://<host>:<port>`: what to dial. */
  listening: string;
  origin: string;
  host: Host;
  /** On a backup. */
  follower: Follower | null;
  /** Finishes what is being answered. */
  close(): Promise<void>;
}

/** Starts a host for any number of vaults. Throws PlainError for a folder, key or address that cannot be used. */
export async function startVaults(options: StartOptions): Promise<RunningVaults> {
  const { dir, port, address = "127.0.0.1", rpId = "vault.localhost", origin, registerCode, capacity, replicationSecret: secret, follow, followMs = FOLLOW_MS, ...rest } = options;
  if (follow !== undefined && secret === undefined) throw new PlainError("A backup needs the replication secret of the primary that it follows.");
  const mode: Mode = follow === undefined ? "primary" : "backup";
  // The port is part of the origin, so it is bound before the host is told its origin.
  let server: VaultServer | undefined;
  const bound = await VaultServer.bind(port, address, (request, response) => void server?.answer(request, response)).catch((error: unknown) => {
    const code = (error as { code?: string }).code;
    throw new PlainError(code === "EADDRINUSE" ? `Port ${port} on ${address} is taken by another program.` : `Cannot listen on ${address}, port ${port} (${String(code)}).`);
  });
  const browser = origin ?? `http://${rpId}:${bound.port}`;
  let host: Host;
  try {
    host = new Host({ dir, origin: browser, rpId, mode, followed: secret !== undefined, ...rest });
  } catch (error) {
    bound.http.close();
    throw error;
  }
  // New vaults are made at the primary; a backup gets them as copies.
  const admission = mode === "backup" ? ({ kind: "closed" } as const) : admissionOf(browser, registerCode);
  const replica = secret !== undefined && mode === "primary" ? new ReplicaDoor(host, secret) : null;
  const running = (server = new VaultServer({ http: bound.http, host, registrar: new Registrar({ host, admission, capacity }), replica }));
  const follower = follow === undefined ? null : new Follower({ host, secret: secret!, primary: follow, intervalMs: followMs });
  if (followMs > 0) follower?.start();
  const dialled = address.includes(":") ? `[${address}]` : address;
  return {
    listening: `http://${dialled}:${bound.port}`,
    origin: browser,
    host,
    follower,
    async close() {
      await follower?.close();
      await running.close();
    },
  };
}

/** A host that only this machine reaches is open; any other needs a one-time code (PROTOCOL 13). */
function admissionOf(origin: string, code: string | undefined): RegistrarOptions["admission"] {
  if (code !== undefined) return { kind: "code", code };
  return isLoopbackHost(new URL(origin).hostname) ? { kind: "open" } : { kind: "closed" };
}
