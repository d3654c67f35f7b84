import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { b64u, fromB64u } from "../../lib/protocol/bytes.ts";
import { refuseRequestOrigins, verifyEnrol } from "../../lib/protocol/connect.ts";
import { checkInboxStatement, endorses, inboxPrfInput, isCurrent, refuseEndorsement, refuseInboxSignature, refuseSealTo, unwrapInboxKey } from "../../lib/protocol/inbox.ts";
import { seal, tokenInfo, tokenPlaintext } from "../../lib/protocol/seal.ts";
import { newToken } from "../../lib/protocol/token.ts";
import { PEOPLE } from "../cast/people.ts";
import { Technician, type Statement } from "./inbox.ts";
import { asSigners, endorse, ownersKeys } from "./signers.ts";

const seed = new Uint8Array(32).fill(4);
const CONSOLE = "http://localhost:3000";
const SIGNING = "http://sign.localhost:3000";
const now = 1_800_000_000;
const sarah = new Technician(seed, { person: "sarah", console: CONSOLE });
const jim = new Technician(seed, { person: "jim", console: CONSOLE });
const row = { vault: "oiXLBA", key: b64u(new Uint8Array(32).fill(1)), uid: b64u(new Uint8Array(16).fill(2)) };
let stated: Statement;
beforeAll(async () => {
  stated = await sarah.state(now);
});

describe("an inbox statement", () => {
  test("is current, in form, under the technician's name, and stands under their passkey and no other", async () => {
    checkInboxStatement(stated.statement);
    expect(isCurrent(stated.statement, now)).toBe(true);
    expect(stated.statement).toMatchObject({ kem: "x-wing", name: "Sarah Lindqvist", technician: sarah.id, msp: CONSOLE });
    const device = (technician: Technician) => ({ origin: CONSOLE, rpId: "localhost", backupEligible: false, hardwareBound: false, publicKey: fromB64u(technician.passkey.publicKey) });
    expect(await refuseInboxSignature(stated.statement, stated.assertion, device(sarah))).toBeNull();
    expect(await refuseInboxSignature(stated.statement, stated.assertion, device(jim))).toMatchObject({ code: "assertion_invalid" });
    expect(await refuseInboxSignature({ ...stated.statement, name: "Jim Okafor" }, stated.assertion, device(sarah))).toMatchObject({ code: "proof_invalid" });
  });
  test("names the same key after a restart, and everybody has another one", async () => {
    const again = await new Technician(seed, { person: "sarah", console: CONSOLE }).state(now);
    expect([again.statement, again.sealed_to, again.fingerprint]).toEqual([stated.statement, stated.sealed_to, stated.fingerprint]);
    const all = await Promise.all(PEOPLE.map(({ id }) => new Technician(seed, { person: id, console: CONSOLE }).inbox()));
    expect(new Set(all.map(({ publicKey }) => publicKey)).size).toBe(PEOPLE.length);
  });
  test("keeps the private key under the passkey: it comes back with the right PRF output only", async () => {
    const context = { credential_id: stated.credential_id, public_key: stated.statement.public_key, technician: sarah.id };
    expect(await unwrapInboxKey(sarah.passkey.prf(inboxPrfInput()), fromB64u(stated.wrapped), context)).toEqual((await sarah.inbox()).privateKey);
    expect(await unwrapInboxKey(jim.passkey.prf(inboxPrfInput()), fromB64u(stated.wrapped), context)).toBeNull();
    expect(await unwrapInboxKey(sarah.passkey.prf(inboxPrfInput()), fromB64u(stated.wrapped), { ...context, technician: jim.id })).toBeNull();
  });
  test("someone who is not in the cast has none", () => expect(() => new Technician(seed, { person: "nobody", console: CONSOLE })).toThrow("nobody in the cast"));
});

