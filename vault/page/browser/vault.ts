// The page's side of the wire: sign in, read, and approve one operation with the owner's key.
import { b64u, concat, fromB64u, randomBytes, utf8, type Bytes } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { jcs, jcsBytes } from "#lib/protocol/jcs.ts";
import type { AgentPage, AgentRow, AuditEvent, AuditPage, AuthBegin, CredentialList, EntryPage, EntrySummary, Op, SignedReceipt, VaultInfo } from "#lib/protocol/messages.ts";
import { leafData } from "#lib/protocol/op.ts";
import { buildTree, drawOrder, leafHash } from "#lib/protocol/tree.ts";
import { sha256 } from "#lib/protocol/hash.ts";
import { refusal } from "./words.ts";

export class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(refusal(code));
    this.code = code;
  }
}

async function call(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, credentials: "omit", redirect: "error", cache: "no-store" });
  } catch {
    throw new Error("The vault cannot be reached. Check your connection and try again.");
  }
  const value: unknown = await response.json();
  if (!response.ok) throw new Refusal(String((value as { code?: unknown }).code));
  return value;
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  return call(url, { method: "POST", body: jcs(body), headers: { "Content-Type": "application/json", ...headers } });
}

/** An assertion by one of the devices; null in `allow` lets the browser offer what it has for this host. */
async function tap(challenge: Bytes, rpId: string, allow: readonly string[] | null): Promise<PublicKeyCredential> {
  const found = await navigator.credentials
    .get({
      publicKey: {
        challenge,
        rpId,
        userVerification: "required",
        timeout: 55_000,
        allowCredentials: (allow ?? []).map((id) => ({ type: "public-key", id: fromB64u(id) })),
      },
    })
    .catch(() => null);
  if (!(found instanceof PublicKeyCredential)) throw new Error("The security key was not used. Try again when you are ready.");
  return found;
}

function bytesOf(buffer: ArrayBuffer): string {
  return b64u(new Uint8Array(buffer));
}

function assertionOf(credential: PublicKeyCredential): { credential_id: string; authenticator_data: string; client_data_json: string; signature: string } {
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credential_id: bytesOf(credential.rawId),
    authenticator_data: bytesOf(response.authenticatorData),
    client_data_json: bytesOf(response.clientDataJSON),
    signature: bytesOf(response.signature),
  };
}

/** An owner's session with this vault. The token lives in this object and nowhere else. */
export class Session {
  readonly #base: string;
  readonly #token: string;
  readonly #rpId: string;
  /** The device that opened the session: its row is the one that acts. */
  readonly #credentialId: string;

  private constructor({ base, token, rpId, credentialId }: { base: string; token: string; rpId: string; credentialId: string }) {
    this.#base = base;
    this.#token = token;
    this.#rpId = rpId;
    this.#credentialId = credentialId;
  }

  /** Signs in with a device of an owner. `base`: the vault's address. */
  static async open(base: string): Promise<Session> {
    const begun = (await post(`${base}/session/begin`, {})) as { challenge: string; rp_id: string };
    const credential = await tap(ceremonyChallenge("signin", fromB64u(begun.challenge, 32)), begun.rp_id, null);
    const { credential_id, authenticator_data, client_data_json, signature } = assertionOf(credential);
    const assertion = { id: credential_id, response: { authenticatorData: authenticator_data, clientDataJSON: client_data_json, signature } };
    const { token } = (await post(`${base}/session`, { assertion })) as { token: string };
    return new Session({ base, token, rpId: begun.rp_id, credentialId: credential_id });
  }

  async get(path: string): Promise<unknown> {
    return call(this.#base + path, { headers: this.#bearer() });
  }

  #bearer(): Record<string, string> {
    return { Authorization: `Bearer ${this.#token}` };
  }

  async info(): Promise<VaultInfo> {
    return (await this.get("/vault")) as VaultInfo;
  }

  async agents(): Promise<AgentRow[]> {
    const all: AgentRow[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = (await this.get(`/agents?after=${after}`)) as AgentPage;
      all.push(...page.agents);
      after = page.next;
    }
    return all;
  }

  async entries(): Promise<EntrySummary[]> {
    const all: EntrySummary[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = (await this.get(`/entries?after=${after}`)) as EntryPage;
      all.push(...page.entries);
      after = page.next;
    }
    return all;
  }

  async credentials(): Promise<CredentialList["credentials"]> {
    return ((await this.get("/credentials")) as CredentialList).credentials;
  }

