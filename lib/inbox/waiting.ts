/** Inbox keys that wait for a signer's word, and those that have it. */
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import { checkInboxStatement, inboxFingerprint } from "../protocol/inbox.ts";
import type { Enrol, InboxStatement } from "../protocol/messages.ts";
import { systemClock, type Clock } from "../clock.ts";
import type { Database } from "../db/client.ts";
import { database } from "../db/client.ts";

/** A statement as it was signed; the column is ours, but what is signed must be read strictly. */
export function statementOf(value: unknown): InboxStatement {
  checkInboxStatement(value);
  return value;
}

export type Offerable = {
  inboxKeyId: string; personId: string; statement: InboxStatement; statementHash: Uint8Array; assertion: Enrol; madeAt: Date;
  passkeyPublicKey: Uint8Array; passkeyBackupEligible: boolean; passkeyLabel: string; replaces: boolean;
};

/** In force: not replaced, not over, of somebody who works here and still holds the passkey that stated it. */
const inForce = (now: Date) => ({ replacedAt: null, notAfter: { gt: now }, person: { frozenAt: null, rights: { hasSome: ["technician", "owner"] } } });
/** An endorsement counts as long as its signing key does: no vault takes the word of a removed one (PROTOCOL 8). */
const counting = { endorsement: { signingKey: { removedAt: null } } };

/**
 * The keys of `ids` that may be endorsed now; all of them without `ids`.
 * A key whose fingerprint was read differently is never offered again, nor one that states another name than its person
 * has today: its owner makes a new one.
 */
export async function offerable({ db, actor }: Read, ids: readonly string[] | undefined, now: Date): Promise<Offerable[]> {
  const { mspId } = actor;
  const rows = await db.inboxKey.findMany({
    where: { mspId, ...(ids && { inboxKeyId: { in: [...ids] } }), ...inForce(now), differsAt: null, endorsed: { none: counting } },
    orderBy: [{ madeAt: "asc" }, { inboxKeyId: "asc" }],
    include: { person: { select: { name: true, keptBy: true } } },
  });
  const people = [...new Set(rows.map(({ personId }) => personId))];
  // The key of a seat is stated by the passkey of whoever keeps it.
  const keepers = rows.flatMap(({ person: { keptBy } }) => keptBy ?? []);
  const [passkeys, earlier] = await Promise.all([
    db.passkey.findMany({ where: { mspId, personId: { in: [...people, ...keepers] } }, select: { credentialId: true } }),
    db.inboxKey.findMany({ where: { mspId, personId: { in: people }, replacedAt: { not: null }, endorsed: { some: counting } }, select: { personId: true } }),
  ]);
  const held = new Set(passkeys.map(({ credentialId }) => b64u(credentialId)));
  const replaced = new Set(earlier.map(({ personId }) => personId));
  return rows.filter((row) => held.has(b64u(row.credentialId)) && statementOf(row.statement).name === row.person.name).map((row) => ({ ...row, statement: statementOf(row.statement), assertion: row.assertion as unknown as Enrol, replaces: replaced.has(row.personId) }));
}

export type InboxLine = {
  id: string; name: string; fingerprint: string; key: string; madeAt: number; notAfter: number;
  /** The person's name of today, where the statement says another. */
  renamedTo: string | null;
  state: "waits" | "endorsed" | "differs" | "renamed"; endorsedBy: string | null; endorsedAt: number | null; replaces: boolean;
};

/** For signers and auditors: who waits, who is endorsed by whom. Those who wait come first. Times in epoch milliseconds. */
export async function listInboxKeys(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<InboxLine[]> {
  authorize(actor, "inbox_key.read");
  const now = clock.now();
  return read(actor, async (tx) => {
    const waiting = new Map((await offerable(tx, undefined, now)).map((key) => [key.inboxKeyId, key]));
    const rows = await tx.db.inboxKey.findMany({
      where: { mspId: actor.mspId, ...inForce(now) },
      orderBy: [{ madeAt: "desc" }, { inboxKeyId: "desc" }],
      include: { person: { select: { name: true } }, endorsed: { where: counting, include: { endorsement: { include: { person: { select: { name: true } } } } }, take: 1 } },
    });
    const lines = rows.flatMap((row): InboxLine[] => {
      const statement = statementOf(row.statement);
      const word = row.endorsed[0]?.endorsement;
      const renamedTo = row.person.name === statement.name ? null : row.person.name;
      const state = row.differsAt ? "differs" : renamedTo !== null ? "renamed" : word ? "endorsed" : "waits";
      // Its passkey was removed meanwhile: nobody can be asked to endorse it.
      if (state === "waits" && !waiting.has(row.inboxKeyId)) return [];
      return [{
        id: row.inboxKeyId, name: statement.name, fingerprint: inboxFingerprint(statement), key: row.passkeyLabel, madeAt: row.madeAt.getTime(), notAfter: row.notAfter.getTime(),
        renamedTo, state, endorsedBy: word?.person.name ?? null, endorsedAt: word?.endorsedAt.getTime() ?? null, replaces: waiting.get(row.inboxKeyId)?.replaces ?? false,
      }];
    });
    const order = { waits: 0, differs: 1, renamed: 2, endorsed: 3 } as const;
    return lines.toSorted((a, b) => order[a.state] - order[b.state]);
  }, db);
}
