import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { b64u, fromB64u, utf8 } from "#lib/protocol/bytes.ts";
import { lockedP0 } from "#lib/protocol/connect.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { verifyAnswer } from "#lib/protocol/signed.ts";
import { SoftwareKey, type Tampering } from "../testing/authenticator.ts";
import { op, sendRaw, type Response } from "../testing/client.ts";
import { connectMsp, registerVault, startWorld, type OwnedVault, type World } from "../testing/world.ts";

let world: World;
let vault: OwnedVault;
beforeAll(async () => {
  world = await startWorld();
  vault = await registerVault(world);
});
afterAll(async () => {
  await world.end();
});

type Answer = Pick<Response, "status" | "json" | "text">;
const code = (answer: Answer): string => (answer.status < 300 ? String(answer.status) : `${answer.status} ${String(answer.json.code)}`);

describe("registration", () => {
  interface Change {
    key?: SoftwareKey;
    tampering?: Tampering & { fmt?: string };
    challenge?: string;
    body?: object;
  }
  async function register({ key, tampering, challenge, body }: Change = {}, at = world): Promise<Answer> {
    const device = key ?? new SoftwareKey({ rpId: new URL(at.origin).hostname, origin: at.origin });
    const begun = await sendRaw(at.listening, "POST", "/register/begin", {}, "{}");
    const bytes = fromB64u(challenge ?? String(begun.json.challenge), 32);
    const whole = { registration: device.createJson(bytes, tampering), p0: device.p0, wrapped_l3: b64u(randomBytes(60)), name: "New", ...body };
    return sendRaw(at.listening, "POST", "/register", {}, JSON.stringify(whole));
  }
  const device = (change: object = {}): SoftwareKey => new SoftwareKey({ rpId: "vault.localhost", origin: world.origin, ...change });

  test("makes a vault named by the device's p0, with its owner as agent 1", async () => {
    const key = device();
    const made = await register({ key });
    expect(code(made)).toBe("201");
    expect(made.json).toMatchObject({ vault_id: key.p0, url: `${world.origin}/${key.p0}`, agent_id: 1 });
    expect(Object.keys(made.json).sort()).toEqual(["agent_id", "public_key", "token", "uid", "url", "vault_id"]);
  });
  test("its answer is signed by the key that it brings, over no row, when a nonce was sent", async () => {
    const key = device();
    const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
    const body = JSON.stringify({ registration: key.createJson(fromB64u(String(begun.json.challenge), 32)), p0: key.p0, wrapped_l3: "", name: "New" });
    const nonce = b64u(randomBytes(16));
    const made = await sendRaw(world.listening, "POST", "/register", { "Clavitor-Nonce": nonce }, body);
    const context = { agent: null, body: utf8(made.text), method: "POST", nonce, status: 201, target: "/register", vault: String(made.json.vault_id) };
    const answer = await verifyAnswer(String(made.headers["clavitor-answer"]), context, String(made.json.public_key));
    expect(answer).toMatchObject({ epoch: 1, mode: "primary" });
  });
  test("begin takes no members", async () => {
    expect(code(await sendRaw(world.listening, "POST", "/register/begin", {}, '{"name":"x"}'))).toBe("422 invalid");
    expect(code(await sendRaw(world.listening, "POST", "/register/begin", {}, ""))).toBe("201");
    expect(code(await vault.owner.send("POST", "/session/begin", { token: null, body: '{"name":"x"}' }))).toBe("422 invalid");
  });
  test("a malformed nonce is refused before anything is made, and no refusal at the root is signed", async () => {
    const before = readdirSync(world.dir).length;
    const key = device();
    const begun = await sendRaw(world.listening, "POST", "/register/begin", { "Clavitor-Nonce": b64u(randomBytes(16)) }, "{}");
    expect(begun.headers["clavitor-answer"]).toBeUndefined();
    const body = JSON.stringify({ registration: key.createJson(fromB64u(String(begun.json.challenge), 32)), p0: key.p0, wrapped_l3: "", name: "New" });
    const refused = await sendRaw(world.listening, "POST", "/register", { "Clavitor-Nonce": b64u(randomBytes(15)) }, body);
    expect([code(refused), refused.json.path, refused.headers["clavitor-answer"]]).toEqual(["422 invalid", "Clavitor-Nonce", undefined]);
    expect(readdirSync(world.dir)).toHaveLength(before);
  });
  test("a taken p0 gets another free id", async () => {
    const key = device();
    await register({ key });
    const second = await register({ body: { p0: key.p0 } });
    expect(code(second)).toBe("201");
    expect(second.json.vault_id).not.toBe(key.p0);
  });
  test.each<[string, Change, string]>([
    ["an unknown challenge", { challenge: b64u(randomBytes(32)) }, "403 challenge_unknown"],
    ["another ceremony", { tampering: { type: "webauthn.get" } }, "403 assertion_invalid"],
    ["another origin", { tampering: { origin: "https://evil.example" } }, "403 wrong_origin"],
    ["another RP id", { tampering: { rpId: "evil.example" } }, "403 wrong_origin"],
    ["inside a foreign frame", { tampering: { crossOrigin: true } }, "403 assertion_invalid"],
    ["no presence", { tampering: { flags: 0x44 } }, "403 user_not_verified"],
    ["no verification", { tampering: { flags: 0x41 } }, "403 user_not_verified"],
    ["backed up but not eligible", { tampering: { flags: 0x55 } }, "403 assertion_invalid"],
    ["no credential", { tampering: { flags: 0x05 } }, "403 assertion_invalid"],
    ["an attestation that was not asked for", { tampering: { fmt: "packed" } }, "403 assertion_invalid"],
    ["no p0", { body: { p0: "AAAA" } }, "422 invalid"],
    ["a name with control characters", { body: { name: "a\nb" } }, "422 invalid"],
    ["no registration", { body: { registration: null } }, "422 invalid"],
    ["an unknown member", { body: { extra: 1 } }, "422 invalid"],
  ])("%s is refused and leaves no file", async (_, change, expected) => {
    const before = readdirSync(world.dir).length;
    expect(code(await register(change))).toBe(expected);
    expect(readdirSync(world.dir)).toHaveLength(before);
  });
  test("a weak RSA key is refused", async () => {
    expect(code(await register({ key: device({ alg: "RS256", rsaBits: 1024 }) }))).toBe("403 assertion_invalid");
  });
  test("one registration cannot be played twice", async () => {
    const key = device();
    const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
    const body = JSON.stringify({ registration: key.createJson(fromB64u(String(begun.json.challenge))), p0: key.p0, wrapped_l3: "", name: "New" });
    expect(code(await sendRaw(world.listening, "POST", "/register", {}, body))).toBe("201");
    expect(code(await sendRaw(world.listening, "POST", "/register", {}, body))).toBe("403 challenge_unknown");
  });
  test("one challenge makes one vault, whichever device signs it", async () => {
    const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
    expect(code(await register({ challenge: String(begun.json.challenge) }))).toBe("201");
    expect(code(await register({ challenge: String(begun.json.challenge) }))).toBe("403 challenge_unknown");
  });
  test("a challenge ends after a minute", async () => {
    const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
    world.clock.forward(62);
    expect(code(await register({ challenge: String(begun.json.challenge) }))).toBe("403 challenge_unknown");
  });
  test("a public host takes none without a code, and one per code", async () => {
    const closed = await startWorld({ origin: "https://vault.example", rpId: "vault.example" });
    try {
      expect(code(await sendRaw(closed.listening, "POST", "/register/begin", {}, "{}"))).toBe("403 denied");
      expect(code(await sendRaw(closed.listening, "POST", "/register", {}, "{}"))).toBe("403 denied");
    } finally {
      await closed.end();
    }
    const coded = await startWorld({ origin: "https://vault.example", rpId: "vault.example", registerCode: "a-one-time-code" });
    try {
      expect(code(await register({}, coded))).toBe("403 denied");
      expect(code(await register({ body: { code: "a-one-time-cod3" } }, coded))).toBe("403 denied");
      expect(code(await register({ body: { code: "a-one-time-code" } }, coded))).toBe("201");
      expect(code(await register({ body: { code: "a-one-time-code" } }, coded).catch(() => ({ status: 403, json: { code: "denied" }, text: "" })))).toBe("403 denied");
      expect(existsSync(coded.dir)).toBe(true);
    } finally {
      await coded.end();
    }
  });
});

