import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { b64u, utf8 } from "#lib/protocol/bytes.ts";
import { jcs, jcsBytes } from "#lib/protocol/jcs.ts";
import type { Assertion, Op } from "#lib/protocol/messages.ts";
import { SoftwareKey } from "../testing/authenticator.ts";
import { generateSealKey } from "#lib/protocol/seal.ts";
import { op, type ChangeOptions, type Response, type VaultClient } from "../testing/client.ts";
import { connectMsp, registerVault, SIGNING, startWorld, WIDE, type ConnectedMsp, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
let msp: ConnectedMsp;
let reader: VaultClient;

beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
  msp = await connectMsp(vault, { grant: { ...WIDE, cosign: 2 }, count: 3 });
  const create = op("POST", "/agent", { name: "Reader", kind: "human", scopes: "0010", all_access: false, admin: false });
  const { receipt, tokens } = await vault.owner.must([create], { keys: [vault.key] });
  reader = vault.owner.as({ agentId: receipt.results[0]!.agent_id!, uid: receipt.results[0]!.uid!, token: tokens![create.id]! });
});
afterAll(async () => {
  await world.end();
});

const person = (name: string): Op => op("POST", "/agent", { name, kind: "human", scopes: "", all_access: false, admin: false });
const code = (answer: Response): string => `${answer.status} ${String(answer.json?.code)}`;

describe("form comes before the tap, in order", () => {
  const submit = (change: { path?: string; token?: string | null; body?: string }): Promise<Response> => {
    const headers: Record<string, string> = { "Content-Encoding": "gzip", "Clavitor-Assertion": "!" };
    return vault.owner.send("POST", change.path ?? "/batch", { token: change.token === undefined ? vault.owner.account.token : change.token, headers, body: change.body ?? "{" });
  };
  const withoutEncoding = (body: string, assertion: string | null): Promise<Response> =>
    vault.owner.send("POST", "/batch", { body, headers: assertion === null ? {} : { "Clavitor-Assertion": assertion } });

  test("an unknown path is 404 whoever asks", async () => {
    expect(code(await submit({ path: "/nothing", token: "x" }))).toBe("404 not_found");
    expect(code(await submit({ path: "/agent/0", token: "x" }))).toBe("404 not_found");
    expect(code(await submit({ path: "/batch?x=1", token: "x" }))).toBe("404 not_found");
    expect(code(await submit({ path: "/batch/", token: "x" }))).toBe("404 not_found");
  });
  test("a missing or unknown token is 401", async () => {
    expect(code(await submit({ token: null }))).toBe("401 unknown_token");
    expect(code(await submit({ token: `cvt_${b64u(randomBytes(32))}` }))).toBe("401 unknown_token");
  });
  test("a row without admin is refused before its body is looked at", async () => {
    const answer = await reader.send("POST", "/batch", { body: "{", headers: { "Content-Encoding": "gzip" } });
    expect(code(answer)).toBe("403 not_admin");
  });
  test("an encoding is refused before size, size before form", async () => {
    expect(code(await submit({ body: "x".repeat(1_048_577) }))).toBe("415 wrong_type");
    expect(code(await withoutEncoding("x".repeat(1_048_577), "!"))).toBe("413 too_large");
    expect(code(await withoutEncoding("{", "!"))).toBe("400 not_canonical");
    expect(code(await withoutEncoding('{"operations": []}', "!"))).toBe("400 not_canonical");
  });
  test("members are judged before the assertion header, and named by a pointer", async () => {
    const answer = await withoutEncoding(jcs({ operations: [{ ...person("x"), extra: 1 }] }), null);
    expect(code(answer)).toBe("422 invalid");
    expect(answer.json.path).toBe("/operations/0/extra");
  });
  test("the assertion header: absent, too long, no JCS, no proof, members", async () => {
    const body = jcs({ operations: [person("x")] });
    expect(code(await withoutEncoding(body, null))).toBe("403 assertion_required");
    expect(code(await withoutEncoding(body, "A".repeat(8_001)))).toBe("413 too_large");
    expect(code(await withoutEncoding(body, "!"))).toBe("400 not_canonical");
    expect(code(await withoutEncoding(body, b64u(utf8('{"v": 1}'))))).toBe("400 not_canonical");
    expect(code(await withoutEncoding(body, b64u(jcsBytes({ v: 1 }))))).toBe("403 proof_invalid");
    const answer = await withoutEncoding(body, b64u(jcsBytes({ v: 1, proof: {} })));
    expect(code(answer)).toBe("422 invalid");
    expect(answer.json.path).toBe("Clavitor-Assertion");
  });
});

