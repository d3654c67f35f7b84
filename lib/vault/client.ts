/**
 * The client that speaks to one vault, method by method of PROTOCOL 3, 5, 7 and 9. Results are a closed union (result.ts); what a
 * vault says has been verified under its pinned key and checked against the protocol's form before it is a value here.
 */
import { checkAgentPage, checkAuditPage, checkAuthBegin, checkCredentialList, checkScopeList, checkSignedReceipt, checkSignedStatement, checkVaultInfo } from "../protocol/answers.ts";
import { list, object, that, type Check } from "../protocol/check.ts";
import { limits } from "../limits.ts";
import type { AgentPage, AgentRow, AuditPage, AuthBegin, CredentialRow, ScopeList, SignedReceipt, SignedStatement, Stream, VaultInfo } from "../protocol/messages.ts";
import { ASSERTION_HEADER } from "../protocol/schema.ts";
import { call, type Access, type Asked, type Called, type Raw } from "./call.ts";
import { vaultNet, type Net } from "./net.ts";
import { mapResult, unknown, type Result } from "./result.ts";

export type { Access, Called, Raw } from "./call.ts";
export type { Answered, Refused, Result, Signed, Unknown } from "./result.ts";

/** Every row of the vault as of one revision; `unchanged` when the tag that was sent still holds. */
export type AgentList = { unchanged: true } | { unchanged: false; revision: number; agents: readonly AgentRow[] };

const anything: Check<unknown> = that(() => true, "anything");
/** Of entries only whether there are any: what a blind token must never see is not looked at and not kept. */
const entryCount: Check<{ entries: readonly unknown[] }> = object({ entries: list(anything) }, {}, "allowed");
const onePageOrTag: Check<AgentPage | null> = (value, path): asserts value is AgentPage | null => {
  if (value !== null) checkAgentPage(value, path);
};

export class VaultClient {
  readonly access: Access;
  readonly #net: Net;

  constructor(access: Access, net: Net = vaultNet()) {
    this.access = access;
    this.#net = net;
  }

  #call<T>(asked: Asked<T>): Promise<Called<T>> {
    return call(this.#net, this.access, asked);
  }
  async #get<T>(path: string, check: Check<T>): Promise<Result<T>> {
    return (await this.#call({ method: "GET", path, check })).result;
  }

  /** `GET /vault`. What it says of itself must be what it signs with. */
  async info(): Promise<Result<VaultInfo>> {
    const { result } = await this.#call({ method: "GET", path: "/vault", check: checkVaultInfo, namesItsKey: true });
    if (result.kind !== "answered") return result;
    const { public_key, vault_id, mode, epoch } = result.value;
    if (public_key !== this.access.publicKey) return unknown("wrong_key");
    if (epoch > 2_147_483_647) return unknown("garbage", { where: "/vault, an epoch beyond any restore" });
    if (vault_id !== this.access.vaultId || mode !== result.mode || epoch !== result.epoch) return unknown("garbage", { where: "/vault, another vault, mode or epoch than in its signature" });
    return result;
  }

  /** `GET /agents`, all pages of one revision. @param etag of an earlier answer: unchanged costs one small call */
  async agents(etag: string | null = null): Promise<Result<AgentList>> {
    const left = { until: performance.now() + limits.vaultListMs, pages: limits.vaultListPages as number };
    for (let attempt = 0; attempt < limits.vaultListAttempts; attempt++) {
      const read = await this.#agentsOnce(attempt === 0 ? etag : null, left);
      if (read !== "moved") return read;
    }
    return unknown("unsettled");
  }

  /**
   * `GET /agents`, with every page as it was signed: for whoever must show later, and to others, what the vault said. `pages` are of
   * one revision, in order.
   */
  async signedAgents(): Promise<{ result: Result<AgentList>; pages: readonly Raw[] }> {
    const left = { until: performance.now() + limits.vaultListMs, pages: limits.vaultListPages as number };
    for (let attempt = 0; attempt < limits.vaultListAttempts; attempt++) {
      const pages: Raw[] = [];
      const result = await this.#agentsOnce(null, left, pages);
      if (result !== "moved") return { result, pages };
    }
    return { result: unknown("unsettled"), pages: [] };
  }

