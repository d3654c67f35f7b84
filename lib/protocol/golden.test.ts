// Everything that is hashed or signed, with the exact bytes written out. `text` is the whole input as it stands: a label
// that ends at the first newline, then canonical JSON (or raw bytes, written as hex in `rest`). The digests were computed
// from these texts outside this code.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { detailHash, eventHash } from "./audit.ts";
import { b64u, concat, fromB64u, fromHex, hex, utf8 } from "./bytes.ts";
import { ceremonyChallenge, challengeMacInput } from "./challenge.ts";
import { clientChallenge, code1, code2, enrolChallenge, requestHash } from "./connect.ts";
import { sha256 } from "./hash.ts";
import { endorseChallenge, inboxFingerprint, inboxKeyChallenge, inboxPrfInput, wrapAad } from "./inbox.ts";
import { sealedTo } from "./kem.ts";
import type { AuditEvent, ConnectReply, ConnectRequest, Grant, InboxStatement, Op, Receipt, Statement } from "./messages.ts";
import { leafData, opHash, opsDigest } from "./op.ts";
import { connectTokenInfo, tokenInfo, tokenPlaintext } from "./seal.ts";
import { answerMessage, encodeAnswer, signedMessage } from "./signed.ts";
import { tokenHash } from "./token.ts";
import { batchChallenge, buildTree, leafHash, nodeHash, padHash } from "./tree.ts";

// 32 bytes 00 01 02 ... 1f, and 16 bytes 00 ... 0f, in base64url.
const B32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const B16 = "AAECAwQFBgcICQoLDA0ODw";
const HEX32 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const UUID = "23ea59fc-0ef4-4028-abd2-009d373b1223";

