// The plan's bytes, spelled out: digest, operations, leaves. Whoever changes one of them changes what a tap means.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approvalTree, assertionHeader, batchBody, sharesOf, standingChallenge } from "./approval.ts";
import { provenChallenge } from "./assertion.ts";
import { b64u, fromB64u, hex, utf8 } from "./bytes.ts";
import { jcs } from "./jcs.ts";
import { leafData, opHash } from "./op.ts";
import { checkPlan, countChanges, operationsOf, planDigest, type Plan, type PlanChange, type PlanVault } from "./plan.ts";
import { digestGroups, nameToType, planSentence, risksOf } from "./plan-words.ts";
import { checkAssertion, checkBatch, parseAssertionHeader } from "./schema.ts";
import { padHash } from "./tree.ts";

const KEY_A = `${"A".repeat(42)}E`;
const KEY_B = `${"B".repeat(42)}E`;
const UID = "AAECAwQFBgcICQoLDA0ODw";
const UID_2 = "DwECAwQFBgcICQoLDA0ODw";
const HASH = `${"H".repeat(42)}E`;
const SEAL = { kem: "x25519", public_key: "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk" } as const;
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const grant = (n: number, access: Partial<{ scopes: string; all_access: boolean; expires_at: number | null }> = {}): PlanChange => ({ change: "grant", id: id(n), person: 0, access: { scopes: "0010,0011", all_access: false, expires_at: null, ...access } });
const revoke = (n: number, uid = UID): PlanChange => ({ change: "revoke", id: id(n), standing: id(n + 500), agent: 17, uid, name: "Jim Okafor", access: { scopes: "0014", all_access: false, expires_at: null } });
const alter = (n: number, uid = UID_2): PlanChange => ({ change: "alter", id: id(n), agent: 18, uid, revision: 41, name: "Jim Okafor", before: { scopes: "0011", all_access: false, expires_at: null }, after: { scopes: "0010,0011", all_access: false, expires_at: 1_800_000_000 } });
const vaultOf = (change: Partial<PlanVault> = {}): PlanVault => ({ agent: 9, changes: [revoke(1), alter(2), grant(3)], key: KEY_A, name: "Acme Dental", roles: [{ name: "Networking", scope: "0010" }, { name: "Monitoring", scope: "0011" }], vault: "Q7xKd2", ...change });
const planOf = (change: Partial<Plan> = {}): Plan => ({
  id: "01930000-0000-7000-8000-000000000001", kind: "change", msp: "http://localhost:3000", not_after: 1_795_100_000, people: [{ name: "Jim Okafor", seal_to: SEAL, statement: HASH }],
  reason: "Takes over", ticket: "QM-4471", title: "Jim works like Sarah", v: 1, vaults: [vaultOf()], ...change,
});
const accepted = (value: unknown): boolean => {
  try {
    checkPlan(value);
    return true;
  } catch {
    return false;
  }
};

