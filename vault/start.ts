import { isLoopbackHost } from "#lib/protocol/address.ts";
import { Host, type Log } from "./host.ts";
import { VaultServer } from "./http/server.ts";
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
  /** Finishes what is being answered. */
  close(): Promise<void>;
}

/** Starts a host for any number of vaults. Throws PlainError for a folder, key or address that cannot be used. */
export async function startVaults({ dir, port, address = "127.0.0.1", rpId = "vault.localhost", origin, registerCode, ...rest }: StartOptions): Promise<RunningVaults> {
  // The port is part of the origin, so it is bound before the host is told its origin.
  let server: VaultServer | undefined;
  const bound = await VaultServer.bind(port, address, (request, response) => void server?.answer(request, response)).catch((error: unknown) => {
    const code = (error as { code?: string }).code;
    throw new PlainError(code === "EADDRINUSE" ? `Port ${port} on ${address} is taken by another program.` : `Cannot listen on ${address}, port ${port} (${String(code)}).`);
  });
  const browser = origin ?? `http://${rpId}:${bound.port}`;
  let host: Host;
  try {
    host = new Host({ dir, origin: browser, rpId, ...rest });
  } catch (error) {
    bound.http.close();
    throw error;
  }
  server = new VaultServer({ http: bound.http, host, registrar: new Registrar({ host, admission: admissionOf(browser, registerCode) }) });
  const running = server;
  const dialled = address.includes(":") ? `[${address}]` : address;
  return { listening: `http://${dialled}:${bound.port}`, origin: browser, host, close: () => running.close() };
}

/** A host that only this machine reaches is open; any other needs a one-time code (PROTOCOL 13). */
function admissionOf(origin: string, code: string | undefined): RegistrarOptions["admission"] {
  if (code !== undefined) return { kind: "code", code };
  return isLoopbackHost(new URL(origin).hostname) ? { kind: "open" } : { kind: "closed" };
}
