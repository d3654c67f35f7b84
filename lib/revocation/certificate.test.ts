/** Certificates over vaults of the test's own making: real keys, real taps, real signatures, without a server. */
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SoftwareKey } from "#vault/testing/authenticator.ts";
import { assertionHeader, batchBody, standingChallenge, type Share } from "../protocol/approval.ts";
import { b64u, concat, hex, utf8 } from "../protocol/bytes.ts";
import { labelBytes } from "../protocol/hash.ts";
import { jcs, jcsBytes } from "../protocol/jcs.ts";
import type { Grant, Op, Receipt, Statement } from "../protocol/messages.ts";
import { leafData, opsDigest } from "../protocol/op.ts";
import { answerMessage, encodeAnswer, signedMessage } from "../protocol/signed.ts";
import { buildTree, leafHash } from "../protocol/tree.ts";
import { certificateFile, excerpt, freshSalt, issue, parseCertificate, type Certificate, type Part, type RemovedPart } from "./certificate.ts";
import { verifyCertificate } from "./verify.ts";

type Key = { publicKey: string; sign(message: Uint8Array): string };
function ed25519(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { publicKey: (publicKey.export({ format: "jwk" }) as { x: string }).x, sign: (message) => b64u(new Uint8Array(sign(null, message, privateKey))) };
}

