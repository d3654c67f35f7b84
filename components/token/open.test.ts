/** What a technician's browser makes of sealed bytes: the token for its key, an alarm for everything else. */
import { describe, expect, test } from "vitest";
import { b64u, randomBytes } from "#lib/protocol/bytes.ts";
import { sealedTo } from "#lib/protocol/kem.ts";
import type { InboxStatement } from "#lib/protocol/messages.ts";
import { generateSealKey, seal, tokenInfo, tokenPlaintext, type SealKeyPair } from "#lib/protocol/seal.ts";
import { newToken } from "#lib/protocol/token.ts";
import type { SealedLine } from "#lib/token/take.ts";
import { openOne } from "./open.ts";

const statementOf = ({ kem, publicKey }: SealKeyPair): InboxStatement => ({ kem, msp: "http://localhost:3999", name: "Jim Okafor", not_after: 2_000_000_000, public_key: publicKey, technician: crypto.randomUUID(), v: 1 });
type Inside = Parameters<typeof tokenPlaintext>[0];

async function sealed(pair: SealKeyPair, inside: Partial<Inside> = {}, outside: Partial<SealedLine> = {}): Promise<{ line: SealedLine; token: string }> {
  const row = { vault: "Q7xKd2", key: b64u(randomBytes(32)), uid: b64u(randomBytes(16)), agent: 17 };
  const token = newToken();
  const plain = tokenPlaintext({ ...row, token, vault_url: "https://vault.example/Q7xKd2", ...inside });
  const to = { kem: pair.kem, public_key: pair.publicKey };
  return { token, line: { id: crypto.randomUUID(), client: "Acme Dental", ...row, sealed: await seal(to, tokenInfo(row), plain), sealedTo: sealedTo(to), ...outside } };
}
const why = async (pair: SealKeyPair, line: SealedLine) => {
  const made = await openOne(statementOf(pair), pair.privateKey, line);
  return "why" in made ? made.why : "opened";
};

describe.each(["x25519", "x-wing"] as const)("%s", (kem) => {
  test("what is sealed to this key opens, with the address from inside", async () => {
    const pair = await generateSealKey(kem);
    const { line, token } = await sealed(pair);
    expect(await openOne(statementOf(pair), pair.privateKey, line)).toMatchObject({ id: line.id, client: "Acme Dental", inside: { token, vault_url: "https://vault.example/Q7xKd2", agent: 17 } });
  });
  test("a seal that names another key is an alarm before anything is tried", async () => {
    const [pair, other] = [await generateSealKey(kem), await generateSealKey(kem)];
    expect(await why(pair, (await sealed(other)).line)).toBe("other_key");
    expect(await why(pair, (await sealed(pair, {}, { sealedTo: "A".repeat(43) })).line)).toBe("other_key");
  });
  test("a seal that only claims this key is an alarm too", async () => {
    const [pair, other] = [await generateSealKey(kem), await generateSealKey(kem)];
    const mine = sealedTo({ kem, public_key: pair.publicKey });
    expect(await why(pair, { ...(await sealed(other)).line, sealedTo: mine })).toBe("not_opened");
  });
  test.each([["vault", "Zz0000"], ["key", b64u(new Uint8Array(32).fill(3))], ["uid", b64u(new Uint8Array(16).fill(3))], ["agent", 18], ["vault_url", "javascript:alert(1)"], ["token", "cvt_short"]] as const)("inside names another %s: an alarm, never a token", async (member, value) => {
    const pair = await generateSealKey(kem);
    expect(await why(pair, (await sealed(pair, { [member]: value })).line)).toBe("other_row");
  });
  test("bytes of another row, moved under this one by the server, open nowhere", async () => {
    const pair = await generateSealKey(kem);
    const [one, two] = [(await sealed(pair)).line, (await sealed(pair)).line];
    expect(await why(pair, { ...one, sealed: two.sealed })).toBe("not_opened");
  });
});
