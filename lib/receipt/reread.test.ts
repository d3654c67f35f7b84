import { describe, expect, test } from "vitest";
import type { AgentRow, Op, Receipt, Result } from "../protocol/messages.ts";
import { findIn } from "./reread.ts";

const [UID, SEAL] = ["AAECAwQFBgcICQoLDA0ODw", `${"S".repeat(42)}E`];
const row = (more: Partial<AgentRow> = {}): AgentRow => ({ id: 17, uid: UID, scope: "0011", name: "Jim Okafor", kind: "human", scopes: "0010", all_access: false, admin: false, managed_by: UID, created_at: 1, expires_at: null, claim_by: null, last_used_at: null, limits: null, locked: false, hand_over: "sealed", sealed_to: SEAL, revision: 40, ...more });
const op = (method: Op["method"], body: Op["body"] = null): Op => ({ body, id: "23ea59fc-0ef4-4028-abd2-009d373b1223", if: method === "POST" ? null : { uid: UID }, method, path: method === "POST" ? "/agent" : "/agent/17" });
const receipt = (result: Partial<Result> = {}): Receipt => ({ v: 1, vault: "Q7xKd2", epoch: 1, agent: 9, batch: SEAL, challenge: SEAL, webauthn: SEAL, signers: ["a"], applied_at: 1, revision: 40, results: [{ id: op("PUT").id, status: "changed", ...result }], audit: { stream: "primary", seq: 1, hash: SEAL } });
const made = { body: { scopes: "0010", all_access: false }, result: { status: "created" as const, agent_id: 17, uid: UID, sealed_to: SEAL } };

describe("a receipt is proven by what is read, not by what it says", () => {
  test("a deleted row must be gone; one that is there contradicts the receipt, however new the list", () => {
    expect(findIn([op("DELETE")], receipt({ status: "deleted" }), { revision: 40, agents: [] })).toEqual({ kind: "proven", since: [] });
    expect(findIn([op("DELETE")], receipt({ status: "deleted" }), { revision: 99, agents: [row({ revision: 90 })] }).kind).toBe("missing");
  });
  test("a made row must be there as it was signed, sealed to the key that was named", () => {
    expect(findIn([op("POST", made.body)], receipt(made.result), { revision: 40, agents: [row()] })).toEqual({ kind: "proven", since: [] });
    for (const other of [row({ scopes: "0011" }), row({ all_access: true }), row({ sealed_to: "x" }), row({ expires_at: 5 })]) expect(findIn([op("POST", made.body)], receipt(made.result), { revision: 40, agents: [other] }).kind).toBe("missing");
    expect(findIn([op("POST", made.body)], receipt(made.result), { revision: 40, agents: [] }).kind).toBe("missing");
  });
  test("what somebody changed after us is proven, and said", () => {
    expect(findIn([op("PUT", { scopes: "0010" })], receipt(), { revision: 45, agents: [row({ scopes: "0012", revision: 44 })] })).toEqual({ kind: "proven", since: ["The client changed a row since."] });
    expect(findIn([op("POST", made.body)], receipt(made.result), { revision: 45, agents: [] })).toEqual({ kind: "proven", since: ["The client removed a row since."] });
  });
  test("members that were not sent are not looked for: absent ones stay as they were", () => expect(findIn([op("PUT", { scopes: "0010" })], receipt(), { revision: 40, agents: [row({ all_access: true, expires_at: 7 })] })).toEqual({ kind: "proven", since: [] }));
});
