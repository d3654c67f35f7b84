// What every operation of a batch shares while it is applied inside the transaction.
import { randomBytes } from "node:crypto";
import { b64u } from "#lib/protocol/bytes.ts";
import type { Enrolled } from "#lib/protocol/connect.ts";
import type { Refusal } from "#lib/protocol/assertion.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { Action, Op, Result, SealedToken, SealTo } from "#lib/protocol/messages.ts";
import { scopeOf } from "#lib/protocol/scopes.ts";
import { newToken } from "#lib/protocol/token.ts";
import type { EventInput } from "../audit/write.ts";
import { usage } from "../read/metadata.ts";
import { agentFrom, isManager, type Agent } from "../store/rows.ts";
import { readVaultMeta } from "../store/vault-meta.ts";
import type { Vault } from "../vault.ts";
import { bodyPath } from "./form.ts";
import type { Approval } from "./ladder.ts";
import type { Facts } from "./rules.ts";

/** Where a token is sealed to, and what binds it to its purpose. */
export interface SealRequest {
  to: SealTo;
  /** `connect`: b64u of the connect request's hash. */
  purpose: { kind: "token" } | { kind: "connect"; request: string };
  agentId: number;
  uid: string;
}

/** The random parts of one operation. Drawn once, so that applying it again gives the same row. */
export interface Draft {
  uid: string;
  token: string;
  sealed: { for: SealRequest; token: SealedToken } | null;
}

/** Thrown out of a transaction to undo it: these tokens must be sealed (which takes promises) before it can be done. */
export class NeedsSeals {
  readonly requests: ReadonlyMap<string, SealRequest>;
  constructor(requests: ReadonlyMap<string, SealRequest>) {
    this.requests = requests;
  }
}

/** What an operation did: its line in the receipt, and its event. */
export interface Applied {
  result: Omit<Result, "id">;
  event: Pick<EventInput, "target" | "meta" | "rows"> & { action: Action };
}

export interface BatchInput {
  vault: Vault;
  caller: Agent;
  approval: Approval;
  batch: boolean;
  drafts: Map<string, Draft>;
  enrolments: ReadonlyMap<string, Enrolled | Refusal>;
}

const PLACEHOLDER: SealedToken = { kem: "x25519", enc: "", ct: "" };

export class ChangeContext {
  readonly vault: Vault;
  readonly approval: Approval;
  readonly now: number;
  readonly enrolments: BatchInput["enrolments"];
  readonly tokens: Record<string, string> = {};
  readonly #callerUid: string;
  readonly #batch: boolean;
  readonly #drafts: Map<string, Draft>;
  readonly #missing = new Map<string, SealRequest>();
  #revision: number | null = null;
  #index = 0;
  #op!: Op;

  constructor({ vault, caller, approval, batch, drafts, enrolments }: BatchInput) {
    this.vault = vault;
    this.approval = approval;
    this.now = vault.now();
    this.enrolments = enrolments;
    this.#callerUid = caller.uid;
    this.#batch = batch;
    this.#drafts = drafts;
  }

  at(op: Op, index: number): void {
    this.#op = op;
    this.#index = index;
  }

  get op(): Op {
    return this.#op;
  }

