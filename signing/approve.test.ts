// A plan before the tap, with a server that lies in every place where it could: what the page refuses, what it leaves out, what it signs.
import { describe, expect, test, vi } from "vitest";
import { batchBody, standingChallenge } from "#lib/protocol/approval.ts";
import { provenChallenge } from "#lib/protocol/assertion.ts";
import { b64u, fromB64u, randomBytes, utf8 } from "#lib/protocol/bytes.ts";
import { clientsChallenge } from "#lib/protocol/clients.ts";
import { endorseChallenge } from "#lib/protocol/inbox.ts";
import { leafData } from "#lib/protocol/op.ts";
import { planDigest, type Plan } from "#lib/protocol/plan.ts";
import { createDevice, createVaultKey, type Device } from "#lib/protocol/testing/authenticator.ts";
import { collect, judgeAssertion, judgePlan, prepare, readBegin, sign } from "./approve.ts";
import { readHouse } from "./house.ts";
import { checkOffer, checkRelayed, type ApproveOffer, type Relayed } from "./offer.ts";
import { Stopped } from "./stopped.ts";
import { answerBegin as answerAt, approveWorld, credentialOf, type ApproveWorld, type FakeVault } from "./testing/approve-world.ts";

const CONSOLE = "http://localhost:3000";
const house = readHouse("http://sign.localhost:3000", CONSOLE)!;
const NOW = 1_795_000_000;
const device = () => createDevice({ origin: house.origin });
const world = (given: Partial<Parameters<typeof approveWorld>[0]> = {}) => approveWorld({ house, now: NOW, ...given });
const answerBegin = (vault: FakeVault, place: number, nonce: string, bend: Parameters<typeof answerAt>[4] = {}) => answerAt(vault, place, nonce, NOW, bend);

const bent = (offer: ApproveOffer, change: (plan: Plan) => Plan): ApproveOffer => {
  const plan = change(offer.plan);
  return { ...offer, plan, digest: b64u(planDigest(plan)) };
};
const stopped = async (work: Promise<unknown>): Promise<string> => work.then(() => "signed", (error: unknown) => (error instanceof Stopped ? error.code : Promise.reject(error as Error)));
const isOffer = (value: unknown): boolean => {
  try {
    checkOffer(value);
    return true;
  } catch {
    return false;
  }
};
async function through({ offer, relay, signer }: ApproveWorld, by: Device = signer) {
  const judged = await judgePlan(offer, house, NOW);
  const prepared = await prepare(offer, judged, await collect(offer.plan, judged.open, relay), house, NOW);
  const assertion = await by.sign(prepared.tree.challenge);
  await judgeAssertion(prepared, by.credentialId, assertion, house);
  return { judged, prepared, assertion };
}

