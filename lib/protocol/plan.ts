// A plan as a value (SPEC 4.2): what is frozen, what its digest covers, and the exact operations that it stands for. Console
// and signing page make operations from it by the same code, so that what is signed is made from what is shown. Long, because a
// change, its form and its operation are read side by side.
import { isOrigin } from "./address.ts";
import type { Bytes } from "./bytes.ts";
import { base64url, boolean, integer, invalid, list, literal, nullable, object, pattern, pointer, run, that, type Check } from "./check.ts";
import { labelledHash } from "./hash.ts";
import { jcsBytes, type JsonObject } from "./jcs.ts";
import { lockedP0 } from "./connect.ts";
import type { Op, SealTo, Signer } from "./messages.ts";
import { agentId, checkSealTo, checkSigner, credentialId, hash, MAX_OPERATIONS, scope, scopeList, text, time, tokenHash, uid, uuid } from "./schema.ts";

/** Vaults of one plan: a submission names each of them, and its body has a limit (lib/limits.ts). */
export const MAX_PLAN_VAULTS = 1_500;
/** Shares of one tap: a fresh leaf and a standing one per vault. */
export const MAX_PLAN_PEOPLE = 500;
/** However late the tap, a new token can be claimed for this long, seconds. */
export const MIN_CLAIM_SECONDS = 3_600;
/** New signers of one roll-out; a connect request takes as many (PROTOCOL 10). */
export const MAX_PLAN_SIGNERS = 8;

/** What a row may open: its scopes, or all; `expires_at` in Unix seconds, null = no end. */
export interface Access {
  scopes: string;
  all_access: boolean;
  expires_at: number | null;
}

/** Whom new tokens are sealed to: `statement` is b64u of the inbox statement's hash (PROTOCOL 8), `name` is the one in it. */
export interface PlanPerson {
  name: string;
  seal_to: SealTo;
  statement: string;
}

export type PlanChange =
  /** A new row; `person` counts in `people`. Its token is used by `claim_by`, or the vault removes the row by itself (PROTOCOL 4). */
  | { access: Access; change: "grant"; claim_by?: number; id: string; person: number }
  /** A new token for the same row, sealed to `person`, whose name the row bears; the old one opens nothing from the commit on. */
  | { access: Access; agent: number; change: "reissue"; id: string; name: string; person: number; revision: number; uid: string }
  /** The same token, another reach. `name`, `before`: as the vault was last read. */
  | { after: Access; agent: number; before: Access; change: "alter"; id: string; name: string; revision: number; uid: string }
  /** A row is deleted, now and (operation `standing`) within thirty days wherever that cannot be done now. */
  | { access: Access; agent: number; change: "revoke"; id: string; name: string; standing: string; uid: string }
  /** Our own row, and with it signers and every row that we manage (PROTOCOL 4, Exit). */
  | { change: "leave"; id: string; uid: string }
  /** A new signer for our own row; `signer` counts in `signers` (PROTOCOL 10.5). */
  | { change: "enrol"; id: string; signer: number }
  /** A signer of our own row counts no more, for ever. */
  | { change: "strike"; credential_id: string; id: string; label: string; person: string }
  /** Our own token, by the hash of one that was drawn and stored first (PROTOCOL 4). */
  | { change: "renew"; id: string; token_hash: string; uid: string };

export const planKinds = ["change", "exit", "signers", "renewal"] as const;
export type PlanKind = (typeof planKinds)[number];

export interface PlanVault {
  /** Our own agent id there. */
  agent: number;
  /** In the order in which they apply: revokes, alterations, new tokens for old rows, grants. */
  changes: readonly PlanChange[];
  /** The vault's public key: its identity. */
  key: string;
  /** The client, as the signed client statement names it. */
  name: string;
  /** What numbers are called here, of those that occur. */
  roles: readonly { name: string; scope: string }[];
  vault: string;
}

