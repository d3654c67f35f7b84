import type { InboxCopy } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { b64u } from "../protocol/bytes.ts";
import { inboxFingerprint } from "../protocol/inbox.ts";
import type { InboxStatement } from "../protocol/messages.ts";
import { statementOf } from "./waiting.ts";

/** The technician's own key. Times in epoch milliseconds; ids and copies b64u. */
export type MyInboxKey = {
  id: string; statement: InboxStatement; fingerprint: string; passkey: string; madeAt: number; notAfter: number; differsAt: number | null;
  endorsedBy: string | null; endorsedAt: number | null;
  copies: StoredCopy[];
  /** The person's name of today, where the statement still says another: no vault takes it for a new token any more. */
  renamedTo: string | null;
};
/** A copy as it is kept; the page judges it (copies.ts). */
export type StoredCopy = { credential_id?: string; derivation: string; memory_kib?: number; passes?: number; lanes?: number; salt?: string; wrapped: string };

const copyOf = ({ credentialId, derivation, wrapped, memoryKib, passes, lanes, salt }: InboxCopy): StoredCopy => ({
  derivation, wrapped: b64u(wrapped), ...(credentialId.length > 0 && { credential_id: b64u(credentialId) }),
  ...(memoryKib !== null && { memory_kib: memoryKib }), ...(passes !== null && { passes }), ...(lanes !== null && { lanes }), ...(salt && { salt: b64u(salt) }),
});
export type MyInbox = { key: MyInboxKey | null; passkeys: { credential_id: string; label: string; transports: string[] }[] };

/** What "My inbox key" shows. A key that is over its end is shown as it is: tokens sealed to it can still be opened. */
export async function myInbox(actor: Actor, db: Database = database()): Promise<MyInbox> {
  authorize(actor, "inbox_key.own");
  const { mspId, id: personId } = actor;
  return read(actor, async (tx) => {
    const [row, passkeys] = await Promise.all([
      tx.db.inboxKey.findFirst({
        where: { mspId, personId, replacedAt: null },
        include: { copies: true, endorsed: { where: { endorsement: { signingKey: { removedAt: null } } }, include: { endorsement: { include: { person: { select: { name: true } } } } }, take: 1 } },
      }),
      tx.db.passkey.findMany({ where: { mspId, personId }, orderBy: { createdAt: "asc" } }),
    ]);
    const own = passkeys.map(({ credentialId, label, transports }) => ({ credential_id: b64u(credentialId), label, transports }));
    if (!row) return { key: null, passkeys: own };
    const statement = statementOf(row.statement);
    const word = row.endorsed[0]?.endorsement;
    return {
      passkeys: own,
      key: {
        id: row.inboxKeyId, statement, fingerprint: inboxFingerprint(statement), passkey: row.passkeyLabel, madeAt: row.madeAt.getTime(), notAfter: row.notAfter.getTime(),
        differsAt: row.differsAt?.getTime() ?? null, endorsedBy: word?.person.name ?? null, endorsedAt: word?.endorsedAt.getTime() ?? null,
        copies: row.copies.map(copyOf), renamedTo: statement.name === actor.name ? null : actor.name,
      },
    };
  }, db);
}
