/**
 * The connections to vaults: kept open and shared by all calls of a process, bounded per origin. undici's own `request`, about
 * six times as fast as the global fetch, and without redirects, cookies or decompression to switch off.
 */
import type { LookupFunction } from "node:net";
import { Agent } from "undici";
import { env } from "../env.ts";
import { limits } from "../limits.ts";
import { makeRules, type AddressRules } from "./address.ts";
import { judgedLookup, systemResolve, type Resolve } from "./resolve.ts";

export type Net = { readonly agent: Agent; readonly rules: AddressRules; readonly callMs: number };

type Choices = { rules: AddressRules; resolve?: Resolve; callMs?: number; /** PEM of authorities to trust instead of the system's. */ ca?: string };

export function openNet({ rules, resolve = systemResolve(), callMs = limits.vaultCallMs, ca }: Choices): Net {
  const lookup: LookupFunction = judgedLookup(rules, resolve);
  const agent = new Agent({
    connections: limits.vaultConnectionsPerOrigin,
    pipelining: 1,
    allowH2: false,
    maxResponseSize: limits.vaultAnswerBytes,
    maxHeaderSize: limits.vaultHeadBytes,
    // The whole of a call is bounded by a signal (call.ts); these end what a drip of bytes would keep alive.
    headersTimeout: callMs,
    bodyTimeout: callMs,
    keepAliveTimeout: limits.vaultKeepAliveMs,
    keepAliveMaxTimeout: limits.vaultKeepAliveMs,
    connect: { lookup, timeout: callMs, ...(ca !== undefined && { ca }) },
  });
  return { agent, rules, callMs };
}

/** The rules of this installation: VAULT_RANGES, and this machine for a console that lives on it. */
export const addressRules = (): AddressRules => makeRules({ local: env().local, ranges: env().VAULT_RANGES });

let shared: Net | undefined;
/** This process's connections. */
export const vaultNet = (): Net => (shared ??= openNet({ rules: addressRules() }));

/** Ends them; calls that are under way fail as unknown. For the end of a process, and between tests. */
export async function closeVaultNet(): Promise<void> {
  const net = shared;
  shared = undefined;
  await net?.agent.destroy();
}