describe("an honest plan", () => {
  test("is one tap over one fresh and one standing share per vault, each leaf made from what is shown", async () => {
    const given = await world({ count: 3 });
    const { prepared } = await through(given);
    expect(prepared.shares.map(({ kind }) => kind)).toEqual(["fresh", "standing", "fresh", "standing", "fresh", "standing"]);
    expect(prepared.waiting).toEqual([]);
    prepared.shares.forEach((share, i) => {
      const { agent, key, vault } = given.offer.plan.vaults[share.vault]!;
      expect(b64u(provenChallenge(leafData({ agent, challenge: share.challenge, key, ops: share.ops, vault }), prepared.tree.proof(i)))).toBe(b64u(prepared.tree.challenge));
      expect(batchBody(share).length).toBeGreaterThan(50);
    });
    const standing = prepared.shares.filter(({ kind }) => kind === "standing");
    expect(standing.map(({ challenge, ops }) => [challenge, ops.map(({ method }) => method)])).toEqual(standing.map(() => [standingChallenge(NOW), ["DELETE"]]));
  });
  test("every vault is asked with a nonce of its own, in bounded requests", async () => {
    const given = await world({ count: 7, revokes: false });
    const sizes: number[] = [];
    const nonces = new Set<string>();
    await collect(given.offer.plan, [0, 1, 2, 3, 4, 5, 6], async (asked) => { sizes.push(asked.length); asked.forEach(({ nonce }) => nonces.add(nonce)); return given.relay(asked); }, { chunk: 3, lanes: 2 });
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 3, 3]);
    expect(nonces.size).toBe(7);
  });
  test("a thousand vaults are verified and made into one tree within two seconds of computing", async () => {
    const given = await world({ count: 1_000 });
    const answers = new Map<number, (nonce: string) => Promise<Relayed>>(given.vaults.map((vault, place) => [place, (nonce: string) => answerBegin(vault, place, nonce)]));
    // Signing the answers is the vaults' work, not the page's: it is done before the clock runs.
    const ready = new Map<number, { nonce: string; relayed: Relayed }>();
    for (const place of answers.keys()) { const nonce = b64u(randomBytes(32)); ready.set(place, { nonce, relayed: await answers.get(place)!(nonce) }); }
    const began = performance.now();
    const judged = await judgePlan(given.offer, house, NOW);
    const collected = await Promise.all(judged.open.map((place) => readBegin(given.offer.plan, ready.get(place)!.relayed, ready.get(place)!.nonce)));
    const prepared = await prepare(given.offer, judged, collected, house, NOW);
    const took = performance.now() - began;
    expect(prepared.shares).toHaveLength(2_000);
    expect(prepared.tree.size).toBe(2_048);
    // The budget is for the page in Chromium; here a busy machine gets room, a quadratic mistake does not.
    expect(took).toBeLessThan(6_000);
  }, 60_000);
});

