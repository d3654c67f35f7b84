/**
 * The release: one tap becomes shares on their way. Approval, one dispatch per share, the lines to the vaults and the record
 * commit together, before the first byte leaves (DESIGN, rule 3).
 */
import type { Prisma } from "#prisma/generated/client.ts";
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize } from "../identity/actor.ts";
import { assertionPartsShape } from "../identity/tap.ts";
import { limits } from "../limits.ts";
import { loadPlan, type LoadedPlan } from "../plan/load.ts";
import { approvalTree, assertionHeader, batchBody, cosignOf, cosignShares, type Share } from "../protocol/approval.ts";
import { b64u, fromB64u, hex, tryB64u } from "../protocol/bytes.ts";
import { STANDING_SECONDS } from "../protocol/challenge.ts";
import type { Cosign, Enrol } from "../protocol/messages.ts";
import type { Plan } from "../protocol/plan.ts";
import { MAX_SIZE } from "../protocol/tree.ts";
import { record } from "../record/record.ts";
import { confirmationsOf } from "../signing/confirmable.ts";
import { secretShape } from "../signing/trade.ts";
import { endWindow, windowBySecret, type Visitor, type Window } from "../signing/window.ts";
import { judgeTap, type Judged, type Kept } from "./judge.ts";
import { inboxesOf } from "./offer.ts";
import { signable, type Part, type Signable } from "./signable.ts";

const b64 = (bytes: number) => z.string().refine((text) => tryB64u(text, bytes) !== null);
const place = z.int().min(0).max(limits.planVaults - 1);

/** What the page sends after the tap. No root, no challenge of the key, no path: all of that is made again here. */
export const releaseShape = z.strictObject({
  secret: secretShape, round: z.uuid(), credential_id: z.string().regex(/^[A-Za-z0-9_-]+$/).max(1_364), digest: b64(32), assertion: assertionPartsShape,
  seed: b64(32), issued_at: z.int().min(0), challenges: z.array(b64(32).nullable()).min(1).max(limits.planVaults), left: z.array(place).max(limits.planVaults),
  places: z.array(z.int().min(0).max(MAX_SIZE - 1)).min(1).max(2 * limits.planVaults),
});
type Given = z.output<typeof releaseShape>;

export type Released = { approvalId: string; vaults: number; standing: number };

/**
 * Judges the tap and releases it. One submission per window, whatever comes of it; what was refused is recorded and shown.
 * Throws Refusal `signing_over`, `signing_session_over`, `forbidden`, `tap_*`, `signing_key_strange`, `clients_unconfirmed`,
 * `plan_over`, `plan_stale`, `plan_long`, `plan_differs`, `plan_damaged`, `moved_on`, `vaults_silent`.
 */
export async function releaseApproval(given: Given, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<Released> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, "approve", now, visitor, db);
  authorize(window.actor, "plan.release");
  const judged = await judgeSubmission(window, given, now, db);
  const outcome = await write(window.actor, (tx) => keep(tx, window, given, judged, clock.now()), db);
  if (typeof outcome === "string") throw new Refusal(outcome);
  return outcome;
}

type Ready = { loaded: LoadedPlan; judged: Judged; key: Kept["key"] };

/** Everything that can be judged before the transaction: signatures take their time, and a transaction must not wait for them. */
async function judgeSubmission(window: Window, given: Given, now: Date, db: Database): Promise<Ready | FailureCode> {
  const { planId, round, roundAt } = window.ticket;
  if (planId === null) return "plan_over";
  if (round !== given.round || roundAt === null || now.getTime() > roundAt.getTime() + limits.challengeStartMs) return "tap_too_late";
  try {
    const found = await read(window.actor, (tx) => loadKept(tx, planId, given, now, "release"), db);
    if (typeof found === "string") return found;
    const { loaded, ...kept } = found;
    const judged = await judgeTap({ ...kept, plan: loaded.plan, now }, { challenges: given.challenges, left: given.left, issuedAt: given.issued_at, seed: given.seed, places: given.places, assertion: given.assertion });
    return typeof judged === "string" ? judged : { loaded, judged, key: kept.key };
  } catch (error) {
    if (error instanceof Refusal && error.failure.status < 500) return error.failure.code;
    throw error;
  }
}

/**
 * What a tap is judged by, in one reading. Throws Refusal `plan_differs` and what signable() throws; a code where the key is none
 * of this person's.
 */
