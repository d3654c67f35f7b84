/** How a client's admin comes by their vault: registers it, or finds it again by the same key (PROTOCOL 13). */
import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { b64u, fromB64u, utf8, type Bytes } from "../../lib/protocol/bytes.ts";
import { ceremonyChallenge } from "../../lib/protocol/challenge.ts";
import { base64url, integer, object, run, string } from "../../lib/protocol/check.ts";
import { checkVaultInfo } from "../../lib/protocol/answers.ts";
import { newToken, tokenHash } from "../../lib/protocol/token.ts";
import { derive, type Seed } from "../keys/derive.ts";
import type { SoftwareKey } from "../keys/software-key.ts";
import { Owner, operation } from "./owner.ts";
import { exchange, Refused, refusal, type Access } from "./wire.ts";

const checkBegun = object({ challenge: base64url(32), rp_id: string }, { user_id: string });
const checkMade = object({ vault_id: base64url(4), url: string, agent_id: integer(1, 1), uid: base64url(16), token: string, public_key: base64url(32) });
const checkSession = object({ token: string, expires_at: integer(0) });

async function post(url: string, body: object): Promise<unknown> {
  const answer = await exchange(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const value: unknown = JSON.parse(answer.body.toString("utf8"));
  if (answer.status !== 200 && answer.status !== 201) throw refusal(answer.status, value);
  return value;
}

/** The key of a client's L3 fields: it lives with the admin's device, the vault only ever holds it wrapped. */
export function l3Key(seed: Seed, clientId: string): Bytes {
  return derive(seed, `l3/${clientId}`);
}

/** `iv(12) || AES-256-GCM(32) || tag(16)` under HKDF of the device's PRF output: 60 bytes for the vault to keep. */
function wrapL3(key: SoftwareKey, l3: Uint8Array): string {
  const wrapping = new Uint8Array(hkdfSync("sha256", key.prf(utf8("clavitor-l3")), new Uint8Array(0), "clavitor-demo/l3-wrap", 32));
  return b64u(encrypt(wrapping, l3, key.credentialId));
}

/** AES-256-GCM with a fresh IV, bound to `context`. */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Bytes {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(utf8(context));
  return new Uint8Array(Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** A new vault named `name` whose owner is this key. */
export async function register(origin: string, { name, key, l3 }: { name: string; key: SoftwareKey; l3: Uint8Array }): Promise<Access> {
  const begun = await post(`${origin}/register/begin`, {});
  run(checkBegun, begun, "");
  const made = await post(`${origin}/register`, { registration: key.registrationJson(fromB64u(begun.challenge, 32)), p0: key.p0, wrapped_l3: wrapL3(key, l3), name });
  run(checkMade, made, "");
  return { url: made.url, vaultId: made.vault_id, key: made.public_key, agentId: made.agent_id, uid: made.uid, token: made.token };
}

/** How long a vault may offer one and the same challenge: it draws one per second. Milliseconds. */
const SAME_CHALLENGE_MS = 3_000;
const ASK_AGAIN_MS = 100;

async function signInOver(url: string, key: SoftwareKey, challenge: string): Promise<string> {
  const session = await post(`${url}/session`, { assertion: key.assertionJson(ceremonyChallenge("signin", fromB64u(challenge, 32))) });
  run(checkSession, session, "");
  return session.token;
}

async function offeredBy(url: string): Promise<string> {
  const begun = await post(`${url}/session/begin`, {});
  run(checkBegun, begun, "");
  return begun.challenge;
}

/** A session of the owner. A key may sign in once per second there; a second sign-in waits for the next challenge. */
async function signIn(url: string, key: SoftwareKey): Promise<string> {
  const first = await offeredBy(url);
  try {
    return await signInOver(url, key, first);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "challenge_unknown") throw error;
  }
  const end = performance.now() + SAME_CHALLENGE_MS;
  let challenge = await offeredBy(url);
  while (challenge === first && performance.now() < end) {
    await pause(ASK_AGAIN_MS);
    challenge = await offeredBy(url);
  }
  return signInOver(url, key, challenge);
}

/**
 * The vault that this key already owns at its own address, with a new token for its owner; null when there is none. The way
 * back when a start was cut off after the vault was made and before its token was written down. The vault's public key is
 * taken from its own unsigned word here: this admin has never spoken to it before.
 */
export async function findAgain(origin: string, key: SoftwareKey): Promise<Access | null> {
  const url = `${origin}/${key.p0}`;
  let session: string;
  try {
    session = await signIn(url, key);
  } catch (error) {
    if (error instanceof Refused && (error.code === "not_found" || error.code === "credential_unknown")) return null;
    throw error;
  }
  const first = await exchange(`${url}/vault`, { method: "GET", headers: { Authorization: `Bearer ${session}` } });
  const info: unknown = JSON.parse(first.body.toString("utf8"));
  run(checkVaultInfo, info, "");
  const access: Access = { url, vaultId: info.vault_id, key: info.public_key, agentId: 1, uid: "", token: session };
  const owner = new Owner(access, key);
  const row = (await owner.agents()).find(({ id }) => id === 1);
  if (row === undefined) throw new Error(`the vault ${info.vault_id} has no owner row`);
  const token = newToken();
  await owner.change([operation("POST", "/agent/1/token", { token_hash: tokenHash(token) }, { uid: row.uid })]);
  return { ...access, uid: row.uid, token };
}