export interface Plan {
  /** UUID. */
  id: string;
  kind: PlanKind;
  /** The console's origin. */
  msp: string;
  /** From this second on nothing of it can be signed. */
  not_after: number;
  people: readonly PlanPerson[];
  reason: string | null;
  /** Of a roll-out: who is to sign for us from now on. Absent in all other plans. */
  signers?: readonly Signer[];
  ticket: string | null;
  title: string;
  v: 1;
  /** Ascending by key. */
  vaults: readonly PlanVault[];
}

const access: Check<Access> = object({ scopes: scopeList, all_access: boolean, expires_at: nullable(time) });
const planId = pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, "a UUID");
const revision = integer(0);

const CHANGES: { readonly [K in PlanChange["change"]]: Check<Extract<PlanChange, { change: K }>> } = {
  grant: object({ change: literal("grant"), id: uuid, person: integer(0, MAX_PLAN_PEOPLE - 1), access }, { claim_by: time }),
  reissue: object({ change: literal("reissue"), id: uuid, person: integer(0, MAX_PLAN_PEOPLE - 1), agent: agentId, uid, revision, name: text, access }),
  alter: object({ change: literal("alter"), id: uuid, agent: agentId, uid, revision, name: text, before: access, after: access }),
  revoke: object({ change: literal("revoke"), id: uuid, standing: uuid, agent: agentId, uid, name: text, access }),
  leave: object({ change: literal("leave"), id: uuid, uid }),
  enrol: object({ change: literal("enrol"), id: uuid, signer: integer(0, MAX_PLAN_SIGNERS - 1) }),
  strike: object({ change: literal("strike"), id: uuid, credential_id: credentialId, label: text, person: text }),
  renew: object({ change: literal("renew"), id: uuid, uid, token_hash: tokenHash }),
};
/** New signers before old ones go: a vault keeps the last that counts (PROTOCOL 4, Signers of a manager). */
const ORDER: readonly PlanChange["change"][] = ["revoke", "alter", "reissue", "grant", "leave", "enrol", "strike", "renew"];
/** What each kind of plan may hold. A removal beside signers is one that the struck key had signed to stand (PROTOCOL 6). */
const WITHIN: Readonly<Record<PlanKind, readonly PlanChange["change"][]>> = { change: ["revoke", "alter", "reissue", "grant"], exit: ["leave"], signers: ["revoke", "enrol", "strike"], renewal: ["renew"] };

const change: Check<PlanChange> = (value, path): asserts value is PlanChange => {
  const kind: unknown = typeof value === "object" && value !== null && "change" in value ? value.change : undefined;
  const known = ORDER.find((one) => one === kind);
  if (known === undefined) invalid(pointer(path, "change"), ORDER.join(", "));
  run(CHANGES[known] as Check<PlanChange>, value, path);
};

/** Throws ProtocolError `invalid` unless the value has the form of one vault's part; what holds between parts is the whole plan's. */
export const checkPlanVault: Check<PlanVault> = object({
  agent: agentId,
  changes: list(change, 1, MAX_OPERATIONS),
  key: base64url(32),
  name: text,
  roles: list(object({ name: text, scope }), 0, 200),
  vault: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a vault id"),
});

const members: Check<Plan> = object({
  id: planId,
  kind: literal(...planKinds),
  msp: that<string>(isOrigin, "an origin"),
  not_after: time,
  people: list(object({ name: text, seal_to: checkSealTo, statement: hash }), 0, MAX_PLAN_PEOPLE),
  reason: nullable(text),
  ticket: nullable(text),
  title: text,
  v: literal(1),
  vaults: list(checkPlanVault, 1, MAX_PLAN_VAULTS),
}, { signers: list(checkSigner, 1, MAX_PLAN_SIGNERS) });

const sameAccess = (one: Access, other: Access): boolean => one.scopes === other.scopes && one.all_access === other.all_access && one.expires_at === other.expires_at;

