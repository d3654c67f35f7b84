/* oxlint-disable unicorn/consistent-function-scoping -- small makers stay beside their test */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBaseUrl, isOrigin, isUrl } from "./address.ts";
import { b64u, concat, utf8 } from "./bytes.ts";
import { run, type Check } from "./check.ts";
import { ProtocolError } from "./errors.ts";
import { jcsBytes, parseCanonical } from "./jcs.ts";
import * as schema from "./schema.ts";
import { createDevice } from "./testing/authenticator.ts";
import { B32, connectRequest, GRANT, ID, SEAL_TO, signerOf, UID } from "./testing/samples.ts";

/** "ok", or the code with the path at which a check refuses. */
function verdict(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.code} ${error.path ?? ""}`.trim();
    throw error;
  }
}
const judge = (check: Check<unknown>, value: unknown): string => verdict(() => run(check, value, ""));

const agent = { name: "Sarah", kind: "human", scopes: "0010,0011", all_access: false, admin: false, seal_to: SEAL_TO };
const entry = { title: "Router", scopes: "0010", fields: [{ label: "password", kind: "password", tier: "L2", value: "" }] };
const op = { body: agent, id: ID, if: null, method: "POST", path: "/agent" };
const request = await connectRequest();
const connect = { adopt: [{ uid: UID, revision: 3 }], grant: GRANT, request, roles: [{ name: "networking", scope: "0010" }] };
const signer = await signerOf(await createDevice(), "Ada");
const credential = { ...signer, signs_for: 2 };

describe("text", () => {
  test.each(["a", "a".repeat(120), "😀".repeat(120), "שרה לוי", "O’Neill \"Bo\" \\", " padded "])("%j is allowed", (value) => {
    expect(schema.isText(value)).toBe(true);
  });
  test.each(["", "a".repeat(121), "😀".repeat(121), "a\nb", "\u0000", "\u007f", "\u0085", "a\u202eb", "\u2066", "\u2069", "\u2028", "\u2029", "\ud800", 7, null, ["a"]])("%j is refused", (value) => {
    expect(schema.isText(value)).toBe(false);
  });
});

describe("bodies of changes", () => {
  const good: [string, Check<unknown>, object][] = [
    ["agent", schema.checkAgentCreate, agent],
    ["agent with everything", schema.checkAgentCreate, { ...agent, expires_at: 1, limits: { per_minute: 1, per_hour: 1 }, own_scope: true, claim_by: 2 }],
    ["update", schema.checkAgentUpdate, { name: "x", kind: "agent", scopes: "", all_access: true, admin: false, expires_at: null, limits: null, managed_by: null, locked: false, grant: GRANT }],
    ["token", schema.checkAgentToken, { token_hash: "a".repeat(64) }],
    ["entry", schema.checkEntryCreate, { ...entry, tags: ["lan"] }],
    ["entry update", schema.checkEntryUpdate, { title: "x" }],
    ["credential", schema.checkCredentialCreate, { ...credential, hardware_bound: true, p0: `-${B32}`, wrapped_l3: "" }],
    ["credential", schema.checkCredentialCreate, { ...credential, p0: "-AECAw", wrapped_l3: "AAAA" }],
    ["grant", schema.checkGrant, { ...GRANT, scopes: "any", max_lease: null }],
    ["connect request", schema.checkConnectRequest, request],
    ["connect", schema.checkConnect, connect],
  ];

  test.each(good)("%s: accepted as it is, and refused with one more member", (_, check, value) => {
    expect(judge(check, value)).toBe("ok");
    expect(judge(check, { ...value, extra: 1 })).toBe("invalid /extra");
    for (const other of [null, [], "x", 7, true]) expect(judge(check, other)).toBe("invalid");
  });

  test.each(good)("%s: nothing is added, trimmed or changed by looking", (_, check, value) => {
    const before = jcsBytes(value);
    run(check, value, "");
    expect(jcsBytes(value)).toEqual(before);
  });

  test.each<[Check<unknown>, object, string]>([
    [schema.checkAgentCreate, { ...agent, name: "" }, "/name"],
    [schema.checkAgentCreate, { ...agent, kind: "robot" }, "/kind"],
    [schema.checkAgentCreate, { ...agent, scopes: "0011,0010" }, "/scopes"],
    [schema.checkAgentCreate, { ...agent, admin: 0 }, "/admin"],
    [schema.checkAgentCreate, { ...agent, expires_at: null }, "/expires_at"],
    [schema.checkAgentCreate, { ...agent, expires_at: 1.5 }, "/expires_at"],
    [schema.checkAgentCreate, { ...agent, limits: { per_minute: 0, per_hour: 1 } }, "/limits/per_minute"],
    [schema.checkAgentCreate, { ...agent, token_hash: "a".repeat(64) }, "/seal_to"],
    [schema.checkAgentCreate, { ...agent, seal_to: { ...SEAL_TO, kem: "p256" } }, "/seal_to/kem"],
    [schema.checkAgentCreate, { ...agent, seal_to: { ...SEAL_TO, public_key: B32 } }, "/seal_to/public_key"],
    [schema.checkAgentCreate, { ...agent, seal_to: { ...SEAL_TO, note: "" } }, "/seal_to/note"],
    [schema.checkAgentCreate, { ...agent, managed_by: UID }, "/managed_by"],
    [schema.checkAgentCreate, { name: "x" }, "/kind"],
    [schema.checkAgentUpdate, { seal_to: SEAL_TO }, "/seal_to"],
    [schema.checkAgentUpdate, { token_hash: "a".repeat(64) }, "/token_hash"],
    [schema.checkAgentUpdate, { locked: true }, "/locked"],
    [schema.checkAgentUpdate, { managed_by: "x" }, "/managed_by"],
    [schema.checkAgentUpdate, { grant: { ...GRANT, cosign: 3 } }, "/grant/cosign"],
    [schema.checkAgentUpdate, { grant: { scopes: "any" } }, "/grant/all_access"],
    [schema.checkGrant, { ...GRANT, scopes: ["0011", "0010"] }, "/scopes"],
    [schema.checkGrant, { ...GRANT, scopes: "" }, "/scopes"],
    [schema.checkGrant, { ...GRANT, max_agents: -1 }, "/max_agents"],
    [schema.checkEntryCreate, { ...entry, fields: [{ ...entry.fields[0], tier: "L4" }] }, "/fields/0/tier"],
    [schema.checkEntryCreate, { ...entry, tags: ["a", "b\n"] }, "/tags/1"],
    [schema.checkCredentialCreate, { ...credential, p0: "AAAA" }, "/p0"],
    [schema.checkCredentialCreate, { ...credential, signs_for: 65_536 }, "/signs_for"],
    [schema.checkCredentialCreate, { ...credential, origin: "http://sign.msp.example" }, "/origin"],
    [schema.checkCredentialCreate, { ...credential, rp_id: "Sign.msp.example" }, "/rp_id"],
    [schema.checkCredentialCreate, { ...credential, enrol: { ...credential.enrol, signature: "" } }, "/enrol/signature"],
    [schema.checkConnectRequest, { ...request, signers: [] }, "/signers"],
    [schema.checkConnectRequest, { ...request, signers: [signer, signer] }, "/signers/1/credential_id"],
    [schema.checkConnectRequest, { ...request, msp: { ...request.msp, phone: "1" } }, "/msp/phone"],
    [schema.checkConnectRequest, { ...request, reply_to: "https://msp.example/connect#x" }, "/reply_to"],
    [schema.checkConnectRequest, { ...request, roles: Array.from({ length: 400 }, () => ({ name: "x".repeat(100), scope: null })) }, ""],
    [schema.checkConnect, { ...connect, roles: [{ name: "networking", scope: null }] }, "/roles/0/scope"],
  ])("%#: refused at %3$s", (check, value, path) => {
    expect(judge(check, value)).toBe(`invalid ${path}`.trim());
  });

  test("a pointer escapes what RFC 6901 asks", () => {
    expect(judge(schema.checkGrant, { ...GRANT, "a/b~c": 1 })).toBe("invalid /a~1b~0c");
  });

  test("a member named like an inherited one is unknown, and an inherited one is missing", () => {
    expect(judge(schema.checkAgentUpdate, JSON.parse('{"__proto__":{}}'))).toBe("invalid /__proto__");
    expect(judge(schema.checkAgentUpdate, { constructor: 1 })).toBe("invalid /constructor");
    expect(judge(schema.checkGrant, Object.create(GRANT))).not.toBe("ok");
  });
});

describe("operations and batches", () => {
  const batch = (...operations: unknown[]) => judge(schema.checkBatch, { operations });
  const remove = { body: null, id: ID.replace("2", "3"), if: { uid: UID }, method: "DELETE", path: "/agent/17" };

  test("every door takes its own body", () => {
    const doors: [string, string, unknown, object | null][] = [
      ["POST", "/agent", agent, null],
      ["PUT", "/agent/17", { name: "x" }, { uid: UID, revision: 3 }],
      ["DELETE", "/agent/17", null, { uid: UID }],
      ["POST", "/agent/17/token", {}, { uid: UID }],
      ["POST", "/entry", entry, null],
      ["PUT", "/entry/1", { tags: [] }, null],
      ["DELETE", "/entry/1234567890123456", null, null],
      ["POST", "/credential", credential, null],
      ["DELETE", "/credential/AQ", null, null],
      ["POST", "/connect", connect, null],
    ];
    for (const [method, path, body, precondition] of doors) {
      expect(batch({ body, id: ID, if: precondition, method, path })).toBe("ok");
      expect(schema.isChange(method, path)).toBe(true);
      expect(verdict(() => schema.checkBody(method, path, body))).toBe("ok");
      expect(batch({ body: body === null ? {} : null, id: ID, if: precondition, method, path })).toBe("invalid /operations/0/body");
    }
  });

  test.each(["/batch", "/agent/", "/agent/0", "/agent/01", "/agent/123456", "/agent/1?x", "/agent/%31", "/AGENT", "/agent/1/tokens", "/entry/12345678901234567", "/credential/a.b", "/connect/", "agent", "/agent\n", `/credential/${"A".repeat(1365)}`])(
    "no change has the path %j",
    (path) => {
      expect(batch({ ...op, path })).toBe("invalid /operations/0/path");
      expect(schema.isChange("POST", path)).toBe(false);
    },
  );

  test("a method that its path does not have is refused", () => {
    expect(batch({ ...op, method: "PUT" })).toBe("invalid /operations/0/path");
    expect(batch({ ...op, method: "PATCH" })).toBe("invalid /operations/0/method");
    expect(verdict(() => schema.checkBody("GET", "/agent", null))).toBe("not_found");
  });

  test("creations have no precondition", () => {
    expect(batch({ ...op, if: { uid: UID } })).toBe("invalid /operations/0/if");
    expect(batch({ ...remove, if: { uid: UID, revision: -1 } })).toBe("invalid /operations/0/if/revision");
    expect(batch({ ...remove, if: { revision: 1 } })).toBe("invalid /operations/0/if/uid");
  });

  test("1 to 200 operations with distinct ids, and connect alone", () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...remove, id: `23ea59fc-0ef4-4028-abd2-${String(i).padStart(12, "0")}` }));
    expect(batch()).toBe("invalid /operations");
    expect(batch(...many(200))).toBe("ok");
    expect(batch(...many(201))).toBe("invalid /operations");
    expect(batch(op, { ...remove, id: ID })).toBe("invalid /operations/1/id");
    expect(batch(remove, { ...op, body: connect, path: "/connect" })).toBe("invalid /operations");
  });

  test("ids are UUID v4 in lower case", () => {
    for (const id of [ID.toUpperCase(), ID.replace("-4", "-1"), ID.replace("-abd2", "-cbd2"), `${ID} `, ""]) expect(batch({ ...op, id })).toBe("invalid /operations/0/id");
  });

  test("a connect inside a batch is exactly as deep as canonical JSON allows", () => {
    const bytes = jcsBytes({ operations: [{ ...op, body: connect, path: "/connect" }] });
    expect(judge(schema.checkBatch, parseCanonical(bytes))).toBe("ok");
    expect(() => parseCanonical(concat(utf8("["), bytes, utf8("]")))).toThrow(ProtocolError);
  });

  test("a single endpoint is the operation that its headers complete", () => {
    const single = { method: "DELETE", path: "/agent/17", body: null, idempotencyKey: ID, ifMatch: `"${UID}:3"` };
    expect(schema.singleOp(single)).toEqual({ body: null, id: ID, if: { uid: UID, revision: 3 }, method: "DELETE", path: "/agent/17" });
    expect(schema.singleOp({ ...single, ifMatch: null }).if).toBeNull();
    expect(verdict(() => schema.singleOp({ ...single, idempotencyKey: null }))).toBe("invalid Idempotency-Key");
    expect(verdict(() => schema.singleOp({ ...single, idempotencyKey: "x" }))).toBe("invalid Idempotency-Key");
    expect(verdict(() => schema.singleOp({ ...single, ifMatch: UID }))).toBe("invalid If-Match");
    expect(verdict(() => schema.singleOp({ ...single, body: {} }))).toBe("invalid");
    expect(verdict(() => schema.singleOp({ ...single, path: "/batch" }))).toBe("not_found");
    expect(verdict(() => schema.singleOp({ ...single, method: "POST", path: "/agent", body: agent }))).toBe("invalid If-Match");
  });
});

describe("the assertion header", () => {
  const assertion = { v: 1, credential_id: "AQ", authenticator_data: "AQ", client_data_json: "AQ", signature: "AQ", challenge: B32, proof: { index: 0, size: 64, path: [B32] } };
  const { v: _, ...cosign } = { ...assertion, challenge: "cosign/1/2" };
  const read = (value: unknown) => verdict(() => schema.parseAssertionHeader(b64u(jcsBytes(value))));

  test("reads with and without a second signature", () => {
    expect(schema.parseAssertionHeader(b64u(jcsBytes({ ...assertion, cosign })))).toEqual({ ...assertion, cosign });
    expect(read(assertion)).toBe("ok");
  });

  test("each fault has its own code, in the ladder's order", () => {
    expect(verdict(() => schema.parseAssertionHeader(null))).toBe("assertion_required");
    expect(verdict(() => schema.parseAssertionHeader(""))).toBe("assertion_required");
    expect(verdict(() => schema.parseAssertionHeader("A".repeat(8001)))).toBe("too_large");
    expect(verdict(() => schema.parseAssertionHeader("A"))).toBe("not_canonical");
    expect(verdict(() => schema.parseAssertionHeader(b64u(utf8('{ "v":1}'))))).toBe("not_canonical");
    expect(verdict(() => schema.parseAssertionHeader(b64u(Uint8Array.of(0xff))))).toBe("not_canonical");
    const { proof, ...bare } = assertion;
    expect(read(bare)).toBe("proof_invalid");
    const { proof: __, ...bareCosign } = cosign;
    expect(read({ ...assertion, cosign: bareCosign })).toBe("proof_invalid");
    for (const bent of [
      { ...assertion, v: 2 },
      { ...assertion, extra: 1 },
      { ...assertion, cosign: { ...cosign, v: 1 } },
      { ...assertion, cosign: { ...cosign, cosign } },
      { ...assertion, proof: { ...proof, path: ["AA"] } },
      { ...assertion, proof: { ...proof, index: -1 } },
      { ...assertion, signature: "A" },
      [],
    ]) {
      expect(read(bent)).toBe("invalid Clavitor-Assertion");
    }
  });
});

describe("addresses", () => {
  test.each(["https://vault.example", "https://vault.example:8443", "http://localhost:3000", "http://127.0.0.1:1", "http://[::1]:1", "http://sign.localhost:3000"])("%s is an origin", (value) => {
    expect(isOrigin(value)).toBe(true);
    expect(isBaseUrl(value)).toBe(true);
    expect(isBaseUrl(`${value}/hmHr7A`)).toBe(true);
  });
  test.each(["http://vault.example", "https://vault.example/", "https://Vault.example", "https://vault.example:443", "ftp://vault.example", "https://a@vault.example", "https://127.0.0.1.", "http://localhost.evil.example", "http://127.0.0.2", "null", "", 7])("%s is none", (value) => {
    expect(isOrigin(value)).toBe(false);
  });
  test.each(["https://v.example/", "https://v.example/a/", "https://v.example/a//b", "https://v.example/a?b", "https://v.example/a#b", "https://v.example/%41", "https://v.example/../a", "https://u:p@v.example/a", "https://V.example/a", "http://v.example/a"])("%s is no base URL", (value) => {
    expect(isBaseUrl(value)).toBe(false);
  });
  test("a reply address may have a path and query, no fragment or credentials", () => {
    expect(isUrl("https://msp.example/reply?x=1")).toBe(true);
    for (const bad of ["https://msp.example", "https://msp.example/a#b", "https://msp.example/#", "https://u@msp.example/", "http://msp.example/", "javascript:alert(1)"]) expect(isUrl(bad)).toBe(false);
  });
});

test("no value makes a check throw anything but a refusal", () => {
  const checks = [schema.checkBatch, schema.checkConnect, schema.checkAgentCreate, schema.checkEntryCreate, schema.checkCredentialCreate, schema.checkAssertion];
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    for (const check of checks) expect(judge(check, value)).toMatch(/^invalid/);
  }));
});