describe("sessions", () => {
  async function signIn(key: SoftwareKey, tampering: Tampering = {}, purpose: "signin" | "unlock" = "signin"): Promise<Answer> {
    const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
    const assertion = key.getJson(ceremonyChallenge(purpose, fromB64u(String(begun.json.challenge), 32)), tampering);
    return vault.owner.send("POST", "/session", { token: null, body: JSON.stringify({ assertion }) });
  }

  test("a device of an owner opens one for fifteen minutes, which approves with a tap like its row", async () => {
    const opened = await signIn(vault.key);
    expect(code(opened)).toBe("200");
    expect(opened.json.expires_at - world.clock.now()).toBeGreaterThan(890);
    const page = vault.owner.as({ token: String(opened.json.token) });
    expect((await page.get("/vault")).signed).toBe(true);
    expect((await page.change([op("PUT", "/agent/1", { name: "Renamed" })], { keys: [vault.key] })).status).toBe(200);
    world.clock.forward(901);
    expect((await page.get("/vault")).status).toBe(401);
    expect((await vault.owner.get("/vault")).status).toBe(200);
  });
  test.each<[string, Tampering, string]>([
    ["another origin", { origin: "https://evil.example" }, "403 wrong_origin"],
    ["another RP id", { rpId: "evil.example" }, "403 wrong_origin"],
    ["no verification", { flags: 0x01 }, "403 user_not_verified"],
    ["another ceremony", { type: "webauthn.create" }, "403 assertion_invalid"],
    ["a wrong signature", { signature: new Uint8Array(64) }, "403 assertion_invalid"],
  ])("%s is refused", async (_, tampering, expected) => {
    expect(code(await signIn(vault.key, tampering))).toBe(expected);
  });
  test("an assertion for another purpose is none, and none is played twice", async () => {
    expect(code(await signIn(vault.key, {}, "unlock"))).toBe("403 challenge_unknown");
    const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
    const body = JSON.stringify({ assertion: vault.key.getJson(ceremonyChallenge("signin", fromB64u(String(begun.json.challenge), 32))) });
    expect(code(await vault.owner.send("POST", "/session", { token: null, body }))).toBe("200");
    expect(code(await vault.owner.send("POST", "/session", { token: null, body }))).toBe("403 challenge_unknown");
  });
  test("every begin gives another challenge, so that two sign-ins of one second both succeed, in any order", async () => {
    const begin = async (): Promise<string> => String((await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" })).json.challenge);
    const challenges = await Promise.all([begin(), begin(), begin()]);
    expect(new Set(challenges).size).toBe(3);
    for (const challenge of challenges.toReversed()) {
      const assertion = vault.key.getJson(ceremonyChallenge("signin", fromB64u(challenge, 32)));
      expect(code(await vault.owner.send("POST", "/session", { token: null, body: JSON.stringify({ assertion }) }))).toBe("200");
    }
  });
  test("one challenge serves one purpose once: after a sign-in it unlocks nothing", async () => {
    const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
    const bytes = fromB64u(String(begun.json.challenge), 32);
    const send = (path: string, purpose: "signin" | "unlock", more: object = {}): Promise<Answer> =>
      vault.owner.send("POST", path, { token: null, body: JSON.stringify({ assertion: vault.key.getJson(ceremonyChallenge(purpose, bytes)), ...more }) });
    expect(code(await send("/session", "signin"))).toBe("200");
    expect(code(await send("/l3", "unlock", { p0: vault.key.p0 }))).toBe("403 challenge_unknown");
  });
  test("a bad signature over a challenge does not use it up, and another vault's is none", async () => {
    const other = await registerVault(world);
    const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
    const bytes = ceremonyChallenge("signin", fromB64u(String(begun.json.challenge), 32));
    const send = (owned: OwnedVault, tampering: Tampering = {}): Promise<Answer> => owned.owner.send("POST", "/session", { token: null, body: JSON.stringify({ assertion: owned.key.getJson(bytes, tampering) }) });
    expect(code(await send(vault, { signature: new Uint8Array(64) }))).toBe("403 assertion_invalid");
    expect(code(await send(other))).toBe("403 challenge_unknown");
    expect(code(await send(vault))).toBe("200");
  });
  test("a stranger's key, and a manager's signer, open none", async () => {
    expect(code(await signIn(new SoftwareKey({ rpId: "vault.localhost", origin: world.origin })))).toBe("403 credential_unknown");
    const msp = await connectMsp(vault);
    expect(code(await signIn(msp.signers[0]!))).toBe("403 credential_unknown");
  });
  test("ends with the device that opened it", async () => {
    const second = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
    const enrol = op("POST", "/credential", { ...second.signer(world.origin, "Second"), signs_for: 1, p0: second.p0, wrapped_l3: b64u(randomBytes(60)) });
    await vault.owner.must([enrol], { keys: [vault.key] });
    const opened = await signIn(second);
    await vault.owner.must([op("DELETE", `/credential/${second.credentialId}`)], { keys: [vault.key] });
    expect((await vault.owner.get("/vault", { token: String(opened.json.token) })).status).toBe(401);
    expect(code(await signIn(second))).toBe("410 credential_revoked");
  });
});

describe("L3", () => {
  async function unlock(key: SoftwareKey, p0 = key.p0): Promise<Answer> {
    const begun = await vault.owner.send("POST", "/session/begin", { token: null, body: "{}" });
    const assertion = key.getJson(ceremonyChallenge("unlock", fromB64u(String(begun.json.challenge), 32)));
    return vault.owner.send("POST", "/l3", { token: null, body: JSON.stringify({ assertion, p0 }) });
  }

  test("a device gets back exactly what it wrapped", async () => {
    expect((await unlock(vault.key)).json).toEqual({ wrapped_l3: b64u(vault.wrappedL3) });
  });
  test("an unknown p0 gets a stable fake of equal size", async () => {
    const [first, second] = [await unlock(vault.key, "AAAAAA"), await unlock(vault.key, "AAAAAA")];
    expect(first.json).toEqual(second.json);
    expect(first.json.wrapped_l3).toHaveLength(b64u(vault.wrappedL3).length);
    expect((await unlock(vault.key, "AAAAAQ")).json).not.toEqual(first.json);
  });
  test("a device that wrapped nothing, as a manager's signer, gets a fake of 60 bytes", async () => {
    const { signers } = await connectMsp(vault);
    const [first, second] = [await unlock(signers[0]!, "AAAAAA"), await unlock(signers[1]!, "AAAAAA")];
    expect(fromB64u(String(first.json.wrapped_l3))).toHaveLength(60);
    expect(second.json).toEqual(first.json);
  });
  test("two devices with one p0 each get their own", async () => {
    const second = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
    const own = randomBytes(60);
    const body = { ...second.signer(world.origin, "Twin"), signs_for: 1, p0: vault.key.p0, wrapped_l3: b64u(own) };
    await vault.owner.must([op("POST", "/credential", body)], { keys: [vault.key] });
    expect((await unlock(second, vault.key.p0)).json).toEqual({ wrapped_l3: b64u(own) });
    expect((await unlock(vault.key)).json).toEqual({ wrapped_l3: b64u(vault.wrappedL3) });
  });
  test.each([0xf8, 0xf9, 0xfa, 0xfb])("a second device whose PRF output begins with byte %i is enrolled and gets back its own", async (first) => {
    const second = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
    const [p0, own] = [b64u(Uint8Array.of(first, ...randomBytes(3))), b64u(randomBytes(60))];
    const body = { ...second.signer(world.origin, "Second"), signs_for: 1, p0, wrapped_l3: own };
    await vault.owner.must([op("POST", "/credential", body)], { keys: [vault.key] });
    expect((await unlock(second, p0)).json).toEqual({ wrapped_l3: own });
  });
  test("a marker that is another credential's, and a marker beside a wrapping, are refused", async () => {
    const second = new SoftwareKey({ rpId: "vault.localhost", origin: world.origin });
    const body = { ...second.signer(world.origin, "Second"), signs_for: 1 };
    const add = (change: object): Promise<Answer> => vault.owner.change([op("POST", "/credential", { ...body, ...change })], { keys: [vault.key] });
    expect(code(await add({ p0: lockedP0(vault.key.credentialId) }))).toBe("422 invalid");
    expect(code(await add({ p0: lockedP0(second.credentialId), wrapped_l3: b64u(randomBytes(60)) }))).toBe("422 invalid");
    expect(code(await add({ p0: "-AECAw" }))).toBe("422 invalid");
    expect(code(await add({ p0: lockedP0(second.credentialId) }))).toBe("200");
  });
  test("without that device's assertion there is nothing", async () => {
    expect(code(await unlock(new SoftwareKey({ rpId: "vault.localhost", origin: world.origin }), vault.key.p0))).toBe("403 credential_unknown");
  });
});
