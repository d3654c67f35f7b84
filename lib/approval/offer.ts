/** What the signing page is told about a plan. It checks every member strictly (signing/offer.ts), and believes none of it unproven. */
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { statementOf } from "../inbox/waiting.ts";
import { loadPlan } from "../plan/load.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import type { ClientList, Endorsement, Enrol, InboxStatement } from "../protocol/messages.ts";
import type { Plan } from "../protocol/plan.ts";
import { confirmationsOf } from "../signing/confirmable.ts";
import { shownName, transportsShape, type Common } from "../signing/offer.ts";
import type { Window } from "../signing/window.ts";
import { offerable, type Part } from "./signable.ts";

export type OfferedSigner = { id: string; label: string; transports: string[]; public_key: string };
export type OfferedEndorsement = { credential_id: string; endorsement: Endorsement; assertion: Enrol; endorsed_at: number };
export type ApproveOffer = Common & {
  kind: "approve"; part: Part; first: { person: string; label: string } | null; digest: string; plan: Plan; /** Places that this tap leaves out: they are done or on their way. */ left: number[];
  signers: OfferedSigner[];
  /** By these signers: which keys are these clients'. */
  confirmations: { credential_id: string; confirmation: ClientList; assertion: Enrol }[];
  /** Per place in the plan's `people`. */
  inboxes: { statement: InboxStatement; endorsements: number[] }[];
  endorsements: OfferedEndorsement[];
};

/** Statement and endorsements (by signers that count) of everybody to whom this plan seals. */
export async function inboxesOf({ db, actor: { mspId } }: Read, plan: Plan): Promise<{ inboxes: ApproveOffer["inboxes"]; endorsements: OfferedEndorsement[] }> {
  const rows = await db.inboxKey.findMany({
    where: { mspId, statementHash: { in: plan.people.map(({ statement }) => fromB64u(statement)) }, replacedAt: null, differsAt: null, person: { frozenAt: null } },
    include: { endorsed: { where: { endorsement: { signingKey: { removedAt: null } } }, include: { endorsement: true } } },
  });
  const places = new Map<string, number>();
  const endorsements: OfferedEndorsement[] = [];
  const inboxes = plan.people.map(({ name, statement: hash }) => {
    const row = rows.find(({ statementHash }) => b64u(statementHash) === hash);
    if (row === undefined) throw new Refusal("plan_stale", { detail: `The inbox key of ${name} is no longer the one in the plan. Nothing was signed.` });
    const named = row.endorsed.map(({ endorsement: { endorsementId, credentialId, endorsement, assertion, endorsedAt } }) => {
      const known = places.get(endorsementId);
      if (known !== undefined) return known;
      places.set(endorsementId, endorsements.length);
      return endorsements.push({ credential_id: b64u(credentialId), endorsement: endorsement as unknown as Endorsement, assertion: assertion as unknown as Enrol, endorsed_at: Math.floor(endorsedAt.getTime() / 1_000) }) - 1;
    });
    return { statement: statementOf(row.statement), endorsements: named };
  });
  return { inboxes, endorsements };
}

/** Throws Refusal `plan_over`, `plan_stale`, `plan_damaged`, `signing_key_needed`, `cosign_*`. */
export async function approveOffer(tx: Read, { ticket, actor }: Window, common: Common, now: Date): Promise<ApproveOffer> {
  const { mspId } = actor;
  if (ticket.planId === null) throw new Refusal("plan_over");
  const loaded = await loadPlan(tx, ticket.planId);
  const { plan, row, refs } = loaded;
  const part: Part = ticket.kind === "cosign" ? "cosign" : "release";
  const { open, first } = await offerable(tx, loaded, part, now);
  const keys = await tx.db.signingKey.findMany({ where: { mspId, personId: actor.id, removedAt: null }, orderBy: { createdAt: "asc" }, take: 100 });
  if (keys.length === 0) throw new Refusal("signing_key_needed");
  const own = new Set(keys.map(({ credentialId }) => b64u(credentialId)));
  const confirmed = await confirmationsOf(tx, refs);
  const lists = new Map(confirmed.filter(({ credentialId }) => own.has(b64u(credentialId))).map(({ credentialId, list, assertion }) => [`${b64u(credentialId)} ${JSON.stringify(assertion)}`, { credential_id: b64u(credentialId), confirmation: list, assertion }]));
  return {
    ...common, kind: "approve", part, first: first === null ? null : { person: shownName(first.person), label: shownName(first.label) }, digest: b64u(row.digest), plan, left: plan.vaults.flatMap((_, place) => (open.has(place) ? [] : [place])),
    signers: keys.map(({ credentialId, label, transports, publicKey }) => ({ id: b64u(credentialId), label: shownName(label), transports: transportsShape.parse(transports), public_key: b64u(publicKey) })),
    confirmations: [...lists.values()], ...(await inboxesOf(tx, plan)),
  };
}
