/** The hand of a client's IT admin on their own vault: reads it, and changes it with a tap of their software key. */
import { randomBytes, randomUUID } from "node:crypto";
import { checkAgentPage, checkAuthBegin, checkEntryPage, checkSignedStatement, checkVaultInfo } from "../../lib/protocol/answers.ts";
import { b64u } from "../../lib/protocol/bytes.ts";
import { run } from "../../lib/protocol/check.ts";
import { jcs, jcsBytes, type JsonObject } from "../../lib/protocol/jcs.ts";
import type { AgentRow, Assertion, EntrySummary, Op, Receipt, Statement, VaultInfo } from "../../lib/protocol/messages.ts";
import { leafData } from "../../lib/protocol/op.ts";
import { verifyReceipt } from "../../lib/protocol/receipt.ts";
import { ASSERTION_HEADER } from "../../lib/protocol/schema.ts";
import { buildTree, drawOrder, leafHash } from "../../lib/protocol/tree.ts";
import type { SoftwareKey } from "../keys/software-key.ts";
import { call, Unknown, type Access } from "./wire.ts";

/** One operation with a fresh id. */
export function operation(method: Op["method"], path: string, body: object | null = null, condition: Op["if"] = null): Op {
  return { body: body as JsonObject | null, id: randomUUID(), if: condition, method, path };
}

/** A tap as it is sent. */
export interface Tapped {
  header: string;
  body: string;
  ops: readonly Op[];
  challenge: string;
  webauthn: string;
}

export class Owner {
  readonly access: Access;
  readonly #key: SoftwareKey;

  constructor(access: Access, key: SoftwareKey) {
    this.access = access;
    this.#key = key;
  }

  async vault(): Promise<VaultInfo> {
    const info = await call(this.access, "GET", "/vault");
    run(checkVaultInfo, info, "");
    return info;
  }

  /** Every row of the vault. */
  async agents(): Promise<AgentRow[]> {
    const rows: AgentRow[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await call(this.access, "GET", `/agents?after=${after}`);
      run(checkAgentPage, page, "");
      rows.push(...page.agents);
      after = page.next;
    }
    return rows;
  }

  async entries(): Promise<EntrySummary[]> {
    const entries: EntrySummary[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await call(this.access, "GET", `/entries?after=${after}`);
      run(checkEntryPage, page, "");
      entries.push(...page.entries);
      after = page.next;
    }
    return entries;
  }

  /** What the vault says of the manager with this row id: its grant and the rows it manages. */
  async statement(manager: number): Promise<Statement> {
    const signed = await call(this.access, "GET", `/statement?for=${manager}`);
    run(checkSignedStatement, signed, "");
    return signed.statement;
  }

  /** One tap over all operations, all or none: the exact bytes to send, and what a receipt must answer to. It survives JSON. */
  async tap(ops: readonly Op[]): Promise<Tapped> {
    const { access } = this;
    const begun = await call(access, "POST", "/auth/begin", { body: "{}" });
    run(checkAuthBegin, begun, "");
    const { challenge } = begun;
    const leaf = leafHash(leafData({ agent: access.agentId, challenge, key: access.key, ops, vault: access.vaultId }));
    const tree = buildTree({ shares: [leaf], seed: new Uint8Array(randomBytes(32)), order: drawOrder(1) });
    const assertion: Assertion = { v: 1, credential_id: this.#key.credentialId, ...this.#key.assert(tree.challenge), challenge, proof: tree.proof(0) };
    return { header: b64u(jcsBytes(assertion)), body: jcs({ operations: ops }), ops, challenge, webauthn: b64u(tree.challenge) };
  }

  /**
   * Hands a tap to the vault; the same one again gets the same receipt (PROTOCOL 7). Resolves to the receipt, verified against
   * what was sent; throws Refused with the vault's code, or Unknown when the vault did not prove that it was done.
   */
  async submit({ header, body, ops, challenge, webauthn }: Tapped): Promise<Receipt> {
    const { access } = this;
    const answer = await call(access, "POST", "/batch", { headers: { [ASSERTION_HEADER]: header, "Content-Type": "application/json" }, body });
    const expected = { ops, key: access.key, vault: access.vaultId, agent: access.agentId, challenge, webauthn, signers: [this.#key.credentialId] };
    const verdict = await verifyReceipt(answer, expected);
    if (!verdict.ok) throw new Unknown(`a receipt that does not fit: ${verdict.reason} ${verdict.detail}`);
    return verdict.receipt;
  }

  async change(ops: readonly Op[]): Promise<Receipt> {
    return this.submit(await this.tap(ops));
  }
}