export async function loadKept(tx: Read, planId: string, given: Pick<Given, "digest" | "credential_id">, now: Date, part: Part): Promise<(Omit<Kept, "plan" | "now"> & { loaded: LoadedPlan }) | FailureCode> {
  const { mspId, id: personId } = tx.actor;
  const loaded = await loadPlan(tx, planId);
  if (!Buffer.from(loaded.row.digest).equals(fromB64u(given.digest))) throw new Refusal("plan_differs");
  const { open } = await signable(tx, loaded, part, now);
  const signers = await tx.db.signingKey.findMany({ where: { mspId, removedAt: null } });
  const credentialId = tryB64u(given.credential_id);
  const key = signers.find((one) => credentialId !== null && Buffer.from(one.credentialId).equals(credentialId));
  if (key === undefined || key.personId !== personId) return "signing_key_strange";
  const confirmed = (await confirmationsOf(tx, loaded.refs)).map((one) => ({ ...one, place: loaded.refs.indexOf(one.vaultRef) }));
  return { loaded, open, key, signers, confirmed, inboxes: await inboxesOf(tx, loaded.plan) };
}

const rankOf = ({ ops }: Share): number => (ops.some(({ method }) => method === "DELETE") ? 0 : ops.some(({ method }) => method === "PUT") ? 1 : 2);