const SIGNING = { rpId: "sign.localhost", origin: "http://sign.localhost:3999" };
const uid = (letter: string) => letter.repeat(21).padEnd(22, "A");
const grant: Grant = { scopes: ["0010"], all_access: "never", max_lease: null, max_agents: 20, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" };
const agentRow = (id: number, of: string, name: string, managed: string | null, admin = false) => ({ id, uid: of, scope: id.toString(16).padStart(4, "0"), name, kind: "human" as const, scopes: admin ? "" : "0010", all_access: false, admin, managed_by: managed, created_at: 1, expires_at: null, claim_by: null, last_used_at: null, limits: null, locked: false, hand_over: "sealed" as const, sealed_to: null, revision: 1 });

const signer = new SoftwareKey(SIGNING);
const [checkpoint, manager, gone] = [ed25519(), uid("m"), uid("g")];

type Bend = { shows?: boolean; mode?: "primary" | "backup"; listRevision?: number; statementShows?: boolean; otherRow?: boolean; withoutUs?: boolean; otherSigner?: boolean };

/** One vault of the name, from which a row was removed with one tap; `bend` is what the vault, or whoever made the file, does wrong. */
function removed(client: string, bend: Bend = {}): RemovedPart {
  const key = ed25519();
  const id = client.replaceAll(" ", "").slice(0, 6);
  const vault = { address: `http://127.0.0.1:4100/${id}`, id, key: key.publicKey, name: client };
  const ops: Op[] = [{ body: null, id: crypto.randomUUID(), if: { uid: bend.otherRow ? uid("x") : gone }, method: "DELETE", path: "/agent/9" }];
  const challenge = standingChallenge(1_780_000_000);
  const tree = buildTree({ shares: [leafHash(leafData({ agent: 4, challenge, key: key.publicKey, ops, vault: vault.id }))], seed: new Uint8Array(32), order: [0] });
  const share: Share = { vault: 0, kind: "standing", challenge, ops };
  const by = bend.otherSigner ? new SoftwareKey(SIGNING) : signer;
  const assertion = assertionHeader(signer.credentialId, by.get(tree.challenge), share, tree.proof(0));
  const receipt: Receipt = { v: 1, vault: vault.id, epoch: 1, agent: 4, batch: b64u(opsDigest(ops)), challenge, webauthn: b64u(tree.challenge), signers: [signer.credentialId], applied_at: 1_780_000_100, revision: 40, results: [{ id: ops[0]!.id, status: "deleted" }], audit: { stream: "primary", seq: 9, hash: "A".repeat(43) } };
  const rows = [agentRow(1, uid("o"), `Owner of ${client}`, null, true), ...(bend.withoutUs ? [] : [agentRow(4, manager, "Quillmoor IT", uid("o"), true)]), ...(bend.shows ? [agentRow(9, gone, "Jim", manager)] : [])];
  const body = JSON.stringify({ revision: bend.listRevision ?? 41, next: null, agents: rows });
  const [nonce, target] = ["A".repeat(22), `/${vault.id}/agents`];
  const said = { at: 1_780_000_200_000, epoch: 1, mode: bend.mode ?? "primary" };
  const answer = encodeAnswer({ ...said, signature: key.sign(signedMessage("answer", answerMessage({ agent: 4, body: utf8(body), method: "GET", nonce, status: 200, target, vault: vault.id }, said))) });
  const statement: Statement = { agents: bend.statementShows ? [agentRow(9, gone, "Jim", manager)] : [], at: 1_780_000_200, epoch: 1, grant, manager, revision: bend.listRevision ?? 41, vault: vault.id, v: 1 };
  return {
    agent: 4, backup: "none", client, kind: "removed", list: [{ answer, body, nonce, target }], row: { all_access: false, id: 9, name: "Jim", scopes: "0010", uid: gone }, salt: freshSalt(), vault,
    removal: { answer: JSON.stringify({ receipt, signature: key.sign(signedMessage("receipt", receipt)) }), assertion, body: new TextDecoder().decode(batchBody(share)), challenge },
    statement: { statement, signature: key.sign(signedMessage("statement", statement)) },
  };
}

const certify = (parts: readonly Part[]): Certificate =>
  issue({ at: 1_780_000_300, board: "0190-board", cause: "leaver", msp: { name: "Quillmoor IT", origin: "http://localhost:3999" }, number: 1, opened: 1_780_000_000, opened_by: "Ines Halloran", person: "Jim Okafor", signers: [{ credential_id: signer.credentialId, label: "Desk", origin: SIGNING.origin, person: "Ines Halloran", public_key: signer.publicKey, rp_id: SIGNING.rpId }] }, parts, checkpoint);
const check = (certificate: Certificate) => verifyCertificate(utf8(certificateFile(certificate)));
const own: Part = { client: "Saltmarsh Breweries", kind: "own", row: { all_access: false, id: 68, name: "John, backup", scopes: "", uid: uid("b") }, salt: freshSalt(), vault: { address: "http://127.0.0.1:4100/Saltma", id: "Saltma", key: ed25519().publicKey, name: "Saltmarsh" } };

describe("a certificate of removal", () => {
  test("holds as it was issued, whole or in part, and its digest stays the same", async () => {
    const certificate = certify([removed("Acme Dental"), removed("Birchgate"), own]);
    const whole = await check(certificate);
    expect(whole).toMatchObject({ ok: true, whole: true, proven: [{ client: "Acme Dental", signer: "Desk", removedAt: 1_780_000_100_000, revision: 41 }, { client: "Birchgate" }] });
    const part = await check(excerpt(certificate, ({ client }) => client === "Birchgate"));
    expect(part).toMatchObject({ ok: true, whole: false, proven: [{ client: "Birchgate" }] });
    expect(whole.ok && part.ok && hex(whole.digest) === hex(part.digest)).toBe(true);
  });
  test("another key than the one that was named is refused, whatever it signed", async () => {
    const file = utf8(certificateFile(certify([removed("Acme Dental")])));
    expect((await verifyCertificate(file, checkpoint.publicKey)).ok).toBe(true);
    expect(await verifyCertificate(file, ed25519().publicKey)).toMatchObject({ ok: false, words: expect.stringMatching(/another installation/) as string });
  });
  test("is refused after any changed byte, wherever it stands", async () => {
    const file = utf8(certificateFile(certify([removed("Acme Dental"), own])));
    const text = new TextDecoder().decode(file);
    // Of every kind of place at least one: members, times, hashes, signatures, bodies, headers, salts, names; then a walk over all.
    const places = new Set(["\"key\":\"", "\"signature\":\"", "\"salt\":\"", "\"answer\":\"", "\"body\":\"", "\"nonce\":\"", "\"assertion\":\"", "\"challenge\":\"", "\"person\":\"", "\"at\":", "\"epoch\":", "\"removed\":", "\"parts\":[\"", "\"public_key\":\"", "\"target\":\"", "\"backup\":\"", "Saltmarsh"].flatMap((mark) => {
      const at = text.indexOf(mark);
      expect(at, mark).toBeGreaterThan(-1);
      return [at + mark.length, at + 1];
    }));
    for (let at = 0; at < file.length; at += 61) places.add(at);
    places.add(file.length - 1);
    const held: string[] = [];
    for (const at of places) for (const bit of [0x01, 0x20]) {
      const bent = Uint8Array.from(file);
      bent[at]! ^= bit;
      if ((await verifyCertificate(bent)).ok) held.push(`${at} ${bit} ${text.slice(at - 10, at + 10)}`);
    }
    expect(held).toEqual([]);
    for (const more of [concat(file, utf8("\n")), file.subarray(0, -1), concat(utf8(" "), file), utf8(JSON.stringify(JSON.parse(text), null, 1))]) expect((await verifyCertificate(Uint8Array.from(more))).ok).toBe(false);
  });
  test.each<[string, Bend]>([
    ["a list that shows the row", { shows: true }], ["a list of a backup", { mode: "backup" }], ["a list older than the receipt", { listRevision: 39 }], ["a statement that shows the row", { statementShows: true }],
    ["a removal of another row", { otherRow: true }], ["a list without the row that asked for it", { withoutUs: true }], ["a tap of another key", { otherSigner: true }],
  ])("is refused for %s, though this installation itself signed it", async (_name, bend) => {
    expect(await check(certify([removed("Acme Dental"), removed("Birchgate", bend)]))).toMatchObject({ ok: false, where: "Birchgate" });
  });
  test("parts of one certificate do not hold in another", async () => {
    const [one, two] = [certify([removed("Acme Dental")]), certify([removed("Birchgate")])];
    expect((await check({ ...one, parts: two.parts })).ok).toBe(false);
    expect((await check({ ...one, parts: [...one.parts, ...one.parts] })).ok).toBe(false);
  });
  test("a file that is none is refused in words, never with a crash", async () => {
    for (const text of ["", "{}", "[]", "null", "{\"kind\":\"removal\"}", "\ud800", jcs({ a: 1 })]) expect((await verifyCertificate(utf8(text.isWellFormed() ? text : "\ufffd"))).ok).toBe(false);
    expect(parseCertificate(Uint8Array.of(0xff, 0xfe))).toHaveProperty("words");
  });
  test("what the console signs is spelled out: the label, a newline and the canonical statement", () => {
    const { statement, signature } = certify([own]);
    expect(checkpoint.sign(concat(utf8("clavitor/removal/v1\n"), jcsBytes(statement)))).toBe(signature);
    expect(new TextDecoder().decode(labelBytes("removal"))).toBe("clavitor/removal/v1\n");
  });
});
