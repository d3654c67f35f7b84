// Ceremony 4: one tap over a plan (PROTOCOL 6). The chain that this page proves by itself, and takes nobody's word for:
// the key that is touched now → its own word which vault is which client's → each vault's signed answer → the signers that this
// vault counts → their word whose inbox key is whose → the operations, made here from what is shown. Long, because the chain is one.
import { approvalTree, cosignShares, sharesOf, type Share } from "#lib/protocol/approval.ts";
import { checkAuthBegin } from "#lib/protocol/answers.ts";
import { refuseCeremony } from "#lib/protocol/assertion.ts";
import { b64u, equalBytes, fromB64u, randomBytes, tryB64u, tryText, type Bytes } from "#lib/protocol/bytes.ts";
import { run } from "#lib/protocol/check.ts";
import { CHALLENGE_MARGIN_SECONDS, CHALLENGE_SECONDS } from "#lib/protocol/challenge.ts";
import { clientHash, refuseConfirmation } from "#lib/protocol/clients.ts";
import { verifyEnrol } from "#lib/protocol/connect.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { endorses, inboxKeyChallenge, refuseEndorsement, refuseSealTo, type SigningDevice } from "#lib/protocol/inbox.ts";
import type { AuthBegin, Enrol } from "#lib/protocol/messages.ts";
import { planDigest, sealedTo, type Plan } from "#lib/protocol/plan.ts";
import { verifyAnswer } from "#lib/protocol/signed.ts";
import { drawOrder, type Tree } from "#lib/protocol/tree.ts";
import type { House } from "./house.ts";
import type { ApproveOffer, Relayed, Signer } from "./offer.ts";
import { Stopped } from "./stopped.ts";
import { credentialOf, enrolOf, tap, TAP_MS } from "./tap.ts";

/** From the first question to the last moment at which a share may start, milliseconds. */
export const ROUND_MS = (CHALLENGE_SECONDS - CHALLENGE_MARGIN_SECONDS) * 1_000;
/** The page stops asking for a tap a little earlier: the submission takes its time as well. */
const SEND_MS = 5_000;

export interface Judged {
  digest: Bytes;
  /** Places of the plan that are open. */
  open: readonly number[];
  /** Of the person's keys, those that confirmed every open client. */
  usable: readonly Signer[];
}

/** BE is a vault's and the server's to judge; the page knows only the key. */
const deviceOf = (publicKey: string, house: House): SigningDevice => ({ origin: house.origin, rpId: house.rpId, backupEligible: null, hardwareBound: false, publicKey: fromB64u(publicKey) });

/** Whether this key's own word, signed by it, covers every client at these places. Each list is verified once. */
async function confirmedAll(signer: Signer, { confirmations, plan }: ApproveOffer, places: readonly number[], house: House): Promise<boolean> {
  const covered = new Set<string>();
  for (const { credential_id, confirmation, assertion } of confirmations) {
    if (credential_id !== signer.id || (await refuseConfirmation(confirmation, assertion, deviceOf(signer.public_key, house))) !== null) continue;
    for (const hash of confirmation.clients) covered.add(hash);
  }
  return places.every((place) => {
    const { key, name, vault } = plan.vaults[place]!;
    return covered.has(clientHash({ key, name, vault }));
  });
}

const strange = (detail: string): Stopped => new Stopped("strange_plan", { detail: `${detail} Nothing was signed.` });

/**
 * Everything that can be judged before a vault is asked. Throws Stopped `strange_plan`, `unconfirmed`.
 * @param now Unix seconds
 */
