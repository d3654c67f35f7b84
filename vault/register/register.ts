// A new vault (PROTOCOL 13): a device is enrolled, the file is made, its first row is the owner.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAuthenticatorData, parseClientData } from "#lib/protocol/assertion.ts";
import { b64u, equalBytes, fromB64u, tryB64u, utf8 } from "#lib/protocol/bytes.ts";
import { decodeCbor } from "#lib/protocol/cbor.ts";
import { ProtocolError, type Code } from "#lib/protocol/errors.ts";
import { sha256 } from "#lib/protocol/hash.ts";
import { isText } from "#lib/protocol/schema.ts";
import { newToken, tokenHash } from "#lib/protocol/token.ts";
import { record } from "../audit/write.ts";
import { verifierOf } from "../change/verifier.ts";
import type { OpenUse } from "../challenge.ts";
import type { Host } from "../host.ts";
import { ok, type Reply } from "../http/answer.ts";
import { REGISTRATIONS_PER_MINUTE } from "../limits.ts";
import { members, registrationResponse } from "../session/assertion.ts";
import type { Vault } from "../vault.ts";

const MAX_WRAPPED_L3_BYTES = 4_096;
const MINUTE_MS = 60_000;

export interface RegistrarOptions {
  host: Host;
  /** `open`: anyone who reaches the host; `code`: the holder of a one-time code; `closed`: nobody. */
  admission: { kind: "open" } | { kind: "code"; code: string } | { kind: "closed" };
  /** A hosted vault first asks whether there is room (PROTOCOL 13); absent, there is. A failure of the question is no yes. */
  capacity?: (() => Promise<boolean>) | undefined;
}

interface Device {
  credentialId: string;
  publicKey: string;
  backupEligible: boolean;
  counter: number;
}