describe("what a plan stands for, to the byte", () => {
  test("revoke, alteration, grant become these three operations, in this order, and the revoke a second, standing one", () => {
    const { fresh, standing } = operationsOf(vaultOf(), planOf());
    expect(fresh.map(jcs)).toEqual([
      '{"body":null,"id":"00000000-0000-4000-8000-000000000001","if":{"uid":"AAECAwQFBgcICQoLDA0ODw"},"method":"DELETE","path":"/agent/17"}',
      '{"body":{"expires_at":1800000000,"scopes":"0010,0011"},"id":"00000000-0000-4000-8000-000000000002","if":{"revision":41,"uid":"DwECAwQFBgcICQoLDA0ODw"},"method":"PUT","path":"/agent/18"}',
      `{"body":{"admin":false,"all_access":false,"kind":"human","name":"Jim Okafor","scopes":"0010,0011","seal_to":{"kem":"x25519","public_key":"${SEAL.public_key}"}},"id":"00000000-0000-4000-8000-000000000003","if":null,"method":"POST","path":"/agent"}`,
    ]);
    expect(standing.map(jcs)).toEqual(['{"body":null,"id":"00000000-0000-4000-8000-000000000501","if":{"uid":"AAECAwQFBgcICQoLDA0ODw"},"method":"DELETE","path":"/agent/17"}']);
    expect(() => checkBatch({ operations: fresh }, "")).not.toThrow();
    expect(new TextDecoder().decode(batchBody({ ops: standing }))).toBe(`{"operations":[${jcs(standing[0])}]}`);
  });
  const reissue = (more: object = {}): PlanChange => ({ change: "reissue", id: id(6), person: 0, agent: 17, uid: UID, revision: 41, name: "Jim Okafor", access: { scopes: "0010", all_access: false, expires_at: null }, ...more });
  test("a renewal is a new token for the very row that was read, sealed to whose name it bears", () => {
    const plan = planOf({ vaults: [vaultOf({ changes: [reissue()] })] });
    expect(accepted(plan)).toBe(true);
    const { fresh, standing } = operationsOf(plan.vaults[0]!, plan);
    expect(fresh.map(jcs)).toEqual([`{"body":{"seal_to":{"kem":"x25519","public_key":"${SEAL.public_key}"}},"id":"00000000-0000-4000-8000-000000000006","if":{"revision":41,"uid":"AAECAwQFBgcICQoLDA0ODw"},"method":"POST","path":"/agent/17/token"}`]);
    expect(standing).toEqual([]);
    expect(() => checkBatch({ operations: fresh }, "")).not.toThrow();
    expect(planSentence(plan)).toBe("You renew the token of Jim Okafor at Acme Dental. Nobody else is touched.");
    expect(accepted(planOf({ vaults: [vaultOf({ changes: [reissue({ name: "Hana Kobayashi" })] })] }))).toBe(false);
    expect(accepted(planOf({ vaults: [vaultOf({ changes: [reissue({ person: 1 })] })] }))).toBe(false);
    expect(accepted(planOf({ vaults: [vaultOf({ changes: [grant(3), reissue()] })] }))).toBe(false);
    expect(accepted(planOf({ vaults: [vaultOf({ changes: [revoke(1, UID), reissue()] })] }))).toBe(false);
  });
  test("a token that must be claimed says until when, and can be claimed for an hour after the last moment to sign", () => {
    const claimed = (claimBy: number) => planOf({ vaults: [vaultOf({ changes: [{ ...grant(3), claim_by: claimBy } as PlanChange] })] });
    expect(operationsOf(claimed(1_795_103_600).vaults[0]!, planOf()).fresh[0]!.body).toMatchObject({ claim_by: 1_795_103_600 });
    expect(accepted(claimed(1_795_103_600))).toBe(true);
    expect(accepted(claimed(1_795_103_599))).toBe(false);
  });
  test("an exit deletes the row with our own number, under our own uid", () => {
    const exit = planOf({ kind: "exit", people: [], vaults: [vaultOf({ changes: [{ change: "leave", id: id(1), uid: UID }] })] });
    expect(accepted(exit)).toBe(true);
    expect(operationsOf(exit.vaults[0]!, exit).fresh.map(jcs)).toEqual(['{"body":null,"id":"00000000-0000-4000-8000-000000000001","if":{"uid":"AAECAwQFBgcICQoLDA0ODw"},"method":"DELETE","path":"/agent/9"}']);
  });
  test("the digest is SHA-256 over the label and the plan's canonical text", () => {
    const small = planOf({ people: [], vaults: [vaultOf({ changes: [revoke(1)], roles: [] })] });
    const spelled =
      'clavitor/plan/v1\n{"id":"01930000-0000-7000-8000-000000000001","kind":"change","msp":"http://localhost:3000","not_after":1795100000,"people":[],"reason":"Takes over","ticket":"QM-4471","title":"Jim works like Sarah","v":1,' +
      `"vaults":[{"agent":9,"changes":[{"access":{"all_access":false,"expires_at":null,"scopes":"0014"},"agent":17,"change":"revoke","id":"${id(1)}","name":"Jim Okafor","standing":"${id(501)}","uid":"${UID}"}],"key":"${KEY_A}","name":"Acme Dental","roles":[],"vault":"Q7xKd2"}]}`;
    expect(hex(planDigest(small))).toBe(createHash("sha256").update(spelled).digest("hex"));
    expect(digestGroups(planDigest(small))).toHaveLength(16);
  });
  test("every member is under the digest: whatever differs, differs in it", () => {
    const digests = [planOf(), planOf({ title: "Another" }), planOf({ not_after: 1 }), planOf({ reason: null }), planOf({ vaults: [vaultOf({ name: "Acme" })] }), planOf({ vaults: [vaultOf({ changes: [revoke(1), alter(2), grant(3, { expires_at: 5 })] })] })].map((plan) => hex(planDigest(plan)));
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe("a plan that is not whole is no plan", () => {
  test("the plan as it is, is taken", () => expect(accepted(planOf())).toBe(true));
  test.each<[string, Partial<Plan>]>([
    ["grants before revokes", { vaults: [vaultOf({ changes: [grant(3), revoke(1)] })] }],
    ["one operation id twice", { vaults: [vaultOf({ changes: [revoke(1), alter(1), grant(3)] })] }],
    ["a standing id that is another operation's", { vaults: [vaultOf({ changes: [revoke(1), { ...alter(2), id: id(501) }, grant(3)] })] }],
    ["one row twice", { vaults: [vaultOf({ changes: [revoke(1), alter(2, UID), grant(3)] })] }],
    ["a token for nobody", { people: [], vaults: [vaultOf()] }],
    ["somebody who gets nothing", { vaults: [vaultOf({ changes: [revoke(1)] })] }],
    ["vaults out of order", { vaults: [vaultOf({ key: KEY_B }), vaultOf({ changes: [grant(7)] })] }],
    ["one vault twice", { vaults: [vaultOf(), vaultOf({ changes: [grant(7)] })] }],
    ["no vault", { vaults: [] }],
    ["our own row in a plan that is no exit", { vaults: [vaultOf({ changes: [{ change: "leave", id: id(1), uid: UID }] })] }],
    ["an exit with another operation beside it", { kind: "exit", people: [], vaults: [vaultOf({ changes: [revoke(1)] })] }],
    ["an alteration that alters nothing", { vaults: [vaultOf({ changes: [{ ...(alter(2) as Extract<PlanChange, { change: "alter" }>), after: { scopes: "0011", all_access: false, expires_at: null } }, grant(3)] })] }],
    ["an end that is taken away", { vaults: [vaultOf({ changes: [{ ...(alter(2) as Extract<PlanChange, { change: "alter" }>), before: { scopes: "0011", all_access: false, expires_at: 5 }, after: { scopes: "0010", all_access: false, expires_at: null } }, grant(3)] })] }],
    ["a client's name that steers text", { vaults: [vaultOf({ name: "Acme\u202eeb" })] }],
    ["201 operations in a vault", { vaults: [vaultOf({ changes: Array.from({ length: 201 }, (_, i) => grant(i + 1)) })] }],
  ])("%s", (_what, change) => expect(accepted(planOf(change))).toBe(false));
  test("a member that does not belong, wherever it hides: above all anything to sign", () => {
    for (const member of ["challenge", "digest", "root"]) {
      expect(accepted({ ...planOf(), [member]: HASH })).toBe(false);
      expect(accepted({ ...planOf(), vaults: [{ ...vaultOf(), [member]: HASH }] })).toBe(false);
      expect(accepted({ ...planOf(), vaults: [vaultOf({ changes: [{ ...grant(3), [member]: HASH }] })] })).toBe(false);
    }
  });
  test("nothing else of any shape is a plan", () => fc.assert(fc.property(fc.anything(), (value) => !accepted(value))));
});

describe("one tap over many vaults", () => {
  const two = planOf({ vaults: [vaultOf(), vaultOf({ key: KEY_B, vault: "Zz0000", changes: [revoke(4)] })] });
  const challenge = `${"C".repeat(42)}E`;
  const seed = new Uint8Array(32).fill(7);
  test("a vault without a challenge gets its revokes as standing ones, and nothing else", () => {
    expect(sharesOf(two, [challenge, null], 1_795_000_000).map(({ vault, kind, ops }) => [vault, kind, ops.length])).toEqual([[0, "fresh", 3], [0, "standing", 1], [1, "standing", 1]]);
    expect(sharesOf(two, [null, null], 1_795_000_000, new Set([0])).map(({ vault, kind }) => [vault, kind])).toEqual([[1, "standing"]]);
    expect(standingChallenge(1_795_000_000)).toBe("standing/1795000000/1797592000");
  });
  test("every share's header leads to the one challenge that was signed, and its leaf names agent, challenge, key, operations and vault", () => {
    const shares = sharesOf(two, [challenge, challenge], 1_795_000_000);
    const tree = approvalTree(two, shares, { seed, order: [5, 60, 0, 33] });
    const assertion = { authenticator_data: b64u(new Uint8Array(37)), client_data_json: b64u(utf8("{}")), signature: b64u(new Uint8Array(8)) };
    shares.forEach((share, i) => {
      const given = parseAssertionHeader(assertionHeader("Y3JlZA", assertion, share, tree.proof(i)));
      checkAssertion(given, "");
      const { agent, key, vault } = two.vaults[share.vault]!;
      const data = leafData({ agent, challenge: given.challenge, key, ops: share.ops, vault });
      expect(new TextDecoder().decode(data)).toBe(`clavitor/leaf/v1\n{"agent":9,"challenge":"${share.challenge}","key":"${key}","ops":[${share.ops.map((op) => `"${b64u(opHash(op))}"`).join(",")}],"vault":"${vault}"}`);
      expect(b64u(provenChallenge(data, given.proof))).toBe(b64u(tree.challenge));
    });
  });
  test("the seed shows that the rest is padding: with it the whole tree is made again, and with another it is not", () => {
    const shares = sharesOf(two, [challenge, challenge], 1_795_000_000);
    const order = [5, 60, 0, 33];
    const tree = approvalTree(two, shares, { seed, order });
    expect(tree.size).toBe(64);
    expect(b64u(approvalTree(two, shares, { seed, order }).challenge)).toBe(b64u(tree.challenge));
    expect(b64u(approvalTree(two, shares, { seed: new Uint8Array(32), order }).challenge)).not.toBe(b64u(tree.challenge));
    // Position 1 is the second pad: 0 is a share, so pad 0 stands at 1.
    expect(b64u(fromB64u(tree.proof(2).path[0]!))).toBe(b64u(padHash(seed, 0)));
  });
});

describe("what it does, in one sentence", () => {
  const plain = (vaults: PlanVault[], people = planOf().people) => planSentence(planOf({ vaults, people }));
  test("one person", () => {
    expect(plain([vaultOf()])).toBe("You give Jim Okafor Networking and Monitoring at Acme Dental, change what they reach at Acme Dental to Networking and Monitoring, and remove the token they hold at Acme Dental. Nobody else is touched.");
    expect(plain([vaultOf({ changes: [revoke(1)] })], [])).toBe("You remove the token of Jim Okafor at Acme Dental. Nobody else is touched.");
    expect(plain([vaultOf({ changes: [grant(1, { all_access: true, scopes: "" })] }), vaultOf({ key: KEY_B, changes: [grant(2, { all_access: true, scopes: "" })] })])).toBe("You give Jim Okafor full access at 2 clients. Nobody else is touched.");
  });
  test("several", () => {
    const other = { ...(revoke(5, UID_2) as Extract<PlanChange, { change: "revoke" }>), name: "Hana Kobayashi" };
    expect(plain([vaultOf({ changes: [revoke(1), other, grant(3)] })])).toBe("You give 1 person 1 token at Acme Dental, and remove 2 tokens of 2 people at 1 client. Nobody beyond these 2 is touched.");
  });
  test("two people of one name are never said to be one", () => {
    const people = [{ name: "Jim Okafor", seal_to: SEAL, statement: HASH }, { name: "Jim Okafor", seal_to: SEAL, statement: `${"I".repeat(42)}E` }];
    expect(plain([vaultOf({ changes: [grant(1), { ...(grant(2) as Extract<PlanChange, { change: "grant" }>), person: 1 }] })], people)).not.toContain("Nobody else");
  });
  test("an exit", () => {
    const exit = planOf({ kind: "exit", people: [], vaults: [vaultOf({ changes: [{ change: "leave", id: id(1), uid: UID }] })] });
    expect(planSentence(exit)).toBe("You end the connection to Acme Dental: our own row there, and with it our signers and every token that we manage. What the client owns stays.");
    expect(nameToType(exit)).toEqual({ of: "client", name: "Acme Dental" });
    expect(risksOf(exit).map(({ kind }) => kind)).toEqual(["exit"]);
  });
  test("friction follows harm: ten changes want a tap only, eleven about one person want the name", () => {
    const column = (count: number) => planOf({ vaults: Array.from({ length: count }, (_, i) => vaultOf({ key: `${"K".repeat(40)}${String(i + 10)}E`, changes: [grant(i + 1)] })) });
    expect(nameToType(column(10))).toBeNull();
    expect(nameToType(column(11))).toEqual({ of: "person", name: "Jim Okafor" });
    expect(risksOf(column(11)).map(({ kind }) => kind)).toEqual(["whole_person"]);
    expect(nameToType(planOf({ vaults: [vaultOf({ changes: Array.from({ length: 11 }, (_, i) => grant(i + 1)) })] }))).toEqual({ of: "person", name: "Jim Okafor" });
  });
  test("full access stands before everything else, and without an end before one with it", () => {
    const risks = risksOf(planOf({ vaults: [vaultOf({ changes: [revoke(1), grant(3, { all_access: true, scopes: "" })] })] }));
    expect(risks.map(({ kind, count }) => [kind, count])).toEqual([["full_access", 1], ["no_end", 1], ["standing", 1]]);
  });
  test("counts by kind", () => expect(countChanges(planOf())).toEqual({ reissue: 0, grant: 1, alter: 1, revoke: 1, leave: 0, enrol: 0, strike: 0, renew: 0 }));
});
