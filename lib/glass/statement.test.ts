import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signStatement } from "../client/testing/seed-clients.ts";
import { b64u } from "../protocol/bytes.ts";
import type { AccessRow } from "../client/rows.ts";
import type { ProvenChange } from "../plan/proven.ts";
import type { Statement } from "../protocol/messages.ts";
import type { PlanChange } from "../protocol/plan.ts";
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
  const nothing = { connectedAt: null, confirmedAt: null, confirmedBy: null, endedAt: null, endedBy: null, drifts: [], ours: [], proven: [], granted: new Set<string>() };
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

  const access = { scopes: "0010", all_access: false, expires_at: null };
  const uid = b64u(new Uint8Array(16));
  const row = { id: "op", uid, agent: 17, name: "John Meier", revision: 4 };
  const proven = (what: PlanChange, more: Partial<ProvenChange> = {}): ProvenChange => ({ vaultRef: "v", uid, at: 9_000, by: ["Ines"], what, part: { roles: [{ name: "Networking", scope: "0010" }, { name: "Backup", scope: "0012" }] }, who: "John Meier", label: null, ...more });
  const told = (...done: ProvenChange[]) => changesOf({ ...nothing, proven: done }, options).map(({ sign: mark, name, words }) => `${mark} ${name} ${words}`);
  test("each operation that is proven is told as it was signed, with who signed it", () => {
    expect(told(proven({ ...row, change: "grant", person: 0, access: { ...access, all_access: true, expires_at: 86_400 } }))).toEqual(["grant John Meier was given full access until 2 Jan 1970, by Ines."]);
    expect(told(proven({ ...row, change: "alter", before: access, after: { ...access, scopes: "0010,0012", expires_at: 86_400 } }, { by: ["Ines", "Theo"] }))).toEqual(["alter John Meier went from Networking to Networking and Backup and has an end now, 2 Jan 1970, by Ines and Theo."]);
    expect(told(proven({ ...row, change: "alter", before: { ...access, expires_at: 0 }, after: { ...access, expires_at: 86_400 } }))).toEqual(["alter John Meier ends on 2 Jan 1970, not on 1 Jan 1970, by Ines."]);
    expect(told(proven({ ...row, change: "revoke", standing: "other", access }))).toEqual(["revoke John Meier was removed by Ines. It had Networking."]);
    expect(told(proven({ ...row, change: "reissue", person: 0, access }))).toEqual(["alter John Meier has a new token for Networking, by Ines. The old one opens nothing any more."]);
    expect(told(proven({ id: "op", change: "enrol", signer: 0 }, { uid: null, who: "Theo", label: "Safe" }))).toEqual(["grant Theo may sign for Quillmoor IT with the key “Safe”, by Ines."]);
    expect(told(proven({ id: "op", change: "strike", credential_id: "c", label: "Safe", person: "Theo" }, { uid: null, who: "Theo", label: "Safe" }))).toEqual(["revoke Theo signs for Quillmoor IT no more with the key “Safe”, by Ines."]);
    expect(told(proven({ id: "op", change: "renew", uid, token_hash: "h" }, { who: null }))).toEqual(["alter Quillmoor IT has a new token for its dashboard, by Ines. It opens nothing, before and after."]);
  });
  test("the end of the connection that the MSP signed is told once, with who signed it", () => {
    const leave = proven({ id: "op", change: "leave", uid }, { who: null });
    expect(changesOf({ ...nothing, endedAt: 9_000, endedBy: "msp", proven: [leave] }, options)).toEqual([{ at: 9, sign: "revoke", name: "Quillmoor IT", words: "ended the connection, with everything that was given out, by Ines." }]);
    expect(changesOf({ ...nothing, endedAt: 9_000, endedBy: "msp" }, options)).toEqual([{ at: 9, sign: "revoke", name: "Quillmoor IT", words: "ended the connection, with everything that was given out." }]);
  });
  test("a row that stands is told from its own time only where no proven operation made it, and with what it had before the first change of it", () => {
    const ours = [{ uid, name: "John Meier", letters: { full: false, roles: [{ roleId: "n", name: "Networking", letter: "N", position: 0 }], unmapped: ["0012"] }, since: 7_000, until: 90_000_000, origin: { kind: "tap", who: null, at: null } } as unknown as AccessRow];
    expect(changesOf({ ...nothing, ours }, options)).toEqual([{ at: 7, sign: "grant", name: "John Meier", words: "was given Networking and the number 0012 until 2 Jan 1970." }]);
    expect(changesOf({ ...nothing, ours, granted: new Set([uid]) }, options)).toEqual([]);
    const widened = proven({ ...row, change: "alter", before: access, after: { ...access, scopes: "0010,0012" } });
    expect(changesOf({ ...nothing, ours, proven: [widened] }, options).map(({ at, words }) => [at, words])).toEqual([[9, "went from Networking to Networking and Backup, by Ines."], [7, "was given Networking."]]);
    const drift = { kind: "altered" as const, uid, before: side, after: { ...side, scopes: "" }, seenAt: 8_000, changedAt: null, settledHow: null, settledBy: null };
    expect(changesOf({ ...nothing, ours, drifts: [drift] }, options).map(({ at, words }) => [at, words])[1]).toEqual([7, "was given Networking."]);
    expect(changesOf({ ...nothing, ours: [{ ...ours[0]!, origin: { kind: "connect", who: null, at: 1 } }] }, options)).toEqual([]);
  });
});
