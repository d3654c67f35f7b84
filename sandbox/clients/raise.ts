/** Brings the vaults of the cast into being, and finds them again. Every step may be cut off and is taken up where it stopped. */
import { tokenHash } from "../../lib/protocol/token.ts";
import { b64u } from "../../lib/protocol/bytes.ts";
import type { Op } from "../../lib/protocol/messages.ts";
import type { Client } from "../cast/clients.ts";
import { CEILINGS } from "../cast/plans.ts";
import { rowsOf } from "../cast/rows.ts";
import { derive, type Seed } from "../keys/derive.ts";
import { SoftwareKey } from "../keys/software-key.ts";
import { entriesOf } from "./entries.ts";
import { paidUntil, writeCeilings } from "./hosting.ts";
import { operation, Owner } from "./owner.ts";
import { findAgain, l3Key, register } from "./register.ts";
import type { Memory } from "./state.ts";

export interface Ground {
  seed: Seed;
  /** Where the vault host is opened in a browser; part of the admins' keys. */
  origin: string;
  /** The vault host's folder, where the hosting side writes ceilings. */
  folder: string;
  memory: Memory;
  /** Unix seconds. */
  now: () => number;
}

/** The hardware key of a client's admin. */
export function adminKey(seed: Seed, origin: string, client: Client): SoftwareKey {
  return new SoftwareKey(seed, { holder: `client/${client.id}`, origin });
}

/**
 * The token that a client gave a technician before the MSP was connected: known to the client, so it comes from the seed, and
 * the technician's program can use it without anybody storing it.
 */
export function handedToken(seed: Seed, client: string, technician: string): string {
  return `cvt_${b64u(derive(seed, `handed/${client}/${technician}`))}`;
}

function fillings(seed: Seed, client: Client): Op[] {
  const entries = entriesOf(client, l3Key(seed, client.id)).map((entry) => operation("POST", "/entry", entry));
  const rows = rowsOf(client).map(({ technician, name, kind, scopes, all_access }) =>
    operation("POST", "/agent", { name, kind, scopes, all_access, admin: false, ...(technician === null ? {} : { token_hash: tokenHash(handedToken(seed, client.id, technician)) }) }),
  );
  return [...entries, ...rows];
}

/**
 * A client's vault: registered, with its plan's ceilings, filled. Resolves to the admin's hand on it once all of that is so.
 * Throws when the vault is not the one remembered (another key, gone from the host): it is then another vault.
 */
export async function raise({ seed, origin, folder, memory, now }: Ground, client: Client): Promise<Owner> {
  const key = adminKey(seed, origin, client);
  const before = memory.vault(client.id);
  const access = before?.access ?? (await findAgain(origin, key)) ?? (await register(origin, { name: client.name, key, l3: l3Key(seed, client.id) }));
  const until = paidUntil(before?.paidUntil ?? null, now());
  if (until !== before?.paidUntil) writeCeilings(folder, access.vaultId, { ...CEILINGS[client.plan], email: `it@${client.id}.example`, until });
  const owner = new Owner(access, key);
  const { tokens } = (await owner.vault()).limits;
  // One batch, all or none: more than the owner's own row means that it went through and only the note of it was lost.
  if (before === undefined && tokens.used === 1) await owner.change(fillings(seed, client));
  // Written down once, at the end: whatever is cut off before is found again by the admin's key.
  if (until !== before?.paidUntil) memory.remember({ connected: null, ...before, client: client.id, access, paidUntil: until });
  return owner;
}

/** Runs `work` over all items, a few at a time, in order of the list; the first failure ends it. */
export async function each<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!);
    }),
  );
  return results;
}