  async #agentsOnce(etag: string | null, left: { readonly until: number; pages: number }, kept: Raw[] | null = null): Promise<Result<AgentList> | "moved"> {
    const agents: AgentRow[] = [];
    const uids = new Set<string>();
    let first: { revision: number; etag: string | null } | null = null;
    for (let after = 0; ; ) {
      if (performance.now() > left.until) return unknown("timeout");
      if (left.pages-- === 0) return unknown("too_large", { where: `/agents, more than ${limits.vaultListPages} pages` });
      const headers: Record<string, string> = etag !== null && after === 0 ? { "If-None-Match": etag } : {};
      const { result, raw }: Called<AgentPage | null> = await this.#call({ method: "GET", path: after === 0 ? "/agents" : `/agents?after=${after}`, check: onePageOrTag, headers });
      if (raw !== null) kept?.push(raw);
      if (result.kind !== "answered") return result;
      if ((result.status === 304) !== (result.value === null) || (result.value === null && (etag === null || first !== null))) return unknown("garbage", { where: "/agents, an answer without rows" });
      if (result.value === null) return { ...result, value: { unchanged: true } };
      const { revision, next, agents: rows } = result.value;
      first ??= { revision, etag: result.etag };
      if (revision !== first.revision) return "moved";
      // Rising ids, and a page that leads on: else a list could go round for ever, or show a row twice.
      let last = agents.at(-1)?.id ?? 0;
      for (const { id, uid } of rows) {
        if (id <= last || uids.has(uid)) return unknown("garbage", { where: "/agents, rows out of order or twice" });
        last = id;
        uids.add(uid);
      }
      if (agents.length + rows.length > limits.vaultListRows) return unknown("too_large", { where: `/agents, more than ${limits.vaultListRows} rows` });
      agents.push(...rows);
      if (next === null) return { ...result, etag: first.etag, value: { unchanged: false, revision, agents } };
      if (next !== last || rows.length === 0) return unknown("garbage", { where: "/agents, a page that leads nowhere" });
      after = next;
    }
  }

  /** `GET /scopes`: how many entries carry each number, never which. */
  async scopes(): Promise<Result<ScopeList>> {
    const result = await this.#get("/scopes", checkScopeList);
    if (result.kind !== "answered") return result;
    const { scopes } = result.value;
    return new Set(scopes.map(({ scope }) => scope)).size === scopes.length ? result : unknown("garbage", { where: "/scopes, a scope twice" });
  }

  /** `GET /statement`: the vault's own word on what our manager row may do and manages; its signature is the caller's to keep. */
  statement(manager: number = this.access.agentId): Promise<Result<SignedStatement>> {
    return this.#get(`/statement?for=${manager}`, checkSignedStatement);
  }

  /** `GET /credentials`: the keys that sign for our row. */
  async credentials(): Promise<Result<readonly CredentialRow[]>> {
    return mapResult(await this.#get("/credentials", checkCredentialList), ({ credentials }) => credentials);
  }

  /** `GET /audit`: events after `after` of one stream, at most `limit` (1 to 1,000). */
  audit({ after = 0, limit = 1_000, stream = "primary" }: { after?: number; limit?: number; stream?: Stream } = {}): Promise<Result<AuditPage>> {
    return this.#get(`/audit?after=${after}&limit=${limit}&stream=${stream}`, checkAuditPage);
  }

  /** `POST /auth/begin`, with the answer as it came: the signing page believes no one but the vault. @param nonce the page's own */
  begin(nonce: string): Promise<Called<AuthBegin>> {
    return this.#call({ method: "POST", path: "/auth/begin", check: checkAuthBegin, body: Buffer.from("{}"), headers: { "Content-Type": "application/json" }, nonce });
  }

  /**
   * `POST /batch`: exactly these bytes under this assertion. Unknown means: ask again with the same bytes, never guess.
   * @param revokes holds a revocation, for which a vault's wish to wait counts less (PROTOCOL 12)
   */
  batch(body: Uint8Array, assertion: string, { revokes = false }: { revokes?: boolean } = {}): Promise<Called<SignedReceipt>> {
    const patience = revokes ? limits.vaultPatienceRevokingSeconds : limits.vaultPatienceSeconds;
    return this.#call({ method: "POST", path: "/batch", check: checkSignedReceipt, body, headers: { "Content-Type": "application/json", [ASSERTION_HEADER]: assertion }, patience });
  }

  // What our token must not see (PROTOCOL 11). Where it does, the content is dropped here: only that there was some leaves.

  async entries(): Promise<Result<{ count: number }>> {
    return mapResult(await this.#get("/entries", entryCount), ({ entries }) => ({ count: entries.length }));
  }
  async search(text: string): Promise<Result<{ count: number }>> {
    return mapResult(await this.#get(`/search?q=${encodeURIComponent(text)}`, entryCount), ({ entries }) => ({ count: entries.length }));
  }
  async entry(id: number): Promise<Result<null>> {
    return mapResult(await this.#get(`/entry/${id}`, anything), () => null);
  }
  async totp(id: number): Promise<Result<null>> {
    return mapResult(await this.#get(`/totp/${id}`, anything), () => null);
  }
}