async function keep(tx: Write, window: Window, given: Given, ready: Ready | FailureCode, now: Date): Promise<Released | FailureCode> {
  const { mspId, id: personId } = tx.actor;
  const refuse = async (code: FailureCode) => {
    const { title } = new Refusal(code).failure;
    await endWindow(tx, window, { outcome: "refused", words: title }, now);
    await record(tx, { action: "plan.tap_refused", target: { kind: "plan", id: window.ticket.planId ?? window.ticket.ticketId }, fields: { title: typeof ready === "string" ? "" : ready.loaded.row.title, reason: title } });
    return code;
  };
  if (typeof ready === "string") return refuse(ready);
  const { loaded: { plan, row, refs }, judged: { shares, tree, left }, key } = ready;
  // Two taps of one plan at once: the second waits here, and finds what the first left.
  await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`plan:${mspId}:${row.planId}`}, 0))`;
  const again = await signable(tx, ready.loaded, "release", now).catch((error: unknown) => {
    if (error instanceof Refusal) return error.failure.code;
    throw error;
  });
  if (typeof again === "string") return refuse(again);
  if (shares.some(({ vault }) => !again.open.has(vault))) return refuse("moved_on");
  const begunAt = window.ticket.roundAt;
  if (begunAt === null || now.getTime() > begunAt.getTime() + limits.challengeStartMs) return refuse("tap_too_late");

  const approvalId = uuid7(now.getTime());
  const { credentialId, label } = key;
  await tx.db.approval.create({
    data: {
      mspId, approvalId, planId: row.planId, personId, credentialId, digest: row.digest, assertion: { ...given.assertion }, seed: fromB64u(given.seed), places: [...given.places],
      webauthn: tree.challenge, issuedAt: BigInt(given.issued_at), begunAt, signedAt: now, cosignatureId: again.first?.cosignatureId ?? null,
    },
  });
  await dropSuperseded(tx, row.planId, shares.filter(({ kind }) => kind === "standing").map(({ vault }) => refs[vault]!), now);
  await dropStruck(tx, plan, shares.filter(({ kind }) => kind === "standing").map(({ vault }) => ({ place: vault, vaultRef: refs[vault]! })), row.planId, now);
  const second = cosigner(plan, again);
  const fresh = new Set(shares.filter(({ kind }) => kind === "fresh").map(({ vault }) => vault));
  const first = firstWave(shares, window.ticket.canary);
  const rows = shares.map((share, i): Prisma.DispatchCreateManyInput => ({
    // A standing share beside a fresh one stands by: the fresh one usually does the work.
    mspId, dispatchId: uuid7(now.getTime()), approvalId, planId: row.planId, vaultRef: refs[share.vault]!, kind: share.kind, rank: rankOf(share),
    body: new TextDecoder().decode(batchBody(share)), header: assertionHeader(given.credential_id, given.assertion, share, tree.proof(i), second(share)), challenge: share.challenge,
    state: share.kind === "standing" && fresh.has(share.vault) ? "held" : "waiting",
    startBefore: share.kind === "fresh" ? new Date(begunAt.getTime() + limits.challengeStartMs) : standsUntil(share, given.issued_at, again), changedAt: now,
    wave: share.kind === "fresh" && first !== null && !first.has(share.vault) ? 1 : 0,
  }));
  for (let at = 0; at < rows.length; at += 500) await tx.db.dispatch.createMany({ data: rows.slice(at, at + 500) });
  // The second wave stands in line and is woken by the first (lib/dispatch/canary.ts); else it is looked at when its minute ends.
  const waiting = rows.filter(({ state }) => state === "waiting");
  await joinLines(tx, waiting.filter(({ wave }) => wave === 1).map(({ vaultRef, rank }) => ({ vaultRef, rank })), new Date(begunAt.getTime() + limits.challengeStartMs));
  await joinLines(tx, waiting.filter(({ wave }) => wave !== 1).map(({ vaultRef, rank }) => ({ vaultRef, rank })));
  await tx.db.signingKey.update({ where: { mspId_credentialId: { mspId, credentialId } }, data: { lastUsedAt: now } });
  const standing = shares.length - fresh.size;
  const vaults = new Set(shares.map(({ vault }) => vault)).size;
  const open = plan.vaults.length - fresh.size - [...left].filter((one) => !again.open.has(one)).length;
  await record(tx, { action: "plan.released", target: { kind: "plan", id: row.planId }, fields: { title: row.title, key: label, digest: hex(row.digest).slice(0, 16), vaults, fresh: fresh.size, standing, left: open, first: again.first === null ? null : `${again.first.person}, “${again.first.label}”` } });
  await endWindow(tx, window, { outcome: "done", words: `${vaults === 1 ? "1 vault" : `${vaults} vaults`} on the way.` }, now);
  await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
  return { approvalId, vaults, standing };
}

/** Places of the vaults that go first: those with the fewest operations, where a mistake does least. Null: all go at once. */
function firstWave(shares: readonly Share[], canary: number | null): ReadonlySet<number> | null {
  const fresh = shares.filter(({ kind }) => kind === "fresh");
  if (canary === null || fresh.length <= canary) return null;
  return new Set(fresh.toSorted((a, b) => a.ops.length - b.ops.length || a.vault - b.vault).slice(0, canary).map(({ vault }) => vault));
}

/**
 * The first person's part of a share's header, where two must sign. A removal that stands carries it only where the vault asks for
 * it: there it can be delivered for an hour, elsewhere for thirty days.
 */
function cosigner(plan: Plan, { two, first }: Signable): (share: Share) => Cosign | undefined {
  if (first === null) return () => undefined;
  const shares = cosignShares(plan, new Set(first.covered), Number(first.issuedAt));
  const tree = approvalTree(plan, shares, { seed: first.seed, order: first.places });
  const credentialId = b64u(first.credentialId);
  return ({ vault, kind }) => {
    if (!(kind === "standing" ? two.granted : two.places).has(vault)) return undefined;
    const at = shares.findIndex((one) => one.vault === vault && one.kind === kind);
    return cosignOf(credentialId, first.assertion as unknown as Enrol, shares[at]!, tree.proof(at));
  };
}

const standsUntil = ({ vault }: Share, issuedAt: number, { two, first }: Signable): Date =>
  first !== null && two.granted.has(vault) ? first.notAfter : new Date((issuedAt + STANDING_SECONDS) * 1_000);

/** A standing share of an earlier tap that was never sent gives way to the one of this tap. */
async function dropSuperseded(tx: Write, planId: string, vaultRefs: readonly string[], now: Date): Promise<void> {
  const { mspId } = tx.actor;
  await tx.db.dispatch.updateMany({
    where: { mspId, planId, vaultRef: { in: [...vaultRefs] }, kind: "standing", state: { in: ["held", "waiting"] }, attempts: 0 },
    data: { state: "dropped", words: "Another tap took its place.", changedAt: now, settledAt: now },
  });
}

/** Removals that a key signed to stand which is struck by this very tap: they are signed anew in it, and the old ones would be refused. */
async function dropStruck(tx: Write, plan: Plan, standing: readonly { place: number; vaultRef: string }[], planId: string, now: Date): Promise<void> {
  for (const { place, vaultRef } of standing) {
    const struck = plan.vaults[place]!.changes.flatMap((one) => (one.change === "strike" ? [fromB64u(one.credential_id)] : []));
    if (struck.length === 0) continue;
    await tx.db.dispatch.updateMany({
      where: { mspId: tx.actor.mspId, vaultRef, planId: { not: planId }, kind: "standing", state: "waiting", attempts: 0, approval: { credentialId: { in: struck } } },
      data: { state: "dropped", words: "Signed anew with another key, since the one it rested on is struck.", changedAt: now, settledAt: now },
    });
  }
}

/** Puts vaults in line, at once: a line that pauses after failures is woken, since a person just decided something. */
export async function joinLines(tx: Write, lines: readonly { vaultRef: string; rank: number }[], at: Date | null = null): Promise<void> {
  const { mspId } = tx.actor;
  const refs = lines.map(({ vaultRef }) => vaultRef);
  const ranks = lines.map(({ rank }) => rank);
  await tx.db.$executeRaw`insert into vault_line (msp_id, vault_ref, rank, next_at)
    select ${mspId}::uuid, given.ref, min(given.rank), coalesce(${at}::timestamptz, now()) from unnest(${refs}::uuid[], ${ranks}::smallint[]) as given(ref, rank) group by given.ref
    on conflict (msp_id, vault_ref) do update set rank = excluded.rank, next_at = least(vault_line.next_at, excluded.next_at), failures = 0, words = null`;
}
