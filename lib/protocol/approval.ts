// One tap over a plan (PROTOCOL 6): its shares, the tree over them, and the header that each vault gets. The signing page builds
// it from what it shows; the server builds it again from what it keeps, before anything leaves.
import { b64u, type Bytes } from "./bytes.ts";
import { COSIGN_SECONDS, formatDatedChallenge, STANDING_SECONDS } from "./challenge.ts";
import { jcsBytes } from "./jcs.ts";
import type { Assertion, Cosign, Enrol, Op } from "./messages.ts";
import { leafData } from "./op.ts";
import { operationsOf, type Plan } from "./plan.ts";
import { buildTree, leafHash, type Tree } from "./tree.ts";

/** One leaf: operations of one vault under one challenge. `vault` counts in the plan's list. */
export interface Share {
  vault: number;
  kind: "fresh" | "standing";
  challenge: string;
  ops: readonly Op[];
}

/** The challenge of every standing share of one tap: thirty days from `issuedAt` (Unix seconds). */
export const standingChallenge = (issuedAt: number): string => formatDatedChallenge({ kind: "standing", issuedAt, notAfter: issuedAt + STANDING_SECONDS });

/**
 * The shares of a tap, vault by vault, the fresh one first. `challenges`: one per vault of the plan; null where the vault gave
 * none and its operations wait. `left`: vaults (by place) that this tap leaves out. Revokes stand wherever they occur.
 */
export function sharesOf(plan: Plan, challenges: readonly (string | null)[], issuedAt: number, left: ReadonlySet<number> = new Set()): Share[] {
  if (challenges.length !== plan.vaults.length) throw new RangeError("one challenge, or null, per vault");
  const dated = standingChallenge(issuedAt);
  return plan.vaults.flatMap((vault, i) => {
    if (left.has(i)) return [];
    const { fresh, standing } = operationsOf(vault, plan);
    const challenge = challenges[i] ?? null;
    const shares: Share[] = [];
    if (challenge !== null) shares.push({ vault: i, kind: "fresh", challenge, ops: fresh });
    if (standing.length > 0) shares.push({ vault: i, kind: "standing", challenge: dated, ops: standing });
    return shares;
  });
}

/** The challenge under which a second person signs the same operations: an hour from `issuedAt` (Unix seconds). */
export const cosignChallenge = (issuedAt: number): string => formatDatedChallenge({ kind: "cosign", issuedAt, notAfter: issuedAt + COSIGN_SECONDS });

/**
 * What a second person signs (PROTOCOL 6, Cosign): for each vault at `places` the same leaves as those of the first, fresh and
 * standing, under their own dated challenge. Needs no answer of a vault, since the first person's shares bring those.
 */
export function cosignShares(plan: Plan, places: ReadonlySet<number>, issuedAt: number): Share[] {
  const challenge = cosignChallenge(issuedAt);
  return sharesOf(plan, plan.vaults.map(() => challenge), issuedAt, new Set(plan.vaults.flatMap((_, i) => (places.has(i) ? [] : [i])))).map((share) => ({ ...share, challenge }));
}

/** The second person's part of a share's header. */
export const cosignOf = (credentialId: string, { authenticator_data, client_data_json, signature }: Enrol, { challenge }: Share, proof: Assertion["proof"]): Cosign => ({ credential_id: credentialId, authenticator_data, client_data_json, signature, challenge, proof });

/** The tree over shares. `seed` 32 random bytes, `order` from drawOrder. Throws a RangeError without any share. */
export function approvalTree(plan: Plan, shares: readonly Share[], { seed, order }: { seed: Uint8Array; order: readonly number[] }): Tree {
  const leaves = shares.map(({ vault: i, challenge, ops }) => {
    const { agent, key, vault } = plan.vaults[i]!;
    return leafHash(leafData({ agent, challenge, key, ops, vault }));
  });
  return buildTree({ shares: leaves, seed, order });
}

/** The header `Clavitor-Assertion` of one share: base64url of JCS. */
export function assertionHeader(credentialId: string, { authenticator_data, client_data_json, signature }: Enrol, share: Share, proof: Assertion["proof"], cosign?: Cosign): string {
  return b64u(jcsBytes({ v: 1, credential_id: credentialId, authenticator_data, client_data_json, signature, challenge: share.challenge, proof, ...(cosign && { cosign }) }));
}

/** The body of `/batch` over a share: its exact bytes. */
export function batchBody({ ops }: Pick<Share, "ops">): Bytes {
  return jcsBytes({ operations: ops });
}
