/** What a plan needs in a browser test: connected and confirmed clients, a technician whose key is endorsed, plans made as the matrix makes them. */
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { urls } from "../launch/database.mjs";
import { createDatabase, type Database } from "../lib/db/client.ts";
import { personActor, type Actor } from "../lib/identity/actor.ts";
import { createPlan, type MadePlan } from "../lib/plan/create.ts";
import type { WantedChange } from "../lib/plan/wanted.ts";
import { b64u, concat, fromB64u, uint32be, utf8 } from "../lib/protocol/bytes.ts";
import { endorseChallenge, endorsementOf, inboxKeyChallenge } from "../lib/protocol/inbox.ts";
import type { Enrol, InboxStatement } from "../lib/protocol/messages.ts";
import { generateSealKey } from "../lib/protocol/seal.ts";
import { createDevice } from "../lib/protocol/testing/authenticator.ts";
import { instance } from "./fixtures.ts";
import { askClient, softwareOwner, softwareTap, type Vaults } from "./onboard.ts";
import { expect, sql } from "./people.ts";
import { plugIn, signingWindow, signOrigin, type Authenticator } from "./signing.ts";

export type Keys = Awaited<ReturnType<Authenticator["keys"]>>;
export type Client = { clientId: string; vaultRef: string; name: string; owned: Awaited<ReturnType<typeof softwareOwner>> };

/** Clients whose owners are programs, connected and confirmed with one tap. */
export async function connectClients(page: Page, vaults: Vaults, keys: Keys, names: readonly string[]): Promise<Client[]> {
  const owned: Client["owned"][] = [];
  for (const name of names) {
    const one = await softwareOwner(vaults, name);
    const { status } = await softwareTap(one, await askClient(page, name, one.address));
    expect(status).toBe(200);
    owned.push(one);
  }
  await page.goto("/clients/confirm");
  const window = await signingWindow(page, () => page.getByRole("button", { name: /confirm/i }).first().click());
  await plugIn(window, { holding: keys });
  for (const name of names) await window.getByRole("checkbox", { name: `Heard it by voice: ${name}` }).check();
  await window.getByRole("button", { name: /^Confirm .* with one tap$/ }).click();
  await expect(window.getByRole("heading", { name: /confirmed$/ })).toBeVisible();
  const rows = await sql<{ client_id: string; vault_ref: string; public_key: string; name: string }>("select v.client_id, v.vault_ref, v.public_key, c.name from vault v join client c using (msp_id, client_id) where v.public_key = any($1)", [owned.map(({ owner }) => owner.account.key)]);
  return owned.map((one) => {
    const row = rows.find(({ public_key: key }) => key === one.owner.account.key)!;
    return { clientId: row.client_id, vaultRef: row.vault_ref, name: row.name, owned: one };
  });
}

const flags = 0x05;

/** A word of the very key that the virtual authenticator holds: its private half is exported for tests. */
export function assertionBy({ privateKey }: Keys[number], challenge: Uint8Array): Enrol {
  const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
  const origin = signOrigin();
  const authenticatorData = concat(createHash("sha256").update(new URL(origin).hostname).digest(), Uint8Array.of(flags), uint32be(1));
  const clientData = utf8(JSON.stringify({ type: "webauthn.get", challenge: b64u(challenge), origin, crossOrigin: false }));
  const signature = sign("sha256", concat(authenticatorData, createHash("sha256").update(clientData).digest()), key);
  return { authenticator_data: b64u(authenticatorData), client_data_json: b64u(clientData), signature: b64u(signature) };
}

const tenantOf = async (email: string) => (await sql<{ msp_id: string; person_id: string; session_id: string }>("select p.msp_id, p.person_id, s.session_id from person p join session s using (msp_id, person_id) where p.email = $1 order by s.created_at desc limit 1", [email]))[0]!;

export type Desk = { actor: Actor; db: Database; technician(name: string, key: Keys[number]): Promise<string>; plan(title: string, wanted: readonly WantedChange[]): Promise<MadePlan>; close(): Promise<void> };

/** The console's own verbs at the instance's database, as its pages call them. */
export async function deskOf(email: string): Promise<Desk> {
  const read = (name: string) => JSON.parse(readFileSync(join(instance.folder, name), "utf8")) as Record<string, string> & Record<string, number>;
  const secrets = read("secrets.json");
  const { APP_DATABASE_URL } = urls(read("ports.json").database!, secrets);
  Object.assign(process.env, { APP_ORIGIN: instance.origin, SIGN_ORIGIN: signOrigin(), APP_DATABASE_URL, SESSION_SECRET: secrets.sessionSecret, SEAL_KEYS: `k1:${secrets.sealKey}`, MAIL_FROM: "Clavitor MSP <console@clavitor.localhost>" });
  const { msp_id: mspId, person_id: personId, session_id: sessionId } = await tenantOf(email);
  const db = createDatabase(APP_DATABASE_URL, 2);
  const actor = personActor({ mspId, personId, name: "Ines Halloran", rights: ["owner"] }, sessionId);
  return {
    actor, db,
    async technician(name, key) {
      const technician = crypto.randomUUID();
      const pair = await generateSealKey("x-wing");
      const statement: InboxStatement = { kem: "x-wing", msp: instance.origin, name, not_after: Math.floor(Date.now() / 1_000) + 300 * 86_400, public_key: pair.publicKey, technician, v: 1 };
      const passkey = await createDevice({ origin: instance.origin });
      const endorsement = endorsementOf([statement]);
      const [inboxKeyId, endorsementId] = [crypto.randomUUID(), crypto.randomUUID()];
      const credential = Buffer.from(key.credentialId, "base64");
      await sql("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, '{technician}')", [mspId, technician, name, `${technician}@quillmoor.example`]);
      await sql("insert into inbox_key (msp_id, inbox_key_id, person_id, statement, statement_hash, assertion, credential_id, passkey_public_key, passkey_backup_eligible, passkey_label, not_after) values ($1, $2, $3, $4, $5, $6, $7, $8, false, 'Belt', now() + interval '300 days')",
        [mspId, inboxKeyId, technician, JSON.stringify(statement), Buffer.from(inboxKeyChallenge(statement)), JSON.stringify(await passkey.sign(inboxKeyChallenge(statement))), Buffer.from(fromB64u(passkey.credentialId)), Buffer.from(fromB64u(passkey.publicKey))]);
      await sql("insert into endorsement (msp_id, endorsement_id, credential_id, person_id, endorsement, assertion) values ($1, $2, $3, $4, $5, $6)", [mspId, endorsementId, credential, personId, JSON.stringify(endorsement), JSON.stringify(assertionBy(key, endorseChallenge(endorsement)))]);
      await sql("insert into endorsed_key (msp_id, endorsement_id, inbox_key_id) values ($1, $2, $3)", [mspId, endorsementId, inboxKeyId]);
      return technician;
    },
    plan: (title, wanted) => createPlan(actor, { title, reason: "Takes over", ticket: "QM-4471", wanted }, undefined, db),
    close: () => db.$disconnect(),
  };
}

/** Every vault of these clients was read at least once. */
export async function untilRead(clients: readonly Client[]): Promise<void> {
  await expect.poll(async () => (await sql<{ count: string }>("select count(*) from reading where vault_ref = any($1) and read_at is not null", [clients.map(({ vaultRef }) => vaultRef)]))[0]!.count, { timeout: 30_000 }).toBe(String(clients.length));
}