describe("the tap: the first rung that fails gives the code", () => {
  // Each fault alone fails its own rung; the k-th case has fault k and all later ones at once.
  const faults: readonly { code: string; fault: () => Partial<ChangeOptions>; op?: () => Op }[] = [
    { code: "403 challenge_unknown", fault: () => ({ challenge: b64u(randomBytes(32)) }) },
    { code: "403 proof_invalid", fault: () => ({ leaf: { agent: 1 } }) },
    { code: "403 credential_unknown", fault: () => ({ keys: [new SoftwareKey(SIGNING)] }) },
    { code: "403 wrong_origin", fault: () => ({ tampering: { origin: "https://evil.example" } }) },
    { code: "403 wrong_origin", fault: () => ({ tampering: { rpId: "evil.example" } }) },
    { code: "403 assertion_invalid", fault: () => ({ tampering: { type: "webauthn.create" } }) },
    { code: "403 assertion_invalid", fault: () => ({ tampering: { crossOrigin: true } }) },
    { code: "403 assertion_invalid", fault: () => ({ tampering: { topOrigin: "https://evil.example" } }) },
    { code: "403 assertion_invalid", fault: () => ({ tampering: { flags: 0x0d } }) },
    { code: "403 user_not_verified", fault: () => ({ tampering: { flags: 0x01 } }) },
    { code: "403 cosign_required", fault: () => ({ keys: msp.signers.slice(0, 1) }) },
    { code: "403 assertion_invalid", fault: () => ({ tampering: { signature: new Uint8Array(70) } }) },
    { code: "403 not_granted", fault: () => ({}), op: () => op("DELETE", "/agent/1") },
  ];
  test.each(faults.map((fault, k) => ({ k, code: fault.code })))("rung $k: $code", async ({ k, code: expected }) => {
    const later = faults.slice(k);
    const options = later.map(({ fault }) => fault()).reduceRight<Partial<ChangeOptions>>(
      (all, one) => ({ ...all, ...one, ...(all.tampering || one.tampering ? { tampering: { ...all.tampering, ...one.tampering } } : {}) }),
      {},
    );
    const answer = await msp.manager.change([op("DELETE", "/agent/1")], { keys: msp.signers.slice(0, 2), ...options });
    expect(code(answer)).toBe(expected);
    expect(answer.signed).toBe(true);
  });
  test("and without any fault the change is made", async () => {
    const target = await generateTarget();
    const answer = await msp.manager.change([target], { keys: msp.signers.slice(0, 2) });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json.receipt.signers).toHaveLength(2);
  });

  test("a challenge is used up by any submission that names it", async () => {
    const { challenge } = await vault.owner.begin();
    const keys = [vault.key];
    expect(code(await vault.owner.change([person("a")], { keys, challenge, leaf: { agent: 9 } }))).toBe("403 proof_invalid");
    expect(code(await vault.owner.change([person("b")], { keys, challenge }))).toBe("403 challenge_unknown");
  });
  test("a challenge of another agent or another vault is unknown", async () => {
    const other = await registerVault(world, "Other");
    const { challenge } = await other.owner.begin();
    expect(code(await vault.owner.change([person("a")], { keys: [vault.key], challenge }))).toBe("403 challenge_unknown");
    const own = await msp.manager.begin();
    expect(code(await vault.owner.change([person("a")], { keys: [vault.key], challenge: own.challenge }))).toBe("403 challenge_unknown");
  });
  test("a challenge lives sixty seconds, and asking for others shortens no life", async () => {
    const first = await vault.owner.begin();
    const second = await vault.owner.begin();
    for (let i = 0; i < 50; i++) await vault.owner.begin();
    world.clock.forward(60);
    expect((await vault.owner.change([person("in time")], { keys: [vault.key], challenge: first.challenge })).status).toBe(200);
    world.clock.forward(1);
    expect(code(await vault.owner.change([person("late")], { keys: [vault.key], challenge: second.challenge }))).toBe("403 challenge_expired");
  });
  test("a tap for one batch approves no other: body, order, method, condition, vault and key are all under it", async () => {
    const ops = [person("a"), person("b")];
    const elsewhere: readonly (readonly Op[])[] = [
      [{ ...ops[0]!, body: { ...ops[0]!.body, name: "c" } }, ops[1]!],
      [ops[1]!, ops[0]!],
      [ops[0]!],
      [...ops, person("c")],
      [{ ...ops[0]!, id: "00000000-0000-4000-8000-000000000000" }, ops[1]!],
    ];
    for (const leafOps of elsewhere) expect(code(await vault.owner.change(ops, { keys: [vault.key], leaf: { ops: leafOps } }))).toBe("403 proof_invalid");
    expect(code(await vault.owner.change(ops, { keys: [vault.key], leaf: { vault: "AAAAAA" } }))).toBe("403 proof_invalid");
    expect(code(await vault.owner.change(ops, { keys: [vault.key], leaf: { key: b64u(randomBytes(32)) } }))).toBe("403 proof_invalid");
  });
  test("proofs of another shape are refused", async () => {
    const twists: ((assertion: Assertion) => unknown)[] = [
      (a) => ({ ...a, proof: { ...a.proof, index: a.proof.index ^ 1 } }),
      (a) => ({ ...a, proof: { ...a.proof, size: 128 } }),
      (a) => ({ ...a, proof: { ...a.proof, path: a.proof.path.slice(1) } }),
      (a) => ({ ...a, proof: { ...a.proof, path: [...a.proof.path, a.proof.path[0]] } }),
      (a) => ({ ...a, proof: { index: 0, size: 1, path: [] } }),
    ];
    for (const twist of twists) expect(code(await vault.owner.change([person("x")], { keys: [vault.key], twist }))).toBe("403 proof_invalid");
  });
  test("cosign: the same person, the same key, a late or overlong window, a foreign key", async () => {
    const [first, second] = msp.signers;
    const now = world.clock.now();
    const cosigned = (keys: SoftwareKey[], cosignChallenge = `cosign/${now}/${now + 600}`): Promise<Response> =>
      msp.manager.change([person("x")], { keys, cosignChallenge });
    expect(code(await cosigned([first!, first!]))).toBe("403 cosign_required");
    expect(code(await cosigned([first!, second!], `cosign/${now}/${now + 3_601}`))).toBe("403 challenge_unknown");
    expect(code(await cosigned([first!, second!], `standing/${now}/${now + 600}`))).toBe("403 challenge_unknown");
    expect(code(await cosigned([first!, second!], `cosign/${now - 700}/${now - 100}`))).toBe("403 challenge_expired");
    expect(code(await cosigned([first!, second!], `cosign/${now + 400}/${now + 900}`))).toBe("403 challenge_expired");
    expect(code(await cosigned([first!, new SoftwareKey(SIGNING)]))).toBe("403 credential_unknown");
  });
  test("a revoked key is 410, and cannot be enrolled again", async () => {
    const third = msp.signers[2]!;
    await msp.manager.must([op("DELETE", `/credential/${third.credentialId}`)], { keys: msp.signers.slice(0, 2) });
    expect(code(await msp.manager.change([person("x")], { keys: [third, msp.signers[0]!] }))).toBe("410 credential_revoked");
    const again = op("POST", "/credential", { ...third.signer(msp.request.msp.origin, "person 3"), signs_for: msp.manager.account.agentId });
    expect(code(await msp.manager.change([again], { keys: msp.signers.slice(0, 2) }))).toBe("409 credential_exists");
  });
  test("EdDSA and RS256 owners approve as ES256 ones do", async () => {
    for (const alg of ["EdDSA", "RS256"] as const) {
      const other = await registerVault(world, alg, alg);
      expect((await other.owner.change([person("x")], { keys: [other.key] })).status).toBe(200);
      expect(code(await other.owner.change([person("x")], { keys: [other.key], tampering: { signature: new Uint8Array(256) } }))).toBe("403 assertion_invalid");
    }
  });
  test("a counter that goes back is noted, not refused", async () => {
    expect((await vault.owner.change([person("x")], { keys: [vault.key], tampering: { counter: 1 } })).status).toBe(200);
    const { events } = (await vault.owner.get("/audit")).json;
    expect(events.some((event: { action: string }) => event.action === "counter_regressed")).toBe(true);
  });
  test("twenty failing signatures in a minute stop an agent's submissions for a while", async () => {
    const other = await registerVault(world, "Tries");
    const bad = { keys: [other.key], tampering: { signature: new Uint8Array(64) } };
    for (let i = 0; i < 20; i++) expect(code(await other.owner.change([person("x")], bad))).toBe("403 assertion_invalid");
    const stopped = await other.owner.change([person("x")], { keys: [other.key] });
    expect(code(stopped)).toBe("429 slow_down");
    expect(Number(stopped.headers["retry-after"])).toBeGreaterThan(0);
    world.clock.forward(61);
    expect((await other.owner.change([person("x")], { keys: [other.key] })).status).toBe(200);
  });
});

async function generateTarget(): Promise<Op> {
  const pair = await generateSealKey("x25519");
  return op("POST", "/agent", { name: "Technician", kind: "human", scopes: "0010", all_access: false, admin: false, seal_to: { kem: "x25519", public_key: pair.publicKey } });
}
