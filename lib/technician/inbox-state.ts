import type { Read } from "../db/tenant.ts";
import { inboxFingerprint } from "../protocol/inbox.ts";
import { statementOf } from "../inbox/waiting.ts";
import { b64u } from "../protocol/bytes.ts";

/**
 * A person's inbox key as a grant needs it: tokens are sealed to an endorsed one only. `over`: past its end; `adrift`: the
 * passkey that stated it is gone, so nobody can endorse it. Times in epoch milliseconds.
 */
export type InboxState =
  | { readonly state: "none" }
  | { readonly state: "waits" | "differs" | "over" | "adrift"; readonly fingerprint: string; readonly madeAt: number; readonly notAfter: number }
  | { readonly state: "endorsed"; readonly fingerprint: string; readonly madeAt: number; readonly notAfter: number; readonly endorsedBy: string; readonly endorsedAt: number };

/** Of each of these people, one state. The caller has authorized the actor. An endorsement counts as long as its signing key does. */
export async function inboxStates({ db, actor: { mspId } }: Read, personIds: readonly string[], now: Date): Promise<Map<string, InboxState>> {
  const people = [...personIds];
  const keys = await db.inboxKey.findMany({
    where: { mspId, personId: { in: people }, replacedAt: null },
    include: { endorsed: { where: { endorsement: { signingKey: { removedAt: null } } }, include: { endorsement: { include: { person: { select: { name: true } } } } }, take: 1 } },
    orderBy: { madeAt: "asc" },
  });
  const held = new Set((await db.passkey.findMany({ where: { mspId, personId: { in: people } }, select: { credentialId: true } })).map(({ credentialId }) => b64u(credentialId)));
  const states = new Map<string, InboxState>(people.map((id) => [id, { state: "none" }]));
  for (const key of keys) {
    const facts = { fingerprint: inboxFingerprint(statementOf(key.statement)), madeAt: key.madeAt.getTime(), notAfter: key.notAfter.getTime() };
    const word = key.endorsed[0]?.endorsement;
    if (key.notAfter <= now) states.set(key.personId, { state: "over", ...facts });
    else if (key.differsAt) states.set(key.personId, { state: "differs", ...facts });
    else if (word) states.set(key.personId, { state: "endorsed", ...facts, endorsedBy: word.person.name, endorsedAt: word.endorsedAt.getTime() });
    else states.set(key.personId, { state: held.has(b64u(key.credentialId)) ? "waits" : "adrift", ...facts });
  }
  return states;
}
