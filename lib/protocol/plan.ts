// A plan as a value (SPEC 4.2): what is frozen, what its digest covers, and the exact operations that it stands for. Console
// and signing page make operations from it by the same code, so that what is signed is made from what is shown.
import { isOrigin } from "./address.ts";
import type { Bytes } from "./bytes.ts";
import { base64url, boolean, integer, invalid, list, literal, nullable, object, pattern, pointer, run, that, type Check } from "./check.ts";
import { labelledHash } from "./hash.ts";
import { jcsBytes, type JsonObject } from "./jcs.ts";
import type { Op, SealTo } from "./messages.ts";
import { agentId, checkSealTo, hash, MAX_OPERATIONS, scope, scopeList, text, time, uid, uuid } from "./schema.ts";

/** Vaults of one plan: a submission names each of them, and its body has a limit (lib/limits.ts). */
export const MAX_PLAN_VAULTS = 1_500;
/** Shares of one tap: a fresh leaf and a standing one per vault. */
export const MAX_PLAN_PEOPLE = 500;
/** However late the tap, a new token can be claimed for this long, seconds. */
export const MIN_CLAIM_SECONDS = 3_600;

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
  | { change: "leave"; id: string; uid: string };

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
  kind: "change" | "exit";
  /** The console's origin. */
  msp: string;
  /** From this second on nothing of it can be signed. */
  not_after: number;
  people: readonly PlanPerson[];
  reason: string | null;
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
};
const ORDER: readonly PlanChange["change"][] = ["revoke", "alter", "reissue", "grant", "leave"];

const change: Check<PlanChange> = (value, path): asserts value is PlanChange => {
  const kind: unknown = typeof value === "object" && value !== null && "change" in value ? value.change : undefined;
  const known = ORDER.find((one) => one === kind);
  if (known === undefined) invalid(pointer(path, "change"), ORDER.join(", "));
  run(CHANGES[known] as Check<PlanChange>, value, path);
};

const vault: Check<PlanVault> = object({
  agent: agentId,
  changes: list(change, 1, MAX_OPERATIONS),
  key: base64url(32),
  name: text,
  roles: list(object({ name: text, scope }), 0, 200),
  vault: pattern(/^[A-Za-z0-9_-]{1,64}$/, "a vault id"),
});

const members: Check<Plan> = object({
  id: planId,
  kind: literal("change", "exit"),
  msp: that<string>(isOrigin, "an origin"),
  not_after: time,
  people: list(object({ name: text, seal_to: checkSealTo, statement: hash }), 0, MAX_PLAN_PEOPLE),
  reason: nullable(text),
  ticket: nullable(text),
  title: text,
  v: literal(1),
  vaults: list(vault, 1, MAX_PLAN_VAULTS),
});

const sameAccess = (one: Access, other: Access): boolean => one.scopes === other.scopes && one.all_access === other.all_access && one.expires_at === other.expires_at;

function checkChanges({ changes }: PlanVault, { kind, not_after: notAfter, people }: Plan, path: string, ids: Set<string>): void {
  let last = 0;
  const rows = new Set<string>();
  changes.forEach((one, i) => {
    const at = pointer(path, i);
    const rank = ORDER.indexOf(one.change);
    if (rank < last) invalid(pointer(at, "change"), "revokes, then alterations, then new tokens, then grants");
    last = rank;
    if ((one.change === "leave") !== (kind === "exit")) invalid(pointer(at, "change"), kind === "exit" ? "an exit deletes our own row and nothing else" : "our own row is deleted by an exit only");
    for (const id of one.change === "revoke" ? [one.id, one.standing] : [one.id]) {
      if (ids.has(id)) invalid(pointer(at, "id"), "an operation id twice");
      ids.add(id);
    }
    if ("person" in one && people[one.person] === undefined) invalid(pointer(at, "person"), "nobody");
    if (one.change === "grant") {
      if (one.claim_by !== undefined && one.claim_by < notAfter + MIN_CLAIM_SECONDS) invalid(pointer(at, "claim_by"), "an hour or more after the last moment to sign");
      return;
    }
    // A row's token is sealed to nobody but whose name it bears: an operation on a row carries no name of its own (PROTOCOL 8).
    if (one.change === "reissue" && people[one.person]?.name !== one.name) invalid(pointer(at, "name"), "the name of whom it is sealed to");
    if (rows.has(one.uid)) invalid(pointer(at, "uid"), "one row twice");
    rows.add(one.uid);
    if (one.change !== "alter") return;
    if (sameAccess(one.before, one.after)) invalid(pointer(at, "after"), "nothing changes");
    // Taking an end away is the owner's (PROTOCOL 4): `expires_at: null` is refused to a manager.
    if (one.before.expires_at !== null && one.after.expires_at === null) invalid(pointer(at, "after"), "only the client can take an end away");
  });
  if (kind === "exit" && changes.length !== 1) invalid(path, "one operation");
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
  const used = new Set(value.vaults.flatMap(({ changes }) => changes.flatMap((one) => ("person" in one ? [one.person] : []))));
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

/**
 * The operations of one vault, in the order in which they apply: `fresh` under a challenge of the vault, `standing` (a second
 * time, every revoke) under a dated one. `uid` always, `revision` with PUT (PROTOCOL 4, Row identity).
 */
export function operationsOf({ agent, changes }: PlanVault, people: readonly PlanPerson[]): { fresh: Op[]; standing: Op[] } {
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
    }
  }
  return { fresh, standing };
}

/** How many of each, over all vaults. */
export function countChanges(plan: Pick<Plan, "vaults">): Record<PlanChange["change"], number> {
  const counts = { grant: 0, reissue: 0, alter: 0, revoke: 0, leave: 0 };
  for (const { changes } of plan.vaults) for (const one of changes) counts[one.change]++;
  return counts;
}