/** Whose key a change seals a token to, as an index of `people`; null: it seals none. */
export const sealedTo = (one: PlanChange): number | null => (one.change === "grant" || one.change === "reissue" ? one.person : null);

function checkChanges({ changes }: PlanVault, { kind, not_after: notAfter, people, signers = [] }: Plan, path: string, ids: Set<string>): void {
  let last = 0;
  const rows = new Set<string>();
  changes.forEach((one, i) => {
    const at = pointer(path, i);
    const rank = ORDER.indexOf(one.change);
    if (rank < last) invalid(pointer(at, "change"), "revokes, then alterations, then new tokens, then grants");
    last = rank;
    if (!WITHIN[kind].includes(one.change)) invalid(pointer(at, "change"), `in a plan of kind ${kind}: ${WITHIN[kind].join(", ")}`);
    for (const id of one.change === "revoke" ? [one.id, one.standing] : [one.id]) {
      if (ids.has(id)) invalid(pointer(at, "id"), "an operation id twice");
      ids.add(id);
    }
    const person = sealedTo(one);
    if (person !== null && people[person] === undefined) invalid(pointer(at, "person"), "nobody");
    if (one.change === "grant") {
      if (one.claim_by !== undefined && one.claim_by < notAfter + MIN_CLAIM_SECONDS) invalid(pointer(at, "claim_by"), "an hour or more after the last moment to sign");
      return;
    }
    // A row's token is sealed to nobody but whose name it bears: an operation on a row carries no name of its own (PROTOCOL 8).
    if (one.change === "reissue" && people[one.person]?.name !== one.name) invalid(pointer(at, "name"), "the name of whom it is sealed to");
    if (one.change === "enrol" && signers[one.signer] === undefined) invalid(pointer(at, "signer"), "nobody");
    const subject = one.change === "enrol" ? signers[one.signer]!.credential_id : one.change === "strike" ? one.credential_id : one.uid;
    if (rows.has(subject)) invalid(at, "one row or one signer twice");
    rows.add(subject);
    if (one.change !== "alter") return;
    if (sameAccess(one.before, one.after)) invalid(pointer(at, "after"), "nothing changes");
    // Taking an end away is the owner's (PROTOCOL 4): `expires_at: null` is refused to a manager.
    if (one.before.expires_at !== null && one.after.expires_at === null) invalid(pointer(at, "after"), "only the client can take an end away");
  });
  if ((kind === "exit" || kind === "renewal") && changes.length !== 1) invalid(path, "one operation");
}

/** Throws ProtocolError `invalid` with a pointer unless the value is a whole plan in its one order. */
export function checkPlan(value: unknown, path = ""): asserts value is Plan {
  run(members, value, path);
  const ids = new Set<string>();
  value.vaults.forEach((one, i) => {
    const at = pointer(pointer(path, "vaults"), i);
    if (i > 0 && value.vaults[i - 1]!.key >= one.key) invalid(pointer(at, "key"), "ascending");
    checkChanges(one, value, pointer(at, "changes"), ids);
  });
  const enrolled = new Set(value.vaults.flatMap(({ changes }) => changes.flatMap((one) => (one.change === "enrol" ? [one.signer] : []))));
  value.signers?.forEach(({ credential_id }, i) => {
    const at = pointer(pointer(path, "signers"), i);
    if (!enrolled.has(i)) invalid(at, "a signer that no vault gets");
    if (i > 0 && value.signers![i - 1]!.credential_id >= credential_id) invalid(pointer(at, "credential_id"), "ascending");
  });
  const used = new Set(value.vaults.flatMap(({ changes }) => changes.flatMap((one) => sealedTo(one) ?? [])));
  value.people.forEach((one, i) => {
    const at = pointer(pointer(path, "people"), i);
    if (!used.has(i)) invalid(at, "nobody gets a token under this name");
    if (i > 0 && value.people[i - 1]!.statement >= one.statement) invalid(pointer(at, "statement"), "ascending");
  });
}