export async function judgePlan(offer: ApproveOffer, house: House, now: number): Promise<Judged> {
  const { plan, left, inboxes, endorsements } = offer;
  const digest = planDigest(plan);
  if (!equalBytes(digest, fromB64u(offer.digest))) throw strange("Its digest is another than the one that the console showed.");
  if (plan.msp !== house.console) throw strange("It was made for another console.");
  if (plan.not_after <= now) throw strange("It has expired.");
  if (inboxes.length !== plan.people.length) throw strange("It does not say whose keys its tokens are sealed to.");
  plan.people.forEach(({ name, seal_to, statement: hash }, i) => {
    const { statement, endorsements: named } = inboxes[i]!;
    if (b64u(inboxKeyChallenge(statement)) !== hash || refuseSealTo(seal_to, statement, { name, msp: house.console, now }) !== null) throw strange(`The key that tokens of ${name} are sealed to is not the one that ${name} stated.`);
    if (named.some((at) => endorsements[at] === undefined)) throw strange("It names an endorsement that is not there.");
  });
  // A key that is rolled out to vaults is one that somebody held here, on this very page (PROTOCOL 10, `enrol`).
  for (const signer of plan.signers ?? []) {
    if (signer.origin !== house.origin || signer.rp_id !== house.rpId || "code" in (await verifyEnrol(signer, house.console))) throw strange(`The new signer “${signer.label}” was not made on this page.`);
  }
  const out = new Set(left);
  const open = plan.vaults.flatMap((_, place) => (out.has(place) ? [] : [place]));
  if (open.length === 0 || left.some((place) => plan.vaults[place] === undefined)) throw strange("Nothing of it is open.");
  const usable: Signer[] = [];
  for (const signer of offer.signers) if (await confirmedAll(signer, offer, open, house)) usable.push(signer);
  if (usable.length === 0) throw new Stopped("unconfirmed");
  return { digest, open, usable };
}

/** What a vault said, proven; or why it gives no challenge. `words` may be the relay's: they only ever leave something out. */
export type Collected = { place: number } & ({ begin: AuthBegin } | { words: string });

/** One relayed answer under the vault's own key, for the nonce that was drawn here. */
export async function readBegin(plan: Plan, relayed: Relayed, nonce: string): Promise<Collected> {
  const { place } = relayed;
  if ("words" in relayed) return { place, words: relayed.words };
  const { agent, key, vault } = plan.vaults[place]!;
  const body = tryB64u(relayed.body);
  if (body === null || !relayed.target.endsWith("/auth/begin")) return { place, words: "What came back is no answer of its own." };
  const answer = await verifyAnswer(relayed.answer, { agent, body, method: "POST", nonce, status: relayed.status, target: relayed.target, vault }, key);
  if (answer === null) return { place, words: "Its answer does not carry its signature." };
  if (relayed.status !== 201 || answer.mode !== "primary") return { place, words: "It takes no changes now." };
  let value: unknown;
  try {
    value = JSON.parse(tryText(body) ?? "");
    run(checkAuthBegin, value, "");
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SyntaxError) return { place, words: "Its answer is not in the form of the protocol." };
    throw error;
  }
  return { place, begin: value };
}

export type AskBegin = (vaults: readonly { place: number; nonce: string }[]) => Promise<readonly Relayed[]>;

/** One fresh challenge per vault: nonces drawn here, requests of `chunk` vaults, `lanes` at a time. A vault that is not answered for gives none. */
export async function collect(plan: Plan, places: readonly number[], askBegin: AskBegin, { chunk = 50, lanes = 4 }: { chunk?: number; lanes?: number } = {}): Promise<Collected[]> {
  const nonces = new Map(places.map((place) => [place, b64u(randomBytes(32))]));
  const chunks = Array.from({ length: Math.ceil(places.length / chunk) }, (_, i) => places.slice(i * chunk, (i + 1) * chunk));
  const found = new Map<number, Collected>();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < chunks.length; at = next++) {
      const asked = chunks[at]!;
      const answers = await askBegin(asked.map((place) => ({ place, nonce: nonces.get(place)! })));
      for (const answer of answers) if (asked.includes(answer.place) && !found.has(answer.place)) found.set(answer.place, await readBegin(plan, answer, nonces.get(answer.place)!));
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, chunks.length) }, lane));
  return places.map((place) => found.get(place) ?? { place, words: "Nothing came back for it." });
}

