/** People with real signing keys, a client's real vault and its owner's real tap: what tests of connecting need. */
import { randomBytes } from "node:crypto";
import type { TestDatabase } from "../../../tests/database.ts";
import { op } from "../../../vault/testing/client.ts";
import { registerVault, startWorld, type OwnedVault, type World } from "../../../vault/testing/world.ts";
import { personActor, type Actor } from "../../identity/actor.ts";
import { fromB64u } from "../../protocol/bytes.ts";
import { enrolChallenge, parseConnectFragment } from "../../protocol/connect.ts";
import type { Connect, ConnectRequest, Grant, NamedRole, SignedConnectReply } from "../../protocol/messages.ts";
import { createDevice, type Device } from "../../protocol/testing/authenticator.ts";

export const CONSOLE = "http://localhost:3999";
export const SIGN = "http://sign.localhost:3999";
export const CHROME = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
export const visitor = { userAgent: CHROME, address: "127.0.0.1", requestId: "r1" };

export async function person(t: TestDatabase, mspId: string, name: string, rights: string[]): Promise<Actor> {
  const [personId, sessionId] = [crypto.randomUUID(), crypto.randomUUID()];
  await t.asAdmin(async (admin) => {
    await admin.query("insert into person (msp_id, person_id, name, email, rights) values ($1, $2, $3, $4, $5)", [mspId, personId, name, `${personId}@quillmoor.example`, rights]);
    await admin.query("insert into session (msp_id, session_id, person_id, credential_id, expires_at, agent, address) values ($1, $2, $3, '\\x00', now() + interval '12 hours', 'Chrome', '127.0.0.1')", [mspId, sessionId, personId]);
  });
  return personActor({ mspId, personId, name, rights }, sessionId);
}

/** A signing key as enrolment leaves it, its proof included. */
export async function signingKey(t: TestDatabase, actor: Actor, label = "Desk"): Promise<Device> {
  const device = await createDevice({ origin: SIGN });
  const enrol = await device.sign(enrolChallenge({ credential_id: device.credentialId, msp: CONSOLE, public_key: device.publicKey }));
  await t.asAdmin((admin) =>
    admin.query(
      "insert into signing_key (msp_id, credential_id, person_id, public_key, label, rp_id, origin, msp_origin, enrol, transports, backup_eligible, backed_up) values ($1, $2, $3, $4, $5, 'sign.localhost', $6, $7, $8, '{usb}', false, false)",
      [actor.mspId, Buffer.from(fromB64u(device.credentialId)), actor.id, Buffer.from(fromB64u(device.publicKey)), label, SIGN, CONSOLE, JSON.stringify(enrol)],
    ));
  return device;
}

export async function role(t: TestDatabase, mspId: string, name: string, letter: string, position: number): Promise<void> {
  await t.asAdmin((admin) => admin.query("insert into role (msp_id, role_id, name, letter, position) values ($1, $2, $3, $4, $5)", [mspId, crypto.randomUUID(), name, letter, position]));
}

/** The host of the clients' vaults, with owners at hand. */
export type Vaults = World & { make(name?: string): Promise<OwnedVault & { address: string }> };
export async function startVaults(): Promise<Vaults> {
  const world = await startWorld();
  return Object.assign(world, {
    make: async (name = "Acme") => {
      const owned = await registerVault(world, name);
      return { ...owned, address: `${world.origin}/${owned.owner.account.vaultId}` };
    },
  });
}

export const requestIn = (link: string): ConnectRequest => parseConnectFragment(link.split("#")[1]!);

type Answer = { grant?: Grant; roles?: readonly NamedRole[]; adopt?: Connect["adopt"]; request?: ConnectRequest };
/** The owner's tap on a link, as their vault's page makes it: the signed reply. */
export async function tapped({ owner, key }: OwnedVault, link: string, { request = requestIn(link), grant = request.want, roles = [], adopt = [] }: Answer = {}): Promise<SignedConnectReply> {
  const body: Connect = { adopt, grant, request, roles };
  const { receipt } = await owner.must([op("POST", "/connect", body)], { keys: [key] });
  return receipt.results[0]!.connect!;
}

/** A technician's row that the client made before. */
export async function rowOf({ owner, key }: OwnedVault, name: string, scopes = "0010"): Promise<{ uid: string; revision: number }> {
  const { receipt } = await owner.must([op("POST", "/agent", { name, kind: "human", scopes, all_access: false, admin: false, token_hash: randomBytes(32).toString("hex") })], { keys: [key] });
  return { uid: receipt.results[0]!.uid!, revision: receipt.revision };
}
