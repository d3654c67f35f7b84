/* oxlint-disable typescript/no-unsafe-type-assertion -- members are removed by name */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as answers from "./answers.ts";
import { CHAIN_START } from "./audit.ts";
import { b64u } from "./bytes.ts";
import { run, type Check } from "./check.ts";
import { ProtocolError } from "./errors.ts";
import { FEATURES, type AgentRow, type AuditEvent, type CredentialRow, type Entry, type Statement, type VaultInfo } from "./messages.ts";
import { B32, GRANT, UID } from "./testing/samples.ts";

function judge(check: Check<unknown>, value: unknown): string {
  try {
    run(check, value, "");
    return "ok";
  } catch (error) {
    if (error instanceof ProtocolError) return error.path ?? "no path";
    throw error;
  }
}

const signature = b64u(new Uint8Array(64));
const vault: VaultInfo = {
  protocol: 1,
  vault_id: "hmHr7A",
  name: "Acme",
  public_key: B32,
  backup_key: null,
  mode: "primary",
  epoch: 1,
  epoch_revision: 0,
  revision: 4,
  replicated: { revision: 4, at: 1 },
  features: FEATURES,
  kems: ["x-wing", "x25519"],
  limits: { tokens: { used: 3, limit: 11 }, devices: { used: 2, limit: null } },
  expires_at: null,
  paid_until: 1,
  grant: GRANT,
  now: 1,
};
const row: AgentRow = {
  id: 17,
  uid: UID,
  scope: "0011",
  name: "Sarah",
  kind: "human",
  scopes: "0010",
  all_access: false,
  admin: false,
  managed_by: UID,
  created_at: 1,
  expires_at: null,
  claim_by: null,
  last_used_at: null,
  limits: null,
  locked: false,
  hand_over: "sealed",
  sealed_to: B32,
  revision: 3,
};
const statement: Statement = { agents: [row], at: 1, epoch: 1, grant: GRANT, manager: UID, revision: 4, vault: "hmHr7A", v: 1 };
const credential: CredentialRow = { id: "AQ", public_key: "AQ", label: "Blue", person: "Ada", rp_id: "sign.msp.example", origin: "https://sign.msp.example", signs_for: 2, counts_from: 1, revoked: false };
const entry: Entry = { id: 1, uid: UID, title: "Router", scopes: "0010", tags: ["lan"], updated_at: 1, fields: [{ label: "password", kind: "password", tier: "L2", value: "x" }], revision: 2 };
const { fields: _, revision: __, ...summary } = entry;
const event: AuditEvent = {
  seq: 1,
  at: 1,
  stream: "primary",
  epoch: 1,
  actor: { kind: "anonymous", agent_id: null },
  action: "calls.marked",
  outcome: "success",
  detail_hash: B32,
  prev: CHAIN_START,
  hash: B32,
  detail: { salt: UID, name: "", target: null, reason: null, ip: "192.0.2.7", meta: {} },
};

describe("what a client reads", () => {
  const good: [string, Check<unknown>, object][] = [
    ["vault", answers.checkVaultInfo, vault],
    ["agents", answers.checkAgentPage, { revision: 4, next: null, agents: [row] }],
    ["scopes", answers.checkScopeList, { revision: 4, scopes: [{ scope: "0010", entries: 3, agents: [UID], name: null }] }],
    ["statement", answers.checkSignedStatement, { statement, signature }],
    ["credentials", answers.checkCredentialList, { credentials: [credential] }],
    ["entry", answers.checkEntry, entry],
    ["entries", answers.checkEntryPage, { entries: [summary], next: 1 }],
    ["totp", answers.checkTotp, { code: "012345", period: 30, remaining: 7 }],
    ["audit", answers.checkAuditPage, { events: [event, { ...event, detail: null }], head: { stream: "primary", epoch: 1, seq: 1, hash: B32, at: 1, signature }, first_seq: 1, more: false }],
    ["empty audit", answers.checkAuditPage, { events: [], head: null, first_seq: 0, more: false }],
    ["begin", answers.checkAuthBegin, { challenge: B32, expires_at: 1, name: "Acme", credentials: [{ id: "AQ", public_key: "AQ", rp_id: "sign.localhost", origin: "http://sign.localhost:3000", label: "Blue" }] }],
  ];

  test.each(good)("%s: read, also when a later vault says more", (_, check, value) => {
    expect(judge(check, value)).toBe("ok");
    expect(judge(check, { ...value, later: 1 })).toBe("ok");
  });

  test.each(good)("%s: refused when any member is missing or of another type", (_, check, value) => {
    for (const name of Object.keys(value)) {
      const { [name as never]: __, ...rest } = value;
      expect(judge(check, rest)).toBe(`/${name}`);
      expect(judge(check, { ...value, [name]: { odd: true } })).toMatch(`/${name}`);
    }
  });

  test.each<[Check<unknown>, object, string]>([
    [answers.checkVaultInfo, { ...vault, name: "a\u202eb" }, "/name"],
    [answers.checkVaultInfo, { ...vault, vault_id: "../x" }, "/vault_id"],
    [answers.checkVaultInfo, { ...vault, features: ["<b>"] }, "/features/0"],
    [answers.checkAgentPage, { revision: 1, next: null, agents: [{ ...row, scopes: "0011,0010" }] }, "/agents/0/scopes"],
    [answers.checkAgentPage, { revision: 1, next: null, agents: [{ ...row, id: 0 }] }, "/agents/0/id"],
    [answers.checkCredentialList, { credentials: [{ ...credential, origin: "javascript:alert(1)" }] }, "/credentials/0/origin"],
    [answers.checkAuditPage, { events: [{ ...event, action: "agent.rename" }], head: null, first_seq: 1, more: false }, "/events/0/action"],
    [answers.checkEntryPage, { entries: Array.from({ length: 501 }, () => summary), next: null }, "/entries"],
  ])("%#: refused at %3$s", (check, value, path) => {
    expect(judge(check, value)).toBe(path);
  });

  test("no answer makes a check throw anything but a refusal", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      for (const [, check] of good) expect(judge(check, value)).not.toBe("ok");
    }));
  });
});