export interface Prepared {
  signers: readonly Signer[];
  shares: readonly Share[];
  tree: Tree;
  seed: Bytes;
  places: readonly number[];
  issuedAt: number;
  challenges: readonly (string | null)[];
  left: readonly number[];
  /** Vaults whose fresh part waits, and why. */
  waiting: readonly { place: number; words: string }[];
}

/** Whether each person's key is endorsed by a credential that this vault lists (PROTOCOL 8). Verified once per endorsement and key. */
function endorsementJudge({ plan, inboxes, endorsements }: ApproveOffer, house: House): (place: number, begin: AuthBegin) => Promise<string | null> {
  const verified = new Map<string, Promise<boolean>>();
  const stands = (at: number, publicKey: string): Promise<boolean> => {
    const { endorsement, assertion } = endorsements[at]!;
    const name = `${at} ${publicKey}`;
    const known = verified.get(name) ?? refuseEndorsement(endorsement, assertion, deviceOf(publicKey, house)).then((refusal) => refusal === null, () => false);
    verified.set(name, known);
    return known;
  };
  return async (place, begin) => {
    const listed = new Map(begin.credentials.map(({ id, public_key }) => [id, public_key]));
    for (const person of new Set(plan.vaults[place]!.changes.flatMap((one) => sealedTo(one) ?? []))) {
      const { statement, endorsements: named } = inboxes[person]!;
      let good = false;
      for (const at of named) {
        const { credential_id, endorsement } = endorsements[at]!;
        const publicKey = listed.get(credential_id);
        good ||= publicKey !== undefined && endorses(endorsement, statement) && (await stands(at, publicKey));
      }
      if (!good) return `No key that it counts has endorsed the inbox key of ${plan.people[person]!.name}.`;
    }
    return null;
  };
}

type Sifted = Pick<Prepared, "signers" | "challenges" | "left" | "waiting">;

/** What the vaults gave, judged: a vault that does not count the key, or no endorser, is left out whole. */
async function sift(offer: ApproveOffer, { usable }: Judged, collected: readonly Collected[], house: House): Promise<Sifted> {
  const { plan } = offer;
  const lists = (begin: AuthBegin, { id, public_key }: Signer): boolean => begin.credentials.some((one) => one.id === id && one.public_key === public_key && one.rp_id === house.rpId && one.origin === house.origin);
  const answered = collected.flatMap((one) => ("begin" in one ? [one] : []));
  const counts = usable.map((signer) => answered.filter(({ begin }) => lists(begin, signer)).length);
  const most = Math.max(...counts);
  // Of several keys only those that all the same vaults count: whichever is touched, the same shares are signed.
  const best = usable[counts.indexOf(most)]!;
  const counting = new Set(answered.filter(({ begin }) => lists(begin, best)).map(({ place }) => place));
  const signers = usable.filter((signer) => answered.every(({ place, begin }) => counting.has(place) === lists(begin, signer)));
  const challenges: (string | null)[] = plan.vaults.map(() => null);
  const left = new Set(offer.left);
  const waiting: { place: number; words: string }[] = [];
  const refuseEndorsements = endorsementJudge(offer, house);
  for (const one of collected) {
    if ("words" in one) {
      waiting.push(one);
      continue;
    }
    const words = counting.has(one.place) ? await refuseEndorsements(one.place, one.begin) : `It does not count your key “${best.label}” yet.`;
    if (words === null) challenges[one.place] = one.begin.challenge;
    else {
      waiting.push({ place: one.place, words });
      left.add(one.place);
    }
  }
  return { signers, challenges, left: [...left], waiting };
}

/**
 * Shares and tree over what the vaults gave; one that is silent gets its removals as standing shares. Throws Stopped
 * `nothing_to_sign`.
 * @param now Unix seconds
 */
