/** A client whose reference vault is connected, as rows of a test's database: what the reply's door leaves behind (PROTOCOL 10). */
import { randomUUID } from "node:crypto";
import type { ConnectedMsp } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../../tests/database.ts";
import { write } from "../../db/tenant.ts";
import { personActor, type Actor } from "../../identity/actor.ts";
import { record } from "../../record/record.ts";
import { sealVaultToken } from "../../vault/open.ts";
import { startReading } from "../schedule.ts";

export const ownerOf = (mspId: string, personId: string, name = "Ines Halloran"): Actor => personActor({ mspId, personId, name, rights: ["owner"] });

/** A member, as a row. @returns the person's id */
export async function addPerson(t: TestDatabase, mspId: string, name: string, rights: readonly string[] = ["technician"]): Promise<string> {
  const personId = randomUUID();
  await t.asAdmin((admin) => admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, $5)", [mspId, personId, name, `${personId}@example.com`, rights]));
  return personId;
}

export type ConnectedClient = { mspId: string; clientId: string; vaultRef: string };

/**
 * @param url the vault's base URL as this console shall call it
 * @param state "connected", or "unconfirmed" as before code 2 was compared
 */
export async function addConnected(t: TestDatabase, mspId: string, { name, url, msp, state = "connected" }: { name: string; url: string; msp: Pick<ConnectedMsp, "manager" | "reply">; state?: string }): Promise<ConnectedClient> {
  const { vaultId, key, agentId, uid, token } = msp.manager.account;
  const [clientId, vaultRef] = [randomUUID(), randomUUID()];
  const sealed = Buffer.from(sealVaultToken({ mspId, vaultRef }, token));
  await t.asAdmin(async (admin) => {
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', 'team-10')", [mspId, clientId, name]);
    await admin.query(
      `insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now(), now())`,
      [mspId, vaultRef, clientId, url, state, vaultId, key, msp.reply.reply.name, agentId, uid, sealed, JSON.stringify(msp.reply.reply.grant)],
    );
  });
  const actor = ownerOf(mspId, randomUUID());
  await write(actor, async (tx) => {
    await startReading(tx, vaultRef);
    await record(tx, { action: "organisation.renamed", fields: { from: "a", to: "b" } });
  }, t.db);
  return { mspId, clientId, vaultRef };
}
