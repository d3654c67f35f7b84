import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signStatement } from "../client/testing/seed-clients.ts";
import { b64u } from "../protocol/bytes.ts";
import type { Statement } from "../protocol/messages.ts";
import { changesOf } from "./changes.ts";
import { canVerify, digestWords, glassMessage, judgeVaultWord, keepsake, shortKey, verifyGlass, type GlassAnswer, type GlassStatement } from "./statement.ts";
import { roleScopesOf } from "../role/letters.ts";

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, key: (publicKey.export({ format: "jwk" }) as { x: string }).x };
};
const statement: GlassStatement = { v: 1, at: 1_795_000_000, msp: { name: "Quillmoor IT", origin: "https://msp.example" }, client: { name: "Café", place: null }, until: null, vaults: [] };
const own = keyPair();
const signed = (given: GlassStatement = statement): GlassAnswer => ({ statement: given, signature: b64u(new Uint8Array(sign(null, glassMessage(given), own.privateKey))), key: own.key, vaults: [] });

describe("what the console states", () => {
  test("the bytes under the signature are the label, a newline and the canonical JSON", () =>
    expect(new TextDecoder().decode(glassMessage(statement))).toBe('clavitor/glass/v1\n{"at":1795000000,"client":{"name":"Café","place":null},"msp":{"name":"Quillmoor IT","origin":"https://msp.example"},"until":null,"v":1,"vaults":[]}'));
  test("its digest is sixteen letters in four groups", () => expect(digestWords(statement)).toBe("098b dd92 aba5 bd74"));
  test("holds under its key, and under no other, nor with a letter changed", async () => {
    expect(await canVerify()).toBe(true);
    expect(await verifyGlass(signed())).toBe(true);
    expect(await verifyGlass({ ...signed(), key: keyPair().key })).toBe(false);
    expect(await verifyGlass({ ...signed(), statement: { ...statement, at: statement.at + 1 } })).toBe(false);
    expect(await verifyGlass({ ...signed(), statement: { ...statement, client: { name: "Cafe", place: null } } })).toBe(false);
    expect(await verifyGlass({ ...signed(), signature: "AA" })).toBe(false);
    // A point of small order verifies many messages; it is no key.
    expect(await verifyGlass({ ...signed(), key: b64u(new Uint8Array(32)) })).toBe(false);
  });
  test("a copy keeps enough to check again", async () => expect(await verifyGlass(JSON.parse(keepsake(signed())) as GlassAnswer)).toBe(true));
  test("a key is shown by its ends", () => expect(shortKey("abcdefghijklmnopqrstuvwxyz")).toBe("abcdef…wxyz"));
});

describe("the vault's own word", () => {
  const vault = keyPair();
  const said: Statement = { agents: [], at: 1_795_000_000, epoch: 1, grant: { scopes: "any", all_access: "never", max_lease: null, max_agents: 3, entries: false, cosign: 1, signer_delay: 0, audit: "own" }, manager: b64u(new Uint8Array(16)), revision: 4, vault: "oiXLBA", v: 1 };
  const word = signStatement(vault.privateKey, said);
  const about = { vault: "oiXLBA", key: vault.key };
  test("counts under the key that was confirmed", async () => expect(await judgeVaultWord(about, word)).toMatchObject({ kind: "signed" }));
  test("of another vault, altered, or under another key is bad, and its absence is none", async () => {
    expect(await judgeVaultWord({ ...about, vault: "other1" }, word)).toEqual({ kind: "bad" });
    expect(await judgeVaultWord(about, { ...word, statement: { ...said, revision: 5 } })).toEqual({ kind: "bad" });
    expect(await judgeVaultWord({ ...about, key: keyPair().key }, word)).toEqual({ kind: "bad" });
    expect(await judgeVaultWord(about, null)).toEqual({ kind: "none" });
  });
});

describe("what changed", () => {
  const roles = roleScopesOf([{ scope: "0010", roleId: "n", name: "Networking", letter: "N", position: 0 }]);
  const nothing = { connectedAt: null, confirmedAt: null, confirmedBy: null, endedAt: null, endedBy: null, drifts: [], ours: [] };
  const options = { msp: "Quillmoor IT", roles, since: 0, most: 100 };
  const side = { name: "John Meier", scopes: "0010", all_access: false, expires_at: null };
  test("newest first, nothing older than asked for, and no more than asked for", () => {
    const happened = { ...nothing, connectedAt: 1_000, confirmedAt: 2_000, confirmedBy: "Ines", endedAt: 3_000, endedBy: "client" as const };
    expect(changesOf(happened, options).map(({ at, sign: mark, name }) => [at, mark, name])).toEqual([[3, "revoke", "You"], [2, "keep", "Ines"], [1, "keep", "You"]]);
    expect(changesOf(happened, { ...options, since: 1_500 })).toHaveLength(2);
    expect(changesOf(happened, { ...options, most: 1 })).toHaveLength(1);
  });
  test("a drift says that it was not the MSP, and what became of it", () => {
    const drift = { kind: "removed" as const, uid: "u", before: side, after: null, seenAt: 5_000, changedAt: 4_000, settledHow: "accepted", settledBy: "Ines" };
    expect(changesOf({ ...nothing, drifts: [drift] }, options)).toEqual([{ at: 4, sign: "revoke", name: "John Meier", words: "is gone. It had Networking. Nobody there did that. Accepted by Ines." }]);
  });
});
