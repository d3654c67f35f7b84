/** The first of two signatures over a plan: judged like a tap that releases, kept for an hour, and nothing leaves by it. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize } from "../identity/actor.ts";
import type { LoadedPlan } from "../plan/load.ts";
import { fromB64u, hex } from "../protocol/bytes.ts";
import { COSIGN_SECONDS } from "../protocol/challenge.ts";
import { record } from "../record/record.ts";
import { endWindow, windowBySecret, type Visitor, type Window } from "../signing/window.ts";
import { judgeTap, type Judged, type Kept } from "./judge.ts";
import { signable } from "./signable.ts";
import { loadKept, releaseShape } from "./release.ts";

export const cosignShape = releaseShape.extend({ challenges: z.array(z.never()).length(0) });
type Given = z.output<typeof cosignShape>;
type Ready = { loaded: LoadedPlan; judged: Judged; key: Kept["key"] };

/**
 * Judges and keeps a first signature. One submission per window, whatever comes of it. Throws Refusal `signing_over`,
 * `signing_session_over`, `forbidden`, `tap_*`, `signing_key_strange`, `clients_unconfirmed`, `plan_*`, `moved_on`.
 */
export async function cosignApproval(given: Given, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<{ cosignatureId: string; vaults: number }> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, "cosign", now, visitor, db);
  authorize(window.actor, "plan.release");
  const judged = await judgeSubmission(window, given, now, db);
  const outcome = await write(window.actor, (tx) => keep(tx, window, given, judged, clock.now()), db);
  if (typeof outcome === "string") throw new Refusal(outcome);
  return outcome;
}

async function judgeSubmission(window: Window, given: Given, now: Date, db: Database): Promise<Ready | FailureCode> {
  const { planId } = window.ticket;
  if (planId === null) return "plan_over";
  try {
    const found = await read(window.actor, (tx) => loadKept(tx, planId, given, now, "cosign"), db);
    if (typeof found === "string") return found;
    const { loaded, ...kept } = found;
    const judged = await judgeTap({ ...kept, plan: loaded.plan, now }, { challenges: [], left: given.left, issuedAt: given.issued_at, seed: given.seed, places: given.places, assertion: given.assertion }, "cosign");
    return typeof judged === "string" ? judged : { loaded, judged, key: kept.key };
  } catch (error) {
    if (error instanceof Refusal && error.failure.status < 500) return error.failure.code;
    throw error;
  }
}

async function keep(tx: Write, window: Window, given: Given, ready: Ready | FailureCode, now: Date): Promise<{ cosignatureId: string; vaults: number } | FailureCode> {
  const { mspId, id: personId } = tx.actor;
  const title = typeof ready === "string" ? "" : ready.loaded.row.title;
  const refuse = async (code: FailureCode) => {
    const { title: reason } = new Refusal(code).failure;
    await endWindow(tx, window, { outcome: "refused", words: reason }, now);
    await record(tx, { action: "plan.tap_refused", target: { kind: "plan", id: window.ticket.planId ?? window.ticket.ticketId }, fields: { title, reason } });
    return code;
  };
  if (typeof ready === "string") return refuse(ready);
  const { loaded, judged: { shares, tree }, key } = ready;
  const covered = [...new Set(shares.map(({ vault }) => vault))];
  // What was released or withdrawn while the key was touched is not signed ahead any more.
  const again = await signable(tx, loaded, "cosign", now).catch((error: unknown) => {
    if (error instanceof Refusal) return error.failure.code;
    throw error;
  });
  if (typeof again === "string") return refuse(again);
  if (covered.some((place) => !again.open.has(place))) return refuse("moved_on");
  const { row } = loaded;
  const cosignatureId = uuid7(now.getTime());
  await tx.db.cosignature.create({
    data: {
      mspId, cosignatureId, planId: row.planId, personId, credentialId: key.credentialId, digest: row.digest, assertion: { ...given.assertion }, seed: fromB64u(given.seed), places: [...given.places], covered,
      webauthn: tree.challenge, issuedAt: BigInt(given.issued_at), notAfter: new Date((given.issued_at + COSIGN_SECONDS) * 1_000), signedAt: now,
    },
  });
  await tx.db.signingKey.update({ where: { mspId_credentialId: { mspId, credentialId: key.credentialId } }, data: { lastUsedAt: now } });
  await record(tx, { action: "plan.cosigned", target: { kind: "plan", id: row.planId }, fields: { title: row.title, key: key.label, digest: hex(row.digest).slice(0, 16), vaults: covered.length } });
  await endWindow(tx, window, { outcome: "done", words: `Signed first, for ${covered.length === 1 ? "1 vault" : `${covered.length} vaults`}.` }, now);
  return { cosignatureId, vaults: covered.length };
}