describe("a sealed token", () => {
  const plain = { agent: 17, key: row.key, token: newToken(), uid: row.uid, vault: row.vault, vault_url: "http://vault.localhost:4100/oiXLBA" };
  const sealTo = async (technician: Technician, info = row, inside = plain) => {
    const { kem, publicKey } = await technician.inbox();
    return seal({ kem, public_key: publicKey }, tokenInfo(info), tokenPlaintext(inside));
  };

  test("opens for its technician, and says where it belongs", async () => {
    expect(await sarah.open(await sealTo(sarah), row)).toEqual({ ...plain, v: 1 });
  });
  test("stays closed for a colleague, for another row, another vault and another key", async () => {
    const sealed = await sealTo(sarah);
    expect(await jim.open(sealed, row)).toBeNull();
    for (const change of [{ uid: b64u(new Uint8Array(16)) }, { vault: "AAAAAA" }, { key: b64u(new Uint8Array(32)) }]) expect(await sarah.open(sealed, { ...row, ...change })).toBeNull();
  });
  test("that was sealed for this row but names another one inside is refused", async () => {
    expect(await sarah.open(await sealTo(sarah, row, { ...plain, vault: "AAAAAA" }), row)).toBeNull();
  });
});

describe("the owners' keys", () => {
  test("three of two people at Quillmoor, each proved for the console, none on its host", async () => {
    const signers = asSigners(ownersKeys(seed, "quillmoor", SIGNING), CONSOLE);
    expect(signers.map(({ person, label }) => `${person} ${label}`)).toEqual(["Ines Halloran Desk", "Ines Halloran Pocket", "Tobias Renner Safe"]);
    expect(new Set(signers.map(({ credential_id }) => credential_id)).size).toBe(3);
    const request = { msp: { origin: CONSOLE }, reply_to: `${CONSOLE}/api/connect`, signers } as unknown as Parameters<typeof refuseRequestOrigins>[0];
    expect(refuseRequestOrigins(request)).toBeNull();
    for (const signer of signers) expect(await verifyEnrol(signer, CONSOLE, true)).toHaveProperty("key");
  });
  test("endorse statements: what the signing page checks before a tap holds", async () => {
    const [desk] = ownersKeys(seed, "quillmoor", SIGNING);
    const given = endorse(desk!, [stated.statement, (await jim.state(now)).statement]);
    expect(endorses(given.endorsement, stated.statement)).toBe(true);
    const signer = { origin: SIGNING, rpId: "sign.localhost", backupEligible: false, hardwareBound: true, publicKey: fromB64u(desk!.key.publicKey) };
    expect(await refuseEndorsement(given.endorsement, given.assertion, signer)).toBeNull();
    expect(refuseSealTo({ kem: "x-wing", public_key: stated.statement.public_key }, stated.statement, { name: sarah.name, msp: CONSOLE, now })).toBeNull();
  });
});

describe("the programs", () => {
  const program = (args: string[], input = "", env: Record<string, string> = { CLAVITOR_DEMO_SEED: b64u(seed) }) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { input, env: { ...env } as NodeJS.ProcessEnv, encoding: "utf8" });
  const who = ["--person", "sarah", "--console", CONSOLE];
  const where = ["--vault", row.vault, "--key", row.key, "--uid", row.uid];

  test("state and open do as the technician would", async () => {
    const said = JSON.parse(program(["state", ...who]).stdout) as Statement;
    expect(said.statement.public_key).toBe(stated.statement.public_key);
    const token = { agent: 17, key: row.key, token: newToken(), uid: row.uid, vault: row.vault, vault_url: "http://vault.localhost:4100/oiXLBA" };
    const sealed = await seal({ kem: "x-wing", public_key: said.statement.public_key }, tokenInfo(row), tokenPlaintext(token));
    expect(JSON.parse(program(["open", ...who, ...where], JSON.stringify(sealed)).stdout)).toEqual({ ...token, v: 1 });
    const colleague = program(["open", "--person", "jim", "--console", CONSOLE, ...where], JSON.stringify(sealed));
    expect([colleague.status, colleague.stdout]).toEqual([1, ""]);
    expect(colleague.stderr).toBe("it was not sealed to this inbox for that row\n");
  });
  test.each([[[]], [["state"]], [["open", ...who]]])("with arguments missing they say which, and fail (%j)", (args) => {
    const { status, stderr, stdout } = program(args, "{}");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
  test("without the seed nothing is said", () => {
    const { status, stdout } = program(["state", ...who], "", {});
    expect([status, stdout]).toEqual([1, ""]);
  });
});
