/**
 * A vault's name is resolved once per connection, every address it has is judged, and the connection goes to one of exactly these:
 * a name that leads elsewhere a moment later (rebinding) changes nothing. c-ares asks, not getaddrinfo: a name server that hangs
 * would hold one of the process's few threads for each vault behind it.
 */
import { Resolver } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { callbackify } from "node:util";
import { limits } from "../limits.ts";
import { isLoopbackHost } from "../protocol/address.ts";
import { mayConnect, type AddressRules } from "./address.ts";

/** The name leads to an address that may not be called. */
export class AddressRefused extends Error {
  override name = "AddressRefused";
}

/** A host's IP addresses; rejects when there are none. */
export type Resolve = (host: string) => Promise<string[]>;

export function systemResolve(): Resolve {
  const resolver = new Resolver({ timeout: limits.vaultResolveMs, tries: 2 });
  return async (host) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [four, six].flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (found.length === 0) throw four.status === "rejected" ? four.reason : Object.assign(new Error("no address"), { code: "ENOTFOUND" });
    return found;
  };
}

/** Resolves and judges: all addresses of a host, or a rejection. One that may not be called spoils the others. */
export async function addressesOf(host: string, rules: AddressRules, resolve: Resolve): Promise<{ address: string; family: 4 | 6 }[]> {
  // Node and name servers do not know names below .localhost (RFC 6761 lets them); browsers take them for this machine.
  if (isLoopbackHost(host)) {
    if (!rules.local) throw new AddressRefused("this machine");
    return [{ address: "127.0.0.1", family: 4 }, { address: "::1", family: 6 }];
  }
  const found = await resolve(host);
  if (!found.every((address) => mayConnect(address, rules))) throw new AddressRefused("a private or reserved network");
  return found.map((address) => ({ address, family: isIP(address) === 4 ? 4 : 6 }));
}

/** As `connect.lookup` takes it. Only names come here: an IP address in the URL is judged with the URL. */
export const judgedLookup = (rules: AddressRules, resolve: Resolve): LookupFunction => {
  const ask = callbackify((host: string) => addressesOf(host, rules, resolve));
  return (host, options, done) => ask(host, (error, found) => {
    if (error) done(error, []);
    else if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  });
};