describe("what the page refuses whole", () => {
  test("anything to sign that the server hands in, wherever it hides", async () => {
    const { offer } = await world();
    expect(isOffer(offer)).toBe(true);
    for (const member of ["challenge", "root", "proof", "tree"]) {
      const bytes = b64u(randomBytes(32));
      expect(isOffer({ ...offer, [member]: bytes })).toBe(false);
      expect(isOffer({ ...offer, plan: { ...offer.plan, [member]: bytes } })).toBe(false);
      expect(isOffer({ ...offer, signers: [{ ...offer.signers[0], [member]: bytes }] })).toBe(false);
      expect(isOffer({ ...offer, inboxes: [{ ...offer.inboxes[0], [member]: bytes }] })).toBe(false);
      expect(() => checkRelayed({ answers: [{ place: 0, words: "", [member]: bytes }] })).toThrow("invalid");
    }
  });
  test("a plan that was changed after its digest was shown", async () => {
    const given = await world();
    const wider = { ...given.offer, plan: { ...given.offer.plan, vaults: given.offer.plan.vaults.map((vault) => ({ ...vault, changes: vault.changes.map((one) => (one.change === "grant" ? { ...one, access: { ...one.access, all_access: true } } : one)) })) } };
    expect(await stopped(judgePlan(wider, house, NOW))).toBe("strange_plan");
  });
  test("a plan of another console, or one that has expired", async () => {
    const { offer } = await world();
    expect(await stopped(judgePlan(bent(offer, (plan) => ({ ...plan, msp: "http://elsewhere.localhost:3000" })), house, NOW))).toBe("strange_plan");
    expect(await stopped(judgePlan(offer, house, NOW + 3_600))).toBe("strange_plan");
  });
  test("a sealing key that is not the one in the statement, in another name, or of a statement that is over", async () => {
    const { offer } = await world();
    const stranger = b64u(new Uint8Array(32).fill(7));
    expect(await stopped(judgePlan(bent(offer, (plan) => ({ ...plan, people: [{ ...plan.people[0]!, seal_to: { kem: "x25519", public_key: stranger } }] })), house, NOW))).toBe("strange_plan");
    expect(await stopped(judgePlan(bent(offer, (plan) => ({ ...plan, people: [{ ...plan.people[0]!, name: "Hana Kobayashi" }] })), house, NOW))).toBe("strange_plan");
    expect(await stopped(judgePlan({ ...offer, inboxes: [{ ...offer.inboxes[0]!, statement: { ...offer.inboxes[0]!.statement, public_key: stranger } }] }, house, NOW))).toBe("strange_plan");
    expect(await stopped(judgePlan(bent(offer, (plan) => ({ ...plan, not_after: NOW + 86_400 * 400 })), house, NOW + 86_400 * 301))).toBe("strange_plan");
    expect(await stopped(judgePlan({ ...offer, inboxes: [] }, house, NOW))).toBe("strange_plan");
  });
  test("clients that the person's own key never confirmed, or confirmed under another key or name", async () => {
    const attacker = await device();
    // The attacker's key confirms the attacker's vault key; the database says it is this client's.
    expect(await stopped(judgePlan((await world({ confirmer: attacker })).offer, house, NOW))).toBe("unconfirmed");
    const { offer, signer } = await world();
    expect(await stopped(judgePlan(bent(offer, (plan) => ({ ...plan, vaults: plan.vaults.map((vault, i) => (i === 0 ? { ...vault, name: "Another client" } : vault)) })), house, NOW))).toBe("unconfirmed");
    const forged = await createVaultKey();
    const sorted = (plan: Plan): Plan => ({ ...plan, vaults: plan.vaults.toSorted((a, b) => (a.key < b.key ? -1 : 1)) });
    expect(await stopped(judgePlan(bent(offer, (plan) => sorted({ ...plan, vaults: plan.vaults.map((vault, i) => (i === 0 ? { ...vault, key: forged.publicKey } : vault)) })), house, NOW))).toBe("unconfirmed");
    // An assertion of the right key, over something else: a sign-in's question, or an endorsement.
    for (const assertion of [await signer.sign(randomBytes(32)), offer.endorsements[0]!.assertion]) expect(await stopped(judgePlan({ ...offer, confirmations: [{ ...offer.confirmations[0]!, assertion }] }, house, NOW))).toBe("unconfirmed");
  });
  test("the attacker's own key offered as the person's: it confirms what it likes, and the tap of the person does not fit", async () => {
    const given = await world();
    const attacker = await device();
    const confirmation = given.offer.confirmations[0]!.confirmation;
    const offer: ApproveOffer = { ...given.offer, signers: [{ ...given.offer.signers[0]!, public_key: attacker.publicKey }], confirmations: [{ credential_id: given.signer.credentialId, confirmation, assertion: await attacker.sign(clientsChallenge(confirmation)) }], endorsements: [{ ...given.offer.endorsements[0]!, assertion: await attacker.sign(endorseChallenge(given.offer.endorsements[0]!.endorsement)) }] };
    // Vaults of the attacker list the attacker's key under the person's credential.
    for (const vault of given.vaults) vault.credentials = [{ ...credentialOf(attacker), id: given.signer.credentialId }];
    const judged = await judgePlan(offer, house, NOW);
    const prepared = await prepare(offer, judged, await collect(offer.plan, judged.open, given.relay), house, NOW);
    expect(await stopped(judgeAssertion(prepared, given.signer.credentialId, await given.signer.sign(prepared.tree.challenge), house))).toBe("strange_plan");
  });
  test("a tap that comes when the minute is over: it is whole, and nothing of it is handed on", async () => {
    const given = await world();
    const { judged, prepared, assertion } = await through(given);
    class Key { rawId = fromB64u(given.signer.credentialId); response = new Answer(); }
    class Answer { authenticatorData = fromB64u(assertion.authenticator_data); clientDataJSON = fromB64u(assertion.client_data_json); signature = fromB64u(assertion.signature); }
    vi.stubGlobal("PublicKeyCredential", Key);
    vi.stubGlobal("AuthenticatorAssertionResponse", Answer);
    vi.stubGlobal("navigator", { credentials: { get: async () => new Key() } });
    try {
      const by = (leftMs: number) => sign(given.offer, judged, prepared, { id: crypto.randomUUID(), leftMs: () => leftMs }, house);
      expect(await stopped(by(0))).toBe("minute_over");
      expect(await by(1)).toMatchObject({ digest: given.offer.digest, credential_id: given.signer.credentialId });
    } finally {
      vi.unstubAllGlobals();
    }
  });
  test("a tap without PIN or finger, for another tree, or on another page", async () => {
    const given = await world();
    const judged = await judgePlan(given.offer, house, NOW);
    const prepared = await prepare(given.offer, judged, await collect(given.offer.plan, judged.open, given.relay), house, NOW);
    const { signer } = given;
    expect(await stopped(judgeAssertion(prepared, signer.credentialId, await signer.sign(prepared.tree.challenge, { flags: 0x01 }), house))).toBe("not_verified");
    expect(await stopped(judgeAssertion(prepared, signer.credentialId, await signer.sign(randomBytes(32)), house))).toBe("strange_plan");
    expect(await stopped(judgeAssertion(prepared, signer.credentialId, await signer.sign(prepared.tree.challenge, { origin: CONSOLE }), house))).toBe("strange_plan");
    expect(await stopped(judgeAssertion(prepared, (await device()).credentialId, await signer.sign(prepared.tree.challenge), house))).toBe("key_unknown");
  });
});