export async function prepare(offer: ApproveOffer, judged: Judged, collected: readonly Collected[], house: House, now: number): Promise<Prepared> {
  const sifted = await sift(offer, judged, collected, house);
  return grow(offer.plan, sharesOf(offer.plan, sifted.challenges, now, new Set(sifted.left)), sifted, now);
}

/**
 * The same for the first of two people (PROTOCOL 6, Cosign): everything is proven as for a release, and what is signed carries no
 * vault's challenge. A silent vault is covered unless it gets a token: whose keys it counts for endorsing, only its answer can say.
 */
export async function prepareCosign(offer: ApproveOffer, judged: Judged, collected: readonly Collected[], house: House, now: number): Promise<Prepared> {
  const { plan } = offer;
  const sifted = await sift(offer, judged, collected, house);
  const blind = judged.open.filter((place) => sifted.challenges[place] === null && plan.vaults[place]!.changes.some(({ change }) => change === "grant"));
  const left = [...new Set([...sifted.left, ...blind])];
  const covered = new Set(judged.open.filter((place) => !left.includes(place)));
  const waiting = sifted.waiting.filter(({ place }) => !covered.has(place));
  return grow(plan, cosignShares(plan, covered, now), { ...sifted, left, waiting }, now);
}

function grow(plan: Plan, shares: readonly Share[], sifted: Sifted, now: number): Prepared {
  if (shares.length === 0) throw new Stopped("nothing_to_sign");
  const seed = randomBytes(32);
  const places = drawOrder(shares.length);
  return { ...sifted, shares, tree: approvalTree(plan, shares, { seed, order: places }), seed, places, issuedAt: now };
}

export interface ApproveSubmission {
  secret: string;
  round: string;
  credential_id: string;
  digest: string;
  assertion: Enrol;
  seed: string;
  issued_at: number;
  /** One per vault of the plan; empty of the first of two people, who signs under a dated one. */
  challenges: readonly (string | null)[];
  left: readonly number[];
  places: readonly number[];
}

/**
 * After the tap, before anything is sent: the key that answered is the one whose word the clients rest on, and it signed exactly
 * this tree, verified. Throws Stopped `strange_plan` when not.
 */
export async function judgeAssertion({ signers, tree }: Prepared, credentialId: string, assertion: Enrol, house: House): Promise<void> {
  const signer = signers.find(({ id }) => id === credentialId);
  if (signer === undefined) throw new Stopped("key_unknown");
  const refusal = await refuseCeremony(assertion, { ...deviceOf(signer.public_key, house), challenge: tree.challenge });
  if (refusal?.code === "user_not_verified") throw new Stopped("not_verified");
  if (refusal !== null) throw strange("The key that answered is not the one on whose word the clients rest.");
}

/** The one call to the hardware key. `leftMs`: of the round's minute. */
export async function sign(offer: ApproveOffer, judged: Judged, prepared: Prepared, round: { id: string; leftMs: () => number }, house: House): Promise<ApproveSubmission> {
  const { signers, tree, seed, places, issuedAt, challenges, left } = prepared;
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: tree.challenge,
    rpId: house.rpId,
    allowCredentials: signers.map(({ id, transports }) => ({ type: "public-key", id: fromB64u(id), transports: [...transports] as AuthenticatorTransport[] })),
    userVerification: "required",
    timeout: Math.max(1_000, Math.min(TAP_MS, round.leftMs() - SEND_MS)),
  };
  const tapped = await tap(() => navigator.credentials.get({ publicKey }));
  const credentialId = credentialOf(tapped);
  const assertion = enrolOf(tapped, signers.map(({ id }) => id));
  await judgeAssertion(prepared, credentialId, assertion, house);
  if (round.leftMs() <= 0) throw new Stopped("minute_over");
  return { secret: offer.secret, round: round.id, credential_id: credentialId, digest: b64u(judged.digest), assertion, seed: b64u(seed), issued_at: issuedAt, challenges: offer.part === "cosign" ? [] : challenges, left, places };
}
