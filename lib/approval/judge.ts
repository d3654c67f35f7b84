/**
 * The tap judged again, before anything leaves: shares, tree and challenge are made anew from the kept plan, never taken from the
 * page. A ladder of straight-line guards, one refusal each. Pure but for the signature checks.
 */
import type { SigningKey } from "#prisma/generated/client.ts";
import { refuseCeremony } from "../protocol/assertion.ts";
import { approvalTree, cosignShares, sharesOf, type Share } from "../protocol/approval.ts";
import { fromB64u, tryB64u } from "../protocol/bytes.ts";
import { parseVaultChallenge } from "../protocol/challenge.ts";
import { refuseConfirmation, confirms } from "../protocol/clients.ts";
import { endorses, isCurrent, refuseEndorsement, refuseSealTo } from "../protocol/inbox.ts";
import type { Enrol } from "../protocol/messages.ts";
import type { Plan } from "../protocol/plan.ts";
import { isTreeSize, treeSize, type Tree } from "../protocol/tree.ts";
import { tapFailure } from "../identity/tap.ts";
import type { FailureCode } from "../errors.ts";
import type { Confirmed } from "../signing/confirmable.ts";
import type { ApproveOffer } from "./offer.ts";
import type { Part } from "./signable.ts";

export type Tapped = { challenges: readonly (string | null)[]; left: readonly number[]; issuedAt: number; seed: string; places: readonly number[]; assertion: Enrol };
export type Kept = { plan: Plan; open: ReadonlySet<number>; key: SigningKey; confirmed: readonly (Confirmed & { place: number })[]; inboxes: Pick<ApproveOffer, "inboxes" | "endorsements">; signers: readonly SigningKey[]; now: Date };
export type Judged = { shares: Share[]; tree: Tree; left: ReadonlySet<number> };

const device = (key: SigningKey) => ({ origin: key.origin, rpId: key.rpId, backupEligible: key.backupEligible, hardwareBound: false, publicKey: key.publicKey });

/** Shares and tree as the page must have made them, or why they cannot be. */
function rebuild({ plan, open, now }: Kept, { challenges, left: leftPlaces, issuedAt, seed, places }: Tapped, part: Part): Judged | FailureCode {
  const left = new Set(leftPlaces);
  if (challenges.length !== (part === "cosign" ? 0 : plan.vaults.length)) return "tap_for_another";
  // What is not open must be left out: it is done, or on its way.
  if (plan.vaults.some((_, place) => !open.has(place) && !left.has(place))) return "moved_on";
  if (challenges.some((challenge, place) => challenge !== null && (left.has(place) || parseVaultChallenge(challenge) === null))) return "tap_for_another";
  if (Math.abs(issuedAt * 1_000 - now.getTime()) > 300_000) return "tap_too_late";
  const bytes = tryB64u(seed, 32);
  const shares = part === "cosign" ? cosignShares(plan, new Set([...open].filter((place) => !left.has(place))), issuedAt) : sharesOf(plan, challenges, issuedAt, left);
  if (shares.length === 0) return "vaults_silent";
  if (bytes === null || places.length !== shares.length || !isTreeSize(treeSize(shares.length))) return "tap_for_another";
  try {
    return { shares, tree: approvalTree(plan, shares, { seed: bytes, order: places }), left };
  } catch (error) {
    if (error instanceof RangeError) return "tap_for_another";
    throw error;
  }
}

async function refuseClients({ plan, confirmed, key }: Kept, places: ReadonlySet<number>): Promise<FailureCode | null> {
  const verified = new Map<string, boolean>();
  for (const place of places) {
    const { key: vaultKey, name, vault } = plan.vaults[place]!;
    const mine = confirmed.find((one) => one.place === place && Buffer.from(one.credentialId).equals(key.credentialId) && one.statement.key === vaultKey && one.statement.name === name && one.statement.vault === vault);
    if (mine === undefined || !confirms(mine.list, mine.statement)) return "clients_unconfirmed";
    const list = JSON.stringify(mine.assertion);
    if (!verified.has(list)) verified.set(list, (await refuseConfirmation(mine.list, mine.assertion, device(key))) === null);
    if (verified.get(list) !== true) return "clients_unconfirmed";
  }
  return null;
}

async function refusePeople({ plan, inboxes: { inboxes, endorsements }, signers, now }: Kept): Promise<FailureCode | null> {
  const seconds = Math.floor(now.getTime() / 1_000);
  for (const [i, person] of plan.people.entries()) {
    const { statement, endorsements: named } = inboxes[i]!;
    if (refuseSealTo(person.seal_to, statement, { name: person.name, msp: plan.msp, now: seconds }) !== null || !isCurrent(statement, seconds)) return "plan_stale";
    let stands = false;
    for (const at of named) {
      const { credential_id, endorsement, assertion } = endorsements[at]!;
      const signer = signers.find(({ credentialId }) => Buffer.from(credentialId).equals(fromB64u(credential_id)));
      stands ||= signer !== undefined && endorses(endorsement, statement) && (await refuseEndorsement(endorsement, assertion, device(signer))) === null;
    }
    if (!stands) return "plan_stale";
  }
  return null;
}

/** The whole ladder. A code is a refusal of the closed list; nothing of a refused tap is kept but that it was refused. */
export async function judgeTap(kept: Kept, tapped: Tapped, part: Part = "release"): Promise<Judged | FailureCode> {
  const built = rebuild(kept, tapped, part);
  if (typeof built === "string") return built;
  const refusal = await refuseCeremony(tapped.assertion, { ...device(kept.key), challenge: built.tree.challenge });
  if (refusal !== null) return tapFailure(refusal);
  return (await refuseClients(kept, new Set(built.shares.map(({ vault }) => vault)))) ?? (await refusePeople(kept)) ?? built;
}