describe("what a vault's answer must be, else the vault is left out", () => {
  const only = async (bend: (vault: FakeVault, place: number, nonce: string) => Promise<Relayed>, change: Parameters<typeof world>[0] = {}) => {
    const given = await world({ count: 2, revokes: false, ...change });
    given.relay = async (asked) => Promise.all(asked.map(({ place, nonce }) => (place === 0 ? bend(given.vaults[0]!, place, nonce) : answerBegin(given.vaults[place]!, place, nonce))));
    const { prepared } = await through(given);
    return prepared;
  };
  test.each<[string, (vault: FakeVault, place: number, nonce: string) => Promise<Relayed>]>([
    ["an answer to another nonce: an old one, recorded", (vault, place) => answerBegin(vault, place, b64u(randomBytes(32)))],
    ["a challenge that was exchanged on the way", async (vault, place, nonce) => ({ ...(await answerBegin(vault, place, nonce)), body: b64u(utf8(JSON.stringify({ challenge: b64u(randomBytes(32)), expires_at: NOW, name: "x", credentials: vault.credentials }))) })],
    ["another vault's answer", async (_vault, place, nonce) => ({ ...(await answerBegin({ key: await createVaultKey(), name: "x", vault: "v0", credentials: [], mode: "primary" }, place, nonce)) })],
    ["an answer of its backup", (vault, place, nonce) => answerBegin({ ...vault, mode: "backup" }, place, nonce)],
    ["a signed refusal", (vault, place, nonce) => answerBegin(vault, place, nonce, { status: 503 })],
    ["a signed body that is none of the protocol's", (vault, place, nonce) => answerBegin(vault, place, nonce, { body: utf8('{"challenge":"x"}') })],
    ["an answer to another door", async (vault, place, nonce) => ({ ...(await answerBegin(vault, place, nonce)), target: "/v0/agents" })],
    ["the relay's own words", async (_vault, place) => ({ place, words: "silent" })],
  ])("%s", async (_what, bend) => {
    const prepared = await only(bend);
    expect(prepared.shares.map(({ vault, kind }) => [vault, kind])).toEqual([[1, "fresh"]]);
    expect(prepared.waiting.map(({ place }) => place)).toEqual([0]);
    expect(prepared.challenges[0]).toBeNull();
  });
  test("a vault that does not count the key that is touched is left out whole, its removals as well", async () => {
    const given = await world({ count: 2 });
    given.vaults[0]!.credentials = [credentialOf(await device())];
    const { prepared } = await through(given);
    expect(prepared.shares.map(({ vault }) => vault)).toEqual([1, 1]);
    expect(prepared.left).toEqual([0]);
  });
  test("a silent vault gets its removals as standing shares: they need nothing of it", async () => {
    const given = await world({ count: 2 });
    given.relay = async (asked) => Promise.all(asked.map(async ({ place, nonce }) => (place === 0 ? { place, words: "It did not answer in time." } : answerBegin(given.vaults[place]!, place, nonce))));
    const { prepared } = await through(given);
    expect(prepared.shares.map(({ vault, kind }) => [vault, kind])).toEqual([[0, "standing"], [1, "fresh"], [1, "standing"]]);
  });
  test("a token for a key that no signer of this vault endorsed is not signed for: the endorser must be one that the vault lists", async () => {
    const stranger = await device();
    const given = await world({ count: 2, endorser: stranger, revokes: false });
    const judged = await judgePlan(given.offer, house, NOW);
    expect(await stopped(prepare(given.offer, judged, await collect(given.offer.plan, judged.open, given.relay), house, NOW))).toBe("nothing_to_sign");
    // The same endorsement counts where the vault lists that signer.
    given.vaults[1]!.credentials = [...given.vaults[1]!.credentials, credentialOf(stranger)];
    const { prepared } = await through(given);
    expect(prepared.shares.map(({ vault }) => vault)).toEqual([1]);
  });
  test("an endorsement that does not verify is none, whoever is named with it", async () => {
    const given = await world({ count: 1, revokes: false });
    const offer = { ...given.offer, endorsements: [{ ...given.offer.endorsements[0]!, assertion: await given.signer.sign(randomBytes(32)) }] };
    const judged = await judgePlan(offer, house, NOW);
    expect(await stopped(prepare(offer, judged, await collect(offer.plan, judged.open, given.relay), house, NOW))).toBe("nothing_to_sign");
  });
  test("an answer for a place that was not asked, or a second one for the same place, changes nothing", async () => {
    const given = await world({ count: 2, revokes: false });
    const honest = given.relay;
    given.relay = async (asked) => {
      const answers = await honest(asked);
      return [...answers, ...answers.map((one) => ({ place: one.place, words: "later" })), { place: 99, words: "x" }];
    };
    const { prepared } = await through(given);
    expect(prepared.shares).toHaveLength(2);
  });
  test("two vaults whose answers were swapped by the relay are both left out", async () => {
    const given = await world({ count: 2, revokes: false });
    given.relay = async (asked) => {
      const [one, two] = asked as [{ place: number; nonce: string }, { place: number; nonce: string }];
      const [first, second] = [await answerBegin(given.vaults[0]!, 0, one.nonce), await answerBegin(given.vaults[1]!, 1, two.nonce)];
      return [{ ...first, place: 1 }, { ...second, place: 0 }];
    };
    const judged = await judgePlan(given.offer, house, NOW);
    expect(await stopped(prepare(given.offer, judged, await collect(given.offer.plan, judged.open, given.relay), house, NOW))).toBe("nothing_to_sign");
  });
  test("of two keys only one that all these vaults count may be touched", async () => {
    const given = await world({ count: 2, revokes: false });
    const other = await device();
    const { confirmation } = given.offer.confirmations[0]!;
    given.offer = { ...given.offer, signers: [...given.offer.signers, { id: other.credentialId, label: "Belt", transports: [], public_key: other.publicKey }], confirmations: [...given.offer.confirmations, { credential_id: other.credentialId, confirmation, assertion: await other.sign(clientsChallenge(confirmation)) }] };
    given.vaults[0]!.credentials = [...given.vaults[0]!.credentials, credentialOf(other)];
    const { prepared } = await through(given);
    expect(prepared.signers.map(({ label }) => label)).toEqual(["Desk"]);
    expect(await stopped(judgeAssertion(prepared, other.credentialId, await other.sign(prepared.tree.challenge), house))).toBe("key_unknown");
    expect(fromB64u(prepared.signers[0]!.id).length).toBe(32);
  });
});
