import { createHash } from "node:crypto";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { isSameClient, lockClients } from "./create.ts";
import { detailWords, type ClientDetails } from "./details.ts";

const fields = Object.keys(detailWords) as (keyof ClientDetails)[];
const plain = (value: string | readonly string[]) => JSON.stringify(value);

/** What the form was drawn with, in few letters: an edit on top of somebody else's is refused, not mixed. */
export const detailsMark = (details: { readonly [K in keyof ClientDetails]: string | readonly string[] }): string =>
  createHash("sha256").update(JSON.stringify(fields.map((field) => details[field]))).digest("base64url").slice(0, 22);

type Row = { [K in keyof ClientDetails]: ClientDetails[K] | string };

/** The details as they are, with the mark that an edit of them carries. Throws Refusal `forbidden`, `not_found`. */
export async function readDetails(actor: Actor, clientId: string, db: Database = database()): Promise<{ details: Row; mark: string; state: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const row = await read(actor, (tx) => tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } } }), db);
  if (!row) throw new Refusal("not_found");
  const { name, aliases, tags, region, contactName, contactPhone, contactMail, plan, payer } = row;
  const details = { name, aliases, tags, region, contactName, contactPhone, contactMail, plan, payer };
  return { details, mark: detailsMark(details), state: row.endedAt ? "ended" : "live" };
}

/**
 * Changes what is written down about a client. Nothing of it reaches a vault, and the name that signers confirmed stays in their
 * statement until the vault is confirmed again. The record says which fields changed, and of contact data nothing more.
 * @param mark of the details that the form was drawn with. Throws Refusal `forbidden`, `not_found`, `moved_on`, `client_known`.
 */
export async function editClient(actor: Actor, { clientId, mark, details }: { clientId: string; mark: string; details: ClientDetails }, db: Database = database()): Promise<{ id: string; name: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    await lockClients(tx);
    await tx.db.$executeRaw`select 1 from client where msp_id = ${mspId}::uuid and client_id = ${clientId}::uuid for update`;
    const row = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } } });
    if (!row) throw new Refusal("not_found");
    if (detailsMark(row) !== mark) throw new Refusal("moved_on");
    const namesakes = await tx.db.client.findMany({ where: { mspId, endedAt: null, clientId: { not: clientId }, name: { equals: details.name, mode: "insensitive" } }, select: { name: true, aliases: true } });
    if (namesakes.some((known) => isSameClient(details, known))) throw new Refusal("client_known", { fields: { name: "Another client has this name. Write under Other names what tells the two apart, such as its town." } });
    const changed = fields.filter((field) => plain(row[field]) !== plain(details[field]));
    if (changed.length > 0) await tx.db.client.update({ where: { mspId_clientId: { mspId, clientId } }, data: details });
    const words = changed.map((field) => (field === "name" ? `the name (was “${row.name}”)` : `the ${detailWords[field]}`));
    await record(tx, { action: "client.edited", target: { kind: "client", id: clientId }, fields: { client: details.name, changed: words.length === 0 ? "nothing" : words.join(", ") } });
    return { id: clientId, name: details.name };
  }, db);
}
