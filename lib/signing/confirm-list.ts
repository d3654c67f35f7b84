/** Which clients wait for a signer's word, and who gave it for which (for the page that confirms several at once). */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { code2 } from "../protocol/connect.ts";
import { confirmable, confirmationsOf } from "./confirmable.ts";

/** `mine`: by a key of the actor's own, under the name of today. Times in epoch milliseconds. */
export type ConfirmLine = {
  vaultRef: string; clientId: string; name: string; contact: string; phone: string; vaultId: string; code2: string; repliedAt: number;
  state: "waits" | "renamed" | "confirmed"; confirmedAs: string | null; by: string[]; mine: boolean;
};

/** Those that wait come first. Throws Refusal `forbidden`. */
export async function listConfirmable(actor: Actor, db: Database = database()): Promise<ConfirmLine[]> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const vaults = await tx.db.vault.findMany({ where: { mspId, state: { in: ["unconfirmed", "connected"] } }, select: { vaultRef: true, client: { select: { contactPhone: true } } } });
    const phones = new Map(vaults.map(({ vaultRef, client }) => [vaultRef, client.contactPhone]));
    const refs = vaults.map(({ vaultRef }) => vaultRef);
    const [all, words] = [await confirmable(tx, refs), await confirmationsOf(tx, refs)];
    const people = await tx.db.person.findMany({ where: { mspId, personId: { in: [...new Set(words.map(({ personId }) => personId))] } }, select: { personId: true, name: true } });
    const names = new Map(people.map(({ personId, name }) => [personId, name]));
    const lines = all.map((one): ConfirmLine => {
      const current = words.filter(({ vaultRef, statement }) => vaultRef === one.vaultRef && statement.name === one.statement.name);
      const { reply, statement } = one;
      return {
        vaultRef: one.vaultRef, clientId: one.clientId, name: statement.name, contact: one.contactName, phone: phones.get(one.vaultRef) ?? "", vaultId: reply.vault_id,
        code2: code2({ key: reply.public_key, request: reply.request, vault: reply.vault_id }), repliedAt: one.repliedAt.getTime(), confirmedAs: one.confirmedAs,
        state: current.length > 0 ? "confirmed" : one.confirmedAs === null ? "waits" : "renamed", by: [...new Set(current.map(({ personId }) => names.get(personId) ?? ""))], mine: current.some(({ personId }) => personId === actor.id),
      };
    });
    return lines.toSorted((a, b) => Number(a.state === "confirmed") - Number(b.state === "confirmed"));
  }, db);
}