function refuse(code: Code, reason?: string): never {
  throw new ProtocolError(code, reason === undefined ? {} : { reason });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

export class Registrar {
  readonly #host: Host;
  readonly #admission: RegistrarOptions["admission"];
  readonly #capacity: RegistrarOptions["capacity"];
  #recent: number[] = [];

  constructor({ host, admission, capacity }: RegistrarOptions) {
    this.#capacity = capacity;
    this.#host = host;
    this.#admission = admission;
  }

  /** `POST /register/begin`; its body is `{}` or nothing. */
  begin(body: Readonly<Record<string, unknown>>): Reply {
    members(body, []);
    this.#assertOpen();
    return ok({ challenge: b64u(this.#host.challenges.issueOpen("")), rp_id: this.#host.rpId, user_id: b64u(randomBytes(16)) }, 201);
  }

  /** Where the use of a code is remembered, so that a restart does not renew it. */
  #usedPath(code: string): string {
    return join(this.#host.dir, `register-${digest(code).toString("hex").slice(0, 32)}.used`);
  }

  #assertOpen(): void {
    const admission = this.#admission;
    if (admission.kind === "closed" || (admission.kind === "code" && existsSync(this.#usedPath(admission.code)))) {
      throw new ProtocolError("denied", { detail: "This host takes no registrations" });
    }
  }

  /** `POST /register`: the new vault's id and the answer. The owner's token is answered here once and never again. */
  async register(body: Readonly<Record<string, unknown>>): Promise<{ id: string; reply: Reply }> {
    this.#assertOpen();
    const { registration, p0, wrapped_l3: wrapped, name, code } = members(body, ["registration", "p0", "wrapped_l3", "name", "code"]);
    if (typeof p0 !== "string" || tryB64u(p0, 4) === null) throw new ProtocolError("invalid", { path: "/p0", detail: "base64url of 4 bytes" });
    const wrappedL3 = typeof wrapped === "string" && wrapped.length <= MAX_WRAPPED_L3_BYTES * 2 ? tryB64u(wrapped) : null;
    if (wrappedL3 === null || wrappedL3.length > MAX_WRAPPED_L3_BYTES) throw new ProtocolError("invalid", { path: "/wrapped_l3", detail: "base64url" });
    if (!isText(name)) throw new ProtocolError("invalid", { path: "/name", detail: "1 to 120 characters without control or direction characters" });
    this.#admit(code);
    const { device, use } = this.#device(registration);
    this.#pace();
    if (this.#capacity !== undefined && !(await this.#capacity())) throw new ProtocolError("no_capacity");
    // Asked again here: while one registration waits for capacity, another may have used the challenge.
    if (!this.#host.challenges.useUp(use)) refuse("challenge_unknown");
    if (this.#admission.kind === "code") this.#useCode(this.#admission.code);
    const token = newToken();
    const uid = b64u(randomBytes(16));
    let publicKey = "";
    const id = this.#host.create(p0, name, (vault) => {
      publicKey = vault.keys.publicKey;
      writeOwner(vault, { uid, token, name, p0, wrappedL3, device });
    });
    return { id, reply: ok({ vault_id: id, url: this.#host.url(id), agent_id: 1, uid, token, public_key: publicKey }, 201) };
  }

  /** Once: of two requests with one code, whoever writes the mark first has it. */
  #useCode(code: string): void {
    try {
      writeFileSync(this.#usedPath(code), "", { flag: "wx", mode: 0o600 });
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
      throw new ProtocolError("denied", { detail: "This host takes no registrations" });
    }
  }

  #admit(code: unknown): void {
    if (this.#admission.kind !== "code") {
      if (code !== undefined) throw new ProtocolError("invalid", { path: "/code", detail: "unknown member" });
      return;
    }
    if (typeof code !== "string" || !timingSafeEqual(digest(code), digest(this.#admission.code))) {
      throw new ProtocolError("denied", { detail: "The registration code is not right" });
    }
  }

  #pace(): void {
    const now = this.#host.clock.steadyMs();
    this.#recent = this.#recent.filter((at) => at > now - MINUTE_MS);
    if (this.#recent.length >= REGISTRATIONS_PER_MINUTE) throw new ProtocolError("slow_down", { extra: { retry_after: 60 } });
    this.#recent.push(now);
  }

  /** Ladder: challenge, type, origin, RP id, UP, UV, algorithm; attestation `none`. BE and the counter are kept. */
  #device(registration: unknown): { device: Device; use: OpenUse } {
    const { credentialId, clientDataJson, attestationObject } = registrationResponse(registration, "/registration");
    const client = parseClientData(fromB64u(clientDataJson));
    if (client === null) refuse("assertion_invalid", "client_data_json");
    const use = this.#host.challenges.findOpen("", "register", client.challenge ?? "");
    if (use === null) refuse("challenge_unknown");
    if (client.type !== "webauthn.create") refuse("assertion_invalid", "type");
    if (client.origin !== this.#host.origin) refuse("wrong_origin", "origin");
    if (client.crossOrigin || client.hasTopOrigin) refuse("assertion_invalid", "cross_origin");
    const data = attestedData(attestationObject);
    if (!equalBytes(data.rpIdHash, sha256(utf8(this.#host.rpId)))) refuse("wrong_origin", "rp_id");
    if (!data.userPresent || !data.userVerified) refuse("user_not_verified");
    if (data.reserved || (!data.backupEligible && data.backedUp)) refuse("assertion_invalid", "flags");
    if (data.credential === null || b64u(data.credential.credentialId) !== credentialId) refuse("assertion_invalid", "credential_id");
    const publicKey = b64u(data.credential.publicKey);
    try {
      verifierOf(publicKey);
    } catch {
      refuse("assertion_invalid", "algorithm");
    }
    return { device: { credentialId, publicKey, backupEligible: data.backupEligible, counter: data.counter }, use };
  }
}

/** Authenticator data inside an attestation object whose format is `none`: what a browser gives when asked for none. */
function attestedData(attestationObject: string): NonNullable<ReturnType<typeof parseAuthenticatorData>> {
  let decoded: unknown;
  try {
    decoded = decodeCbor(fromB64u(attestationObject));
  } catch {
    refuse("assertion_invalid", "attestation_object");
  }
  if (!(decoded instanceof Map)) refuse("assertion_invalid", "attestation_object");
  const object: ReadonlyMap<unknown, unknown> = decoded;
  const statement = object.get("attStmt");
  if (object.get("fmt") !== "none" || !(statement instanceof Map) || statement.size > 0) refuse("assertion_invalid", "attestation");
  const bytes = object.get("authData");
  const data = bytes instanceof Uint8Array ? parseAuthenticatorData(bytes) : null;
  if (data === null) refuse("assertion_invalid", "authenticator_data");
  return data;
}

interface Owner {
  uid: string;
  token: string;
  name: string;
  p0: string;
  wrappedL3: Uint8Array;
  device: Device;
}

/** Agent 1 is the owner, named as the vault; its device counts at once. Inside the file's first transaction. */
function writeOwner(vault: Vault, { uid, token, name, p0, wrappedL3, device }: Owner): void {
  const { db } = vault;
  const now = vault.now();
  const revision = vault.bumpRevision();
  db.run("UPDATE vault SET highest_id = 1 WHERE one = 1");
  vault.update({ highestId: 1 });
  db.run("INSERT INTO uids (uid) VALUES (?)", uid);
  db.run("INSERT INTO tokens_issued (hash) VALUES (?)", tokenHash(token));
  db.run(
    `INSERT INTO agents (id, uid, token_hash, name, kind, scopes, all_access, admin, managed_by, created_at, hand_over, revision)
     VALUES (1, ?, ?, ?, 'human', '', 1, 1, NULL, ?, 'plain', ?)`,
    uid,
    tokenHash(token),
    name,
    now,
    revision,
  );
  db.run(
    `INSERT INTO credentials (credential_id, p0, public_key, wrapped_l3, label, person, rp_id, origin, signs_for, hardware_bound, backup_eligible, counter, counts_from, revoked_at, created_at, created_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, ?, ?, ?, NULL, ?, NULL)`,
    device.credentialId,
    p0,
    device.publicKey,
    wrappedL3,
    name,
    name,
    vault.rpId,
    vault.origin,
    device.backupEligible ? 1 : 0,
    device.counter,
    now,
    now,
  );
  record(vault, { actor: "system", action: "vault.created", target: { kind: "vault", id: vault.id }, ip: null });
}