  /** The last events, newest first. */
  async lastEvents(count: number): Promise<AuditEvent[]> {
    const { head } = (await this.get("/audit?limit=1")) as AuditPage;
    if (head === null) return [];
    const page = (await this.get(`/audit?after=${Math.max(0, head.seq - count)}&limit=${Math.min(count, 1000)}`)) as AuditPage;
    return [...page.events].reverse();
  }

  /** One tap, one operation: a fresh challenge, a tree built here from what is sent, the receipt. */
  async approve(operation: Pick<Op, "method" | "path" | "body" | "if">): Promise<SignedReceipt> {
    const op: Op = { ...operation, id: crypto.randomUUID() };
    const info = await this.info();
    const own = (await this.credentials()).find(({ id }) => id === this.#credentialId);
    if (own === undefined) throw new Refusal("credential_unknown");
    const begun = (await post(`${this.#base}/auth/begin`, {}, this.#bearer())) as AuthBegin;
    const leaf = leafHash(leafData({ agent: own.signs_for, challenge: begun.challenge, key: info.public_key, ops: [op], vault: info.vault_id }));
    const tree = buildTree({ shares: [leaf], seed: randomBytes(32), order: drawOrder(1) });
    const credential = await tap(tree.challenge, this.#rpId, begun.credentials.map(({ id }) => id));
    const assertion = { v: 1, ...assertionOf(credential), challenge: begun.challenge, proof: tree.proof(0) };
    const sent = { operations: [op] };
    return (await post(`${this.#base}/batch`, sent, { ...this.#bearer(), "Clavitor-Assertion": b64u(jcsBytes(assertion)) })) as SignedReceipt;
  }
}

export interface NewVault {
  vault_id: string;
  url: string;
  token: string;
}

/** The PRF input of the vault's own devices; p0 is the first four bytes of the output. */
function prfInput(): Bytes {
  return sha256(utf8("clavitor/vault-prf/v1\n"));
}

function prfOf(credential: PublicKeyCredential): Uint8Array | null {
  const { prf } = credential.getClientExtensionResults();
  const first = prf?.results?.first;
  return first === undefined ? null : new Uint8Array(first instanceof ArrayBuffer ? first : first.buffer);
}

/** Enrols a device and makes a vault. A device without PRF gets a vault that holds no L3 (a company vault needs none). */
export async function registerVault(name: string, code: string | null): Promise<NewVault & { unlocks: boolean }> {
  const begun = (await post("/register/begin", {})) as { challenge: string; rp_id: string; user_id: string };
  const created = await navigator.credentials
    .create({
      publicKey: {
        challenge: fromB64u(begun.challenge, 32),
        rp: { id: begun.rp_id, name: "Clavitor" },
        user: { id: fromB64u(begun.user_id), name, displayName: name },
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        attestation: "none",
        timeout: 55_000,
        extensions: { prf: { eval: { first: prfInput() } } },
      },
    })
    .catch(() => null);
  if (!(created instanceof PublicKeyCredential)) throw new Error("The security key was not used. Try again when you are ready.");
  const response = created.response as AuthenticatorAttestationResponse;
  const prf = prfOf(created) ?? (await secondPrf(created, begun.rp_id));
  const wrapped = prf === null ? new Uint8Array() : await wrapL3(prf);
  const body = {
    registration: {
      id: bytesOf(created.rawId),
      response: { clientDataJSON: bytesOf(response.clientDataJSON), attestationObject: bytesOf(response.attestationObject) },
    },
    p0: b64u(prf === null ? randomBytes(4) : prf.slice(0, 4)),
    wrapped_l3: b64u(wrapped),
    name,
    ...(code === null ? {} : { code }),
  };
  const made = (await post("/register", body)) as NewVault;
  return { ...made, unlocks: prf !== null };
}

/** Many authenticators answer PRF only at an assertion. Null when the key has no PRF. */
async function secondPrf(created: PublicKeyCredential, rpId: string): Promise<Uint8Array | null> {
  if (created.getClientExtensionResults().prf?.enabled !== true) return null;
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: randomBytes(32),
      rpId,
      userVerification: "required",
      allowCredentials: [{ type: "public-key", id: created.rawId }],
      extensions: { prf: { eval: { first: prfInput() } } },
    },
  });
  return found instanceof PublicKeyCredential ? prfOf(found) : null;
}

/** A fresh L3 under a key from the PRF output; both stay in this function. IV, ciphertext, tag: 60 bytes. */
async function wrapL3(prf: Uint8Array): Promise<Uint8Array> {
  const secret = await crypto.subtle.importKey("raw", new Uint8Array(prf), "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("clavitor/wrap-l3/v1\n") },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const iv = randomBytes(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8("clavitor/wrap-l3/v1\n") }, key, randomBytes(32));
  return concat(iv, new Uint8Array(sealed));
}