/** `H("clavitor/plan/v1\n" || JCS(plan))`, 32 bytes: what console and signing page show, and must show alike. */
export function planDigest(plan: Plan): Bytes {
  return labelledHash("plan", jcsBytes(plan));
}

/** Body of a PUT: only what differs, since absent members stay (PROTOCOL 4). */
function altered(before: Access, after: Access): JsonObject {
  return {
    ...(before.scopes === after.scopes ? {} : { scopes: after.scopes }),
    ...(before.all_access === after.all_access ? {} : { all_access: after.all_access }),
    ...(before.expires_at === after.expires_at ? {} : { expires_at: after.expires_at }),
  };
}

function granted({ name, seal_to: { kem, public_key } }: PlanPerson, { scopes, all_access, expires_at }: Access, claimBy?: number): JsonObject {
  return { admin: false, all_access, ...(claimBy === undefined ? {} : { claim_by: claimBy }), ...(expires_at === null ? {} : { expires_at }), kind: "human", name, scopes, seal_to: { kem, public_key } };
}

/** A signer of a manager unlocks nothing: its `p0` is the marker for that (PROTOCOL 4). */
function enrolled({ enrol, ...signer }: Signer, agent: number): JsonObject {
  return { ...signer, enrol: { ...enrol }, p0: lockedP0(signer.credential_id), signs_for: agent, wrapped_l3: "" };
}

/**
 * The operations of one vault, in the order in which they apply: `fresh` under a challenge of the vault, `standing` (a second
 * time, every revoke) under a dated one. `uid` always, `revision` with PUT (PROTOCOL 4, Row identity).
 */
export function operationsOf({ agent, changes }: PlanVault, { people, signers = [] }: Pick<Plan, "people" | "signers">): { fresh: Op[]; standing: Op[] } {
  const fresh: Op[] = [];
  const standing: Op[] = [];
  for (const one of changes) {
    switch (one.change) {
      case "grant":
        fresh.push({ body: granted(people[one.person]!, one.access, one.claim_by), id: one.id, if: null, method: "POST", path: "/agent" });
        break;
      case "alter":
        fresh.push({ body: altered(one.before, one.after), id: one.id, if: { revision: one.revision, uid: one.uid }, method: "PUT", path: `/agent/${one.agent}` });
        break;
      case "reissue": {
        const { kem, public_key } = people[one.person]!.seal_to;
        fresh.push({ body: { seal_to: { kem, public_key } }, id: one.id, if: { revision: one.revision, uid: one.uid }, method: "POST", path: `/agent/${one.agent}/token` });
        break;
      }
      case "revoke": {
        const removal: Omit<Op, "id"> = { body: null, if: { uid: one.uid }, method: "DELETE", path: `/agent/${one.agent}` };
        fresh.push({ ...removal, id: one.id });
        standing.push({ ...removal, id: one.standing });
        break;
      }
      case "leave":
        fresh.push({ body: null, id: one.id, if: { uid: one.uid }, method: "DELETE", path: `/agent/${agent}` });
        break;
      case "enrol":
        fresh.push({ body: enrolled(signers[one.signer]!, agent), id: one.id, if: null, method: "POST", path: "/credential" });
        break;
      case "strike":
        fresh.push({ body: null, id: one.id, if: null, method: "DELETE", path: `/credential/${one.credential_id}` });
        break;
      case "renew":
        fresh.push({ body: { token_hash: one.token_hash }, id: one.id, if: { uid: one.uid }, method: "POST", path: `/agent/${agent}/token` });
    }
  }
  return { fresh, standing };
}

/** How many of each, over all vaults. */
export function countChanges(plan: Pick<Plan, "vaults">): Record<PlanChange["change"], number> {
  const counts = { grant: 0, reissue: 0, alter: 0, revoke: 0, leave: 0, enrol: 0, strike: 0, renew: 0 };
  for (const { changes } of plan.vaults) for (const one of changes) counts[one.change]++;
  return counts;
}