/** The worked example of the protocol's text (section 15), as a reader who has nothing else would take it. */
const EXAMPLE = JSON.parse(/```json\n([\s\S]+?)\n```/.exec(readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8"))![1]!) as {
  op: Op;
  op_hash: string;
  batch: string;
  leaf: { agent: number; challenge: string; key: string; ops: string[]; vault: string };
  leaf_hash: string;
  size: number;
  seed: string;
  pad_0: string;
  index: number;
  path: string[];
  root: string;
  webauthn_challenge: string;
  code_2_of: { key: string; request: string; vault: string };
  code_2: string;
  seal_to: { kem: "x25519"; public_key: string };
  sealed_to: string;
};

test("the example in the text is what this code computes", () => {
  const { op: deletion, leaf, seed, size, index, path } = EXAMPLE;
  expect(b64u(opHash(deletion))).toBe(EXAMPLE.op_hash);
  expect(leaf.ops).toEqual([EXAMPLE.op_hash]);
  expect(b64u(opsDigest([deletion]))).toBe(EXAMPLE.batch);
  const share = leafHash(leafData({ ...leaf, ops: [deletion] }));
  expect(b64u(share)).toBe(EXAMPLE.leaf_hash);
  expect(b64u(padHash(fromB64u(seed), 0))).toBe(EXAMPLE.pad_0);
  const tree = buildTree({ shares: [share], seed: fromB64u(seed), order: [index], size });
  expect([b64u(tree.root), b64u(tree.challenge)]).toEqual([EXAMPLE.root, EXAMPLE.webauthn_challenge]);
  expect(tree.proof(0)).toEqual({ index, path, size });
  expect(code2(EXAMPLE.code_2_of)).toBe(EXAMPLE.code_2);
  expect(sealedTo(EXAMPLE.seal_to)).toBe(EXAMPLE.sealed_to);
});

const op: Op = { body: null, id: UUID, if: { uid: B16 }, method: "DELETE", path: "/agent/17" };
const grant: Grant = {
  scopes: ["0010", "0011"],
  all_access: "leased",
  max_lease: 28800,
  max_agents: 20,
  entries: false,
  cosign: 1,
  signer_delay: 86400,
  audit: "own",
};
const GRANT =
  '{"all_access":"leased","audit":"own","cosign":1,"entries":false,"max_agents":20,"max_lease":28800,"scopes":["0010","0011"],"signer_delay":86400}';

const receipt: Receipt = {
  v: 1,
  vault: "hmHr7A",
  epoch: 1,
  agent: 2,
  batch: B32,
  challenge: B32,
  webauthn: B32,
  signers: ["AQ"],
  applied_at: 1794000000,
  revision: 42,
  results: [{ id: UUID, status: "deleted", agent_id: 17, uid: B16 }],
  audit: { stream: "primary", seq: 9, hash: B32 },
};
const statement: Statement = { agents: [], at: 1794000000, epoch: 1, grant, manager: B16, revision: 42, vault: "hmHr7A", v: 1 };
const request: ConnectRequest = {
  v: 1,
  msp: { name: "North Star IT", origin: "https://msp.example" },
  replaces: null,
  roles: [{ name: "networking", scope: null }],
  signers: [],
  want: grant,
  reply_to: "https://msp.example/connect",
  seal_to: { kem: "x25519", public_key: B32 },
  nonce: B32,
  expires_at: 1794600000,
};
const REQUEST =
  `{"expires_at":1794600000,"msp":{"name":"North Star IT","origin":"https://msp.example"},"nonce":"${B32}","replaces":null,` +
  `"reply_to":"https://msp.example/connect","roles":[{"name":"networking","scope":null}],"seal_to":{"kem":"x25519","public_key":"${B32}"},` +
  `"signers":[],"v":1,"want":${GRANT}}`;
const reply: ConnectReply = {
  v: 1,
  request: B32,
  nonce: B32,
  vault_url: "https://vault.example/hmHr7A",
  vault_id: "hmHr7A",
  public_key: B32,
  backup_key: null,
  name: "Acme",
  agent_id: 2,
  uid: B16,
  grant,
  roles: [{ name: "networking", scope: "0010" }],
  adopted: [],
  credentials: ["AQ"],
  sealed_token: { kem: "x25519", enc: B32, ct: "AQ" },
};
const inbox: InboxStatement = {
  kem: "x25519",
  msp: "https://msp.example",
  name: "山田 太郎",
  not_after: 1825000000,
  public_key: B32,
  technician: UUID,
  v: 1,
};
const INBOX = `{"kem":"x25519","msp":"https://msp.example","name":"山田 太郎","not_after":1825000000,"public_key":"${B32}","technician":"${UUID}","v":1}`;
const detail = { salt: B16, name: "Sarah", target: { kind: "agent", id: B16 }, reason: null, ip: "192.0.2.7", meta: {} };
const event: AuditEvent = {
  seq: 9,
  at: 1794000000123,
  stream: "primary",
  epoch: 1,
  actor: { kind: "human", agent_id: 2 },
  action: "agent.delete",
  outcome: "success",
  detail_hash: B32,
  prev: B32,
  hash: "not part of it",
  detail,
};

describe("hashed forms: label, newline, canonical JSON or bytes", () => {
  const forms: readonly [name: string, actual: Uint8Array, text: string, rest: string, digest: string][] = [
    ["operation", opHash(op), `clavitor/op/v1\n{"body":null,"id":"${UUID}","if":{"uid":"${B16}"},"method":"DELETE","path":"/agent/17"}`, "", "eaab5e8f55c783f43e88640d28f51582fc6174903d26e3117228efcd4880e45f"],
    // The list of operation hashes, in order, as base64url: this one hash stands for the batch.
    ["batch of operations", opsDigest([op]), `clavitor/ops/v1\n["${b64u(opHash(op))}"]`, "", "dd330400e5cbb356312e7e95445223d3ab97cdb99224bf884666f567337116bc"],
    // Leading 00 = leaf (RFC 9162 2.1.1); then the leaf's label and JSON.
    [
      "leaf",
      leafHash(leafData({ agent: 2, challenge: B32, key: B32, ops: [op], vault: "hmHr7A" })),
      `\u0000clavitor/leaf/v1\n{"agent":2,"challenge":"${B32}","key":"${B32}","ops":["${b64u(opHash(op))}"],"vault":"hmHr7A"}`,
      "",
      "c02402912fce4e1f702ccbe20570665fa726740137208bc0a30edaec57b146f0",
    ],
    // Leading 00, label, 32 bytes of seed, number 7 in 4 bytes.
    ["pad", padHash(fromHex(HEX32), 7), "\u0000clavitor/pad/v1\n", `${HEX32}00000007`, "96f442ce61deeb7beba659157ab3ef70dcfa4eac184970b9052952fad064a81c"],
    // Leading 01 = node, then left and right.
    ["node", nodeHash(fromHex(HEX32), new Uint8Array(32)), "\u0001", `${HEX32}${"00".repeat(32)}`, "4547af12ffdba3f117c9fcb2ac2a2e201b58d4e0ff8abebbeed77ae401bc4ed3"],
    // Size 64 in 8 bytes, then the root.
    ["WebAuthn challenge of a tap", batchChallenge(64, fromHex(HEX32)), "clavitor/batch/v1\n", `0000000000000040${HEX32}`, "4c05c765081b21e6dedf9250f7ccb84f326bb352d82b9723dea983721871fcc8"],
    ["sign-in", ceremonyChallenge("signin", fromHex(HEX32)), "clavitor/signin/v1\n", HEX32, "d5cb525b74da72bc377b1ffa3fb0284bc60f4652e145e895363d3c4d294d2f80"],
    ["step-up", ceremonyChallenge("stepup", fromHex(HEX32)), "clavitor/stepup/v1\n", HEX32, "ce887faf93202313aa37714a92ae488fe34ad36ee22c43487c6d3a25ebfb638c"],
    ["inbox ceremony", ceremonyChallenge("inbox", fromHex(HEX32)), "clavitor/inbox/v1\n", HEX32, "2c7b67bef4c9769ee338245a7d4259ed473213cdbd48f6c1e6b609366b06e11a"],
    ["unlock", ceremonyChallenge("unlock", fromHex(HEX32)), "clavitor/unlock/v1\n", HEX32, "2bebe78e6cae4223975f82af38197fb56131afeab9fc2afc5e268c5322532ae3"],
    ["connect request", requestHash(request), `clavitor/connect-request/v1\n${REQUEST}`, "", "7534e6f73000839eea3f1d425917c0d60eef5bf34028fd8ef4c9a4035ac419a9"],
    [
      "enrolment",
      enrolChallenge({ credential_id: "AQ", msp: "https://msp.example", public_key: "Ag" }),
      'clavitor/enrol/v1\n{"credential_id":"AQ","msp":"https://msp.example","public_key":"Ag"}',
      "",
      "dcd2e56277ee52d1d18db960637ee2b14fcc30370c67386374e1c777746f606c",
    ],
    ["client statement", clientChallenge({ key: B32, name: "Acme", vault: "hmHr7A" }), `clavitor/client/v1\n{"key":"${B32}","name":"Acme","vault":"hmHr7A"}`, "", "d179bfe674aff40a4ac6c9d39edf0254496d0f74a49b583bbffeeecedc4566dc"],
    ["inbox statement", inboxKeyChallenge(inbox), `clavitor/inbox-key/v1\n${INBOX}`, "", "430036fbb6f12979b5f87beea1ce2e7f3b5f19e77bea754c6e97ce5f8301ce96"],
    ["endorsement", endorseChallenge({ statements: [B32], v: 1 }), `clavitor/endorse/v1\n{"statements":["${B32}"],"v":1}`, "", "ab5758720ee49c6880164165ed90585b50bf1ffa3bf71bf21e6d18cc77793b1f"],
    // The one label without a newline behind it: it is a whole input, nothing follows.
    ["PRF input of the inbox", inboxPrfInput(), "clavitor/inbox-prf/v1", "", "af877f7a12bc1bf73b6b125f4f4c395b8a897d068e7f67ce0f8b6ecc1d3f2eb4"],
    ["name of a sealing key", fromB64u(sealedTo({ kem: "x25519", public_key: B32 })), `x25519\n${B32}`, "", "d1962e4ee8c24c4db0a3f7e4428a7900d51b8e3dce2e7ebd958e7d3ebd84a121"],
    [
      "audit detail",
      detailHash(detail),
      `clavitor/audit-detail/v1\n{"ip":"192.0.2.7","meta":{},"name":"Sarah","reason":null,"salt":"${B16}","target":{"id":"${B16}","kind":"agent"}}`,
      "",
      "a76ec78e3136e5598b557b7e5abf06038c4e4978863b4c1bf7bcb42107453aba",
    ],
    // Without `hash` and `detail`.
    [
      "audit event",
      eventHash(event),
      `clavitor/audit/v1\n{"action":"agent.delete","actor":{"agent_id":2,"kind":"human"},"at":1794000000123,"detail_hash":"${B32}","epoch":1,` +
        `"outcome":"success","prev":"${B32}","seq":9,"stream":"primary"}`,
      "",
      "2b90f243fc22338b8c71713711fa24db27763f007e166e40832e4bd575fc74ec",
    ],
    ["stored token", fromHex(tokenHash(`cvt_${B32}`)), `cvt_${B32}`, "", "ca37a95d56bb11cd33013e4e8d1ca27cdf78bba25c0e255ef615c697f55ec70e"],
  ];

  test.each(forms)("%s", (_, actual, text, rest, digest) => {
    expect(hex(sha256(utf8(text), fromHex(rest)))).toBe(digest);
    expect(hex(actual)).toBe(digest);
  });
});

describe("signed messages: the bytes under a vault's key", () => {
  const answer = { at: 1794000000123, epoch: 1, mode: "primary", signature: "AQ" } as const;
  const context = {
    agent: 2,
    body: utf8("{}"),
    method: "GET",
    nonce: B16,
    status: 200,
    target: "/hmHr7A/agents?after=0&limit=1000",
    vault: "hmHr7A",
  };
  const forms: readonly [name: string, actual: Uint8Array, text: string][] = [
    // body: SHA-256 of the two bytes "{}".
    [
      "answer",
      signedMessage("answer", answerMessage(context, answer)),
      `clavitor/answer/v1\n{"agent":2,"at":1794000000123,"body":"RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o","epoch":1,"method":"GET","mode":"primary",` +
        `"nonce":"${B16}","status":200,"target":"/hmHr7A/agents?after=0&limit=1000","vault":"hmHr7A"}`,
    ],
    [
      "receipt",
      signedMessage("receipt", receipt),
      `clavitor/receipt/v1\n{"agent":2,"applied_at":1794000000,"audit":{"hash":"${B32}","seq":9,"stream":"primary"},"batch":"${B32}","challenge":"${B32}",` +
        `"epoch":1,"results":[{"agent_id":17,"id":"${UUID}","status":"deleted","uid":"${B16}"}],"revision":42,"signers":["AQ"],"v":1,"vault":"hmHr7A","webauthn":"${B32}"}`,
    ],
    [
      "statement",
      signedMessage("statement", statement),
      `clavitor/statement/v1\n{"agents":[],"at":1794000000,"epoch":1,"grant":${GRANT},"manager":"${B16}","revision":42,"v":1,"vault":"hmHr7A"}`,
    ],
    [
      "head",
      signedMessage("head", { at: 1794000000123, epoch: 1, hash: B32, seq: 9, stream: "backup", vault: "hmHr7A" }),
      `clavitor/head/v1\n{"at":1794000000123,"epoch":1,"hash":"${B32}","seq":9,"stream":"backup","vault":"hmHr7A"}`,
    ],
    [
      "connect reply",
      signedMessage("connect-reply", reply),
      `clavitor/connect-reply/v1\n{"adopted":[],"agent_id":2,"backup_key":null,"credentials":["AQ"],"grant":${GRANT},"name":"Acme","nonce":"${B32}",` +
        `"public_key":"${B32}","request":"${B32}","roles":[{"name":"networking","scope":"0010"}],"sealed_token":{"ct":"AQ","enc":"${B32}","kem":"x25519"},` +
        `"uid":"${B16}","v":1,"vault_id":"hmHr7A","vault_url":"https://vault.example/hmHr7A"}`,
    ],
    [
      "backup key",
      signedMessage("backup-key", { backup_key: B32, epoch: 2, vault: "hmHr7A" }),
      `clavitor/backup-key/v1\n{"backup_key":"${B32}","epoch":2,"vault":"hmHr7A"}`,
    ],
  ];

  test.each(forms)("%s", (_, actual, text) => {
    expect(new TextDecoder().decode(actual)).toBe(text);
  });

  test("the header Clavitor-Answer is base64url of canonical JSON", () => {
    expect(encodeAnswer(answer)).toBe(b64u(utf8('{"at":1794000000123,"epoch":1,"mode":"primary","signature":"AQ"}')));
  });
});

describe("other framed bytes", () => {
  test("the MAC input of a vault's challenge: label, 12 bytes, expiry, agent", () => {
    const r = fromHex("000102030405060708090a0b");
    expect(hex(challengeMacInput(r, 60, 2))).toBe(`${hex(utf8("clavitor/challenge/v1\n"))}000102030405060708090a0b0000003c00000002`);
  });

  test("info of a technician's token: vault, its key and the row, a line each", () => {
    expect(tokenInfo({ vault: "hmHr7A", key: B32, uid: B16 })).toEqual(utf8(`clavitor/token/v1\nhmHr7A\n${B32}\n${B16}`));
  });

  test("info of a manager's token names the request instead of a row", () => {
    expect(connectTokenInfo({ vault: "hmHr7A", key: B32, request: B32 })).toEqual(utf8(`clavitor/connect-token/v1\nhmHr7A\n${B32}\n${B32}`));
  });

  test("what is sealed", () => {
    const plaintext = tokenPlaintext({ agent: 17, key: B32, token: `cvt_${B32}`, uid: B16, vault: "hmHr7A", vault_url: "https://vault.example/hmHr7A" });
    expect(new TextDecoder().decode(plaintext)).toBe(
      `{"agent":17,"key":"${B32}","token":"cvt_${B32}","uid":"${B16}","v":1,"vault":"hmHr7A","vault_url":"https://vault.example/hmHr7A"}`,
    );
  });

  test("associated data of a wrapped inbox key", () => {
    expect(new TextDecoder().decode(wrapAad({ credential_id: "AQ", public_key: B32, technician: UUID }))).toBe(
      `{"credential_id":"AQ","public_key":"${B32}","technician":"${UUID}"}`,
    );
  });

  test("codes are the first 80 bits in Crockford's letters", () => {
    // 00 01 02 03 04 | 05 06 07 08 09: five bits a letter.
    expect(code1(fromHex(HEX32))).toBe("000G40R40M30E209");
    expect(code2({ key: B32, request: B32, vault: "hmHr7A" })).toBe("NN9W72E4T4CY309W");
    expect(inboxFingerprint(inbox)).toBe("EZ0KVJ92DCKRS3AC");
  });

  test("bytes laid end to end stay in order", () => {
    expect(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });
});