  /** The caller as it stands now: an earlier operation of the batch may have changed or ended it. */
  caller(): Agent {
    const row = this.vault.db.get("SELECT * FROM agents WHERE uid = ?", this.#callerUid);
    if (row === undefined) throw new ProtocolError("not_granted");
    const caller = agentFrom(row);
    if (!caller.admin) throw new ProtocolError("not_granted");
    return caller;
  }

  /** The revision of this commit; asked for by the first change, never by an operation that changes nothing. */
  revision(): number {
    this.#revision ??= this.vault.bumpRevision();
    return this.#revision;
  }

  invalid(member: string, detail: string): never {
    throw new ProtocolError("invalid", { path: bodyPath({ batch: this.#batch, index: this.#index }, member), detail });
  }

  draft(): Draft {
    let draft = this.#drafts.get(this.#op.id);
    if (draft === undefined) {
      draft = { uid: b64u(randomBytes(16)), token: newToken(), sealed: null };
      this.#drafts.set(this.#op.id, draft);
    }
    return draft;
  }

  /** The sealed form of this operation's token, or a placeholder in a run that will be undone to have it made. */
  sealed(request: SealRequest): SealedToken {
    const { sealed } = this.draft();
    if (sealed !== null && sealed.for.agentId === request.agentId && sealed.for.uid === request.uid) return sealed.token;
    this.#missing.set(this.#op.id, request);
    return PLACEHOLDER;
  }

  /** To be called when every operation was applied; throws {@link NeedsSeals}. */
  assertSealed(): void {
    if (this.#missing.size > 0) throw new NeedsSeals(this.#missing);
  }

  agentById(id: number): Agent | null {
    const row = this.vault.db.get("SELECT * FROM agents WHERE id = ?", id);
    return row === undefined ? null : agentFrom(row);
  }

  agentByUid(uid: string): Agent | null {
    const row = this.vault.db.get("SELECT * FROM agents WHERE uid = ?", uid);
    return row === undefined ? null : agentFrom(row);
  }

  managedCount(uid: string): number {
    return this.vault.db.get("SELECT count(*) AS n FROM agents WHERE managed_by = ?", uid)!.n as number;
  }

  /** Facts for the rules about rows of one manager; `managed` counts rows as they would be afterwards, 0 where none is added. */
  facts(managerUid: string, managed: number): Facts {
    return { now: this.now, managed, isForeignId: (scope) => this.isForeignId(managerUid, scope) };
  }

  isForeignId(managerUid: string, scope: string): boolean {
    const owner = this.vault.db.get("SELECT managed_by FROM agents WHERE id = ?", Number.parseInt(scope, 16));
    return owner !== undefined && owner.managed_by !== managerUid;
  }

  /** Hard limits (SPEC 6): `more` rows or devices must still fit. */
  withinLimit(axis: "tokens" | "devices", more: number): void {
    const limit = readVaultMeta(this.vault.db)[axis];
    const used = usage(this.vault)[axis];
    if (limit !== null && used + more > limit) throw new ProtocolError("limit_reached", { extra: { axis, used, limit } });
  }

  /** Takes a token's hash into use; one that was ever issued here is refused (PROTOCOL 2). */
  issueToken(hash: string): void {
    if (this.vault.db.get("SELECT 1 FROM tokens_issued WHERE hash = ?", hash) !== undefined) throw new ProtocolError("token_reused");
    this.vault.db.run("INSERT INTO tokens_issued (hash) VALUES (?)", hash);
  }

  /**
   * The next agent id: the smallest number above the highest ever assigned that is no scope of any agent, entry, role or
   * grant, nor of the row it is for (PROTOCOL 4, Ids). Throws `ids_exhausted`.
   */
  assignId(ownScopes: readonly string[]): number {
    const { db } = this.vault;
    for (let id = this.vault.state.highestId + 1; id <= 65_535; id++) {
      const scope = scopeOf(id);
      const used =
        ownScopes.includes(scope) ||
        db.get("SELECT 1 FROM entry_scopes WHERE scope = ? LIMIT 1", scope) !== undefined ||
        db.get("SELECT 1 FROM roles WHERE scope = ? LIMIT 1", scope) !== undefined ||
        db.get("SELECT 1 FROM agents WHERE instr(scopes, ?1) > 0 OR instr(json_extract(grant_json, '$.scopes'), ?1) > 0 LIMIT 1", scope) !== undefined;
      if (used) continue;
      db.run("UPDATE vault SET highest_id = ? WHERE one = 1", id);
      this.vault.update({ highestId: id });
      return id;
    }
    throw new ProtocolError("ids_exhausted");
  }

  /** After a change of an owner or its devices one usable owner remains (PROTOCOL 4, Owners). */
  assertOwnerRemains(): void {
    const usable = this.vault.db.get(
      `SELECT 1 FROM agents a JOIN credentials c ON c.signs_for = a.id AND c.revoked_at IS NULL AND c.counts_from <= ?
       WHERE a.all_access = 1 AND a.admin = 1 AND a.locked = 0 AND a.expires_at IS NULL LIMIT 1`,
      this.now,
    );
    if (usable === undefined) throw new ProtocolError("last_owner");
  }

  /**
   * The row that an operation is about, its precondition met as far as identity goes: another or an unknown uid is `stale`, a
   * row that was here and is gone `no_such_agent` (PROTOCOL 4, Row identity).
   */
  target(id: number): Agent {
    const row = this.agentById(id);
    const wanted = this.#op.if?.uid;
    if (row !== null && (wanted === undefined || wanted === row.uid)) return row;
    if (row !== null) throw new ProtocolError("stale");
    if (wanted !== undefined && !this.wasHere(wanted)) throw new ProtocolError("stale");
    throw new ProtocolError("no_such_agent");
  }

  /** The second half of the precondition, judged after the grant: the row's exact state. */
  assertFresh(revision: number): void {
    const wanted = this.#op.if;
    if (wanted !== null && "revision" in wanted && wanted.revision !== revision) throw new ProtocolError("stale");
  }

  wasHere(uid: string): boolean {
    return this.vault.db.get("SELECT 1 FROM uids WHERE uid = ?", uid) !== undefined;
  }

  /** True when the caller is a manager; every rule of PROTOCOL 4 then applies. */
  managerCaller(): Agent | null {
    const caller = this.caller();
    return isManager(caller) ? caller : null;
  }
}
