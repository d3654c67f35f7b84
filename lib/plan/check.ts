/**
 * Why something wanted cannot go, in words, with the ways out (DESIGN, the path). Pure, over facts. The vault judges all of it
 * again; here it is said before the tap. `blocks` leaves the whole vault out of the plan, since a batch is all or none
 * (PROTOCOL 7); `waits` and `warns` let it go.
 */
import { scopesWithin } from "../protocol/grant.ts";
import { isCurrent } from "../protocol/inbox.ts";
import { MAX_OPERATIONS } from "../protocol/schema.ts";
import { idOf, parseScopes } from "../protocol/scopes.ts";
import { hoursWords, longestOf, type Longest } from "../role/lengths.ts";
import type { Facts, PersonFacts, RowFacts, VaultFacts } from "./facts.ts";
import type { WantedChange } from "./wanted.ts";

export type FindingCode =
  | "not_connected" | "unconfirmed" | "not_read" | "untrusted" | "lapsed" | "second_signer" | "too_many_operations"
  | "tokens" | "devices" | "outside_grant" | "grant_people" | "scope_collision" | "no_inbox_key" | "kem" | "person_frozen" | "no_person"
  | "row_gone" | "not_ours" | "in_motion" | "unchanged" | "end_past" | "end_taken" | "too_long"
  | "other_name" | "second_token" | "coverage" | "waits" | "no_number";

/** `do`: where a way out leads, for the page to make a button of. */
export type WayOut = { words: string; do: "confirm" | "read" | "endorse" | "replaces" | "enrol" | "wait" | "end" | "rules" | "link" | null };
export type Finding = { vaultRef: string; weight: "blocks" | "waits" | "warns"; code: FindingCode; words: string; ways: readonly WayOut[]; /** Where room is lacking: what would be there more than now, and rows that end with it already. */ needs?: { of: "tokens" | "devices"; adding: number; except: readonly string[] } };

type Part = { vault: VaultFacts; changes: readonly WantedChange[]; facts: Facts };

const way = (words: string, what: WayOut["do"] = null): WayOut => ({ words, do: what });

function finding({ vault }: Part, code: FindingCode, words: string, ways: readonly WayOut[] = [], weight: Finding["weight"] = "blocks"): Finding {
  return { vaultRef: vault.vaultRef, weight, code, words, ways };
}

/** The vault as a whole: may anything be planned for it? */
function connection(part: Part): Finding[] {
  const { vault, changes } = part;
  if (vault.state === "unconfirmed") return [finding(part, "unconfirmed", "Nobody has compared its code with the client yet, so nothing can be planned for it.", [way("Compare the code by voice and confirm it", "confirm")])];
  if (vault.state !== "connected" || vault.key === null || vault.agentId === null || vault.managerUid === null || vault.grant === null || vault.statement === null) {
    return [finding(part, "not_connected", vault.state === "ended" ? "The connection has ended." : vault.state === "stopped" ? "Work with it is stopped until it is connected anew." : "It is not connected yet.", vault.state === "stopped" ? [way("Connect it anew", "replaces")] : [])];
  }
  if (vault.statement.key !== vault.key) return [finding(part, "unconfirmed", "The key that was confirmed is not the one it has now.", [way("Compare the code by voice and confirm it", "confirm")])];
  if (vault.health === "lying" || vault.health === "ended") return [finding(part, "untrusted", "What it last said contradicts what it said before. No work until that is cleared up.")];
  if (vault.readAt === null) return [finding(part, "not_read", "It was never read, so nobody knows what stands in it.", [way("Read it now", "read")])];
  if (vault.grant.cosign === 2 && part.facts.signers < 2) return [finding(part, "second_signer", "The client asks that two people sign, and only one here has a signing key.", [way("Enrol a signing key of a second person", "enrol"), way("Ask the client to allow one signer", "replaces")])];
  if (changes.length > MAX_OPERATIONS) return [finding(part, "too_many_operations", `A vault takes at most ${MAX_OPERATIONS} operations at once, and these are ${changes.length}.`, [way("Plan them in two parts")])];
  if (vault.health === "lapsed" && changes.some(({ change }) => change !== "revoke")) return [finding(part, "lapsed", "Its subscription has lapsed: only tokens can be removed there until it is paid.", [way("Plan the removals alone")])];
  return [];
}

function reach(part: Part, who: string, { scopes, allAccess, expiresAt }: { scopes: string; allAccess: boolean; expiresAt: number | null }): Finding[] {
  const { vault, facts } = part;
  const { grant } = vault;
  if (grant === null) return [];
  const found: Finding[] = [];
  const ask = way("Ask the client for a wider grant", "replaces");
  if (expiresAt !== null && expiresAt <= facts.now) found.push(finding(part, "end_past", `The end for ${who} lies in the past.`));
  if (!scopesWithin(scopes, grant)) {
    const outside = grant.scopes === "any" ? [] : (parseScopes(scopes) ?? []).filter((scope) => !grant.scopes.includes(scope));
    found.push(finding(part, "outside_grant", `The client’s grant does not hold ${outside.join(", ") || "these numbers"} for ${who}.`, [ask]));
  }
  if (allAccess && grant.all_access === "never") found.push(finding(part, "outside_grant", `The client’s grant allows nobody full access.`, [ask]));
  if (allAccess && grant.all_access === "leased" && expiresAt === null) found.push(finding(part, "outside_grant", `The client’s grant allows full access only for a time.`, [way("Give it an end"), ask]));
  if (expiresAt !== null && grant.max_lease !== null && expiresAt - facts.now > grant.max_lease) {
    found.push(finding(part, "outside_grant", `The client’s grant allows ends within ${Math.floor(grant.max_lease / 3_600)} hours.`, [way("Choose an earlier end"), ask]));
  }
  // PROTOCOL 4: with "any", the number of a row that we do not manage is refused; so it is where the grant names it by accident.
  const foreign = new Set(vault.rows.filter(({ ours }) => !ours).map(({ agentId }) => agentId));
  const colliding = (parseScopes(scopes) ?? []).filter((scope) => foreign.has(idOf(scope)));
  if (grant.scopes === "any" && colliding.length > 0) found.push(finding(part, "scope_collision", `${colliding.join(", ")} is the number of a row of the client’s own, so it cannot be a role for ${who}.`));
  return found;
}

function grants(part: Part): Finding[] {
  const { vault, changes, facts } = part;
  return changes.flatMap((one) => {
    if (one.change !== "grant") return [];
    const person: PersonFacts | undefined = facts.people.get(one.personId);
    if (person === undefined) return [finding(part, "no_person", "Somebody who is no member here.")];
    const found = reach(part, person.name, one);
    if (person.frozen) found.push(finding(part, "person_frozen", `${person.name} is frozen.`));
    if (person.inbox === null || !isCurrent(person.inbox.statement, facts.now)) found.push(finding(part, "no_inbox_key", `${person.name} has no endorsed inbox key, so no token can be sealed to them.`, [way("Endorse their key", "endorse")]));
    else if (!vault.kems.includes(person.inbox.statement.kem)) found.push(finding(part, "kem", `The vault cannot seal to the kind of key that ${person.name} has.`));
    const held = vault.rows.filter(({ ours, personId }) => ours && personId === one.personId);
    const kept = held.filter(({ uid }) => !changes.some((other) => other.change === "revoke" && other.uid === uid));
    if (kept.length > 0) found.push(finding(part, "second_token", `${person.name} holds a token there already; this is a second one and takes a slot of its own.`, [way("Change the one they hold instead")], "warns"));
    return found;
  });
}

/** Whether a new token can be sealed for a row of ours: it belongs to somebody whose endorsed key bears the row's very name. */
function renewable(part: Part, row: RowFacts): Finding[] {
  const { vault, facts } = part;
  const person = row.personId === null ? undefined : facts.people.get(row.personId);
  if (person === undefined) return [finding(part, "no_person", `Nobody here is known to be ${row.name}, so no token can be sealed to them.`, [way("Say whose row it is, under Technicians", "link")])];
  if (person.frozen) return [finding(part, "person_frozen", `${person.name} is frozen.`)];
  if (person.inbox === null || !isCurrent(person.inbox.statement, facts.now)) return [finding(part, "no_inbox_key", `${person.name} has no endorsed inbox key, so no token can be sealed to them.`, [way("Endorse their key", "endorse")])];
  if (person.inbox.statement.name !== row.name) return [finding(part, "other_name", `The row is called ${row.name}, and its token can be sealed only to a key under that name.`, [way("Remove it and give a new one")])];
  if (!vault.kems.includes(person.inbox.statement.kem)) return [finding(part, "kem", `The vault cannot seal to the kind of key that ${person.name} has.`)];
  return [];
}

function existing(part: Part): Finding[] {
  const { vault, changes } = part;
  return changes.flatMap((one) => {
    if (one.change === "grant") return [];
    const row: RowFacts | undefined = vault.rows.find(({ uid }) => uid === one.uid);
    if (row === undefined) return [finding(part, "row_gone", "A row that is not there any more.", [way("Read it now", "read")])];
    if (!row.ours || row.admin) return [finding(part, "not_ours", `${row.name} is the client’s own row; only the client changes it.`)];
    if (vault.moving.has(one.uid)) return [finding(part, "in_motion", `Another plan is changing the row of ${row.name} right now.`, [way("Wait until it is settled", "wait")])];
    if (one.change === "revoke") return [];
    if (one.change === "reissue") return renewable(part, row);
    if (row.scopes === one.scopes && row.allAccess === one.allAccess && row.expiresAt === one.expiresAt) return [finding(part, "unchanged", `${row.name} has exactly this already.`)];
    if (row.expiresAt !== null && one.expiresAt === null) return [finding(part, "end_taken", `Only the client can take the end of ${row.name}’s token away.`, [way("Remove it and give a new one")])];
    return reach(part, row.name, one);
  });
}

type Reach = { scopes: string; allAccess: boolean; expiresAt: number | null };

/** What this gives that was not there before: all of it where it ends later, else only what is added. Narrowing is never too long. */
function gained({ vault }: Part, after: Reach, before: Reach | null): { full: boolean; roles: readonly string[]; tags: readonly string[] } {
  const later = before === null || (after.expiresAt ?? Infinity) > (before.expiresAt ?? Infinity);
  const had = new Set(later ? [] : parseScopes(before.scopes));
  const scopes = new Set((parseScopes(after.scopes) ?? []).filter((scope) => !had.has(scope)));
  const full = after.allAccess && (later || !before.allAccess);
  return { full, roles: vault.roles.filter(({ scope }) => scopes.has(scope)).map(({ id }) => id), tags: full || scopes.size > 0 ? vault.tags : [] };
}

const ruleWords = ({ of }: Longest, { roles }: VaultFacts): string => (of.kind === "full" ? "full access" : of.kind === "tag" ? `access at clients tagged “${of.tag}”` : (roles.find(({ id }) => id === of.roleId)?.name ?? "this role"));

/**
 * What is given for longer than the organisation allows (lib/role/lengths.ts). A break-glass is not: it opens by two, and is rotated.
 * A new token for the same row gives nothing more.
 */
export function tooLong(vault: VaultFacts, changes: readonly WantedChange[], facts: Facts): Finding[] {
  const part: Part = { vault, changes, facts };
  return changes.flatMap((one) => {
    if (one.change !== "grant" && one.change !== "alter") return [];
    const row = one.change === "alter" ? vault.rows.find(({ uid }) => uid === one.uid) : undefined;
    const person = one.change === "grant" ? facts.people.get(one.personId) : undefined;
    if ((one.change === "alter" && row === undefined) || row?.seat || person?.seat) return [];
    const longest = longestOf(facts.lengths, gained(part, one, row ?? null));
    if (longest === null || (one.expiresAt !== null && one.expiresAt - facts.now <= longest.hours * 3_600)) return [];
    const who = row?.name ?? person?.name ?? "Somebody";
    return [finding(part, "too_long", `Your organisation allows ${ruleWords(longest, vault)} for ${hoursWords(longest.hours)} at most, and ${who} would have it ${one.expiresAt === null ? "without an end" : "for longer"}.`, [way(`Give it an end within ${hoursWords(longest.hours)}`, "end"), way("Allow a longer time, if you set the rules", "rules")])];
  });
}

function room(part: Part): Finding[] {
  const { vault, changes } = part;
  const { grant, tokensUsed: used, tokensLimit: limit } = vault;
  const [adding, freeing] = [changes.filter(({ change }) => change === "grant").length, changes.filter(({ change }) => change === "revoke").length];
  if (adding === 0) return [];
  const found: Finding[] = [];
  const managed = vault.rows.filter(({ ours }) => ours).length;
  if (grant !== null && managed - freeing + adding > grant.max_agents) found.push(finding(part, "grant_people", `The client’s grant allows ${grant.max_agents} people, and there would be ${managed - freeing + adding}.`, [way("Ask the client for a wider grant", "replaces")]));
  if (limit !== null && used !== null && used - freeing + adding > limit) {
    const free = Math.max(0, limit - used);
    // What each way costs, and whose token is unused, is said by the page from what is known then (lib/matrix/ways.ts).
    found.push({ ...finding(part, "tokens", `${adding === 1 ? "1 token is" : `${adding} tokens are`} needed, ${free} of ${limit} ${free === 1 ? "is" : "are"} free.`), needs: { of: "tokens", adding: Math.max(0, adding - freeing), except: changes.flatMap((one) => (one.change === "revoke" ? [one.uid] : [])) } });
  }
  return found;
}

/** Nobody of ours left there, or nobody with a role that somebody has now. It is said, not forbidden: a leaver must always be removable. */
function coverage(part: Part): Finding[] {
  const { vault, changes } = part;
  const gone = new Set(changes.flatMap((one) => (one.change === "revoke" ? [one.uid] : [])));
  if (gone.size === 0) return [];
  const after = [
    ...vault.rows.filter(({ uid, ours }) => ours && !gone.has(uid)).map((row) => changes.find((one) => one.change === "alter" && one.uid === row.uid) ?? row),
    ...changes.filter((one) => one.change === "grant"),
  ] as { scopes: string; allAccess: boolean }[];
  if (after.length === 0) return [finding(part, "coverage", "After this nobody of yours can reach anything there.", [way("Give somebody else a role first")], "warns")];
  if (after.some(({ allAccess }) => allAccess)) return [];
  const kept = new Set(after.flatMap(({ scopes }) => parseScopes(scopes) ?? []));
  const lost = new Set(vault.rows.filter(({ uid }) => gone.has(uid)).flatMap(({ scopes }) => parseScopes(scopes) ?? []).filter((scope) => !kept.has(scope)));
  if (lost.size === 0) return [];
  const names = [...lost].map((scope) => vault.roles.find((role) => role.scope === scope)?.name ?? scope);
  return [finding(part, "coverage", `Nobody else here holds ${names.join(", ")}.`, [way("Give somebody else the role first"), way("Set an end instead")], "warns")];
}

/** Said, so that nobody waits for a vault that refuses one person alone; the rule itself is kept at the release. */
const second = (part: Part): Finding[] => (part.vault.grant?.cosign === 2 ? [finding(part, "second_signer", `The client asks that two people sign.${part.changes.some(({ change }) => change === "revoke") ? " A removal that stands can be delivered there for an hour, not thirty days." : ""}`, [], "warns")] : []);

function mood(part: Part): Finding[] {
  const { vault, changes } = part;
  if (vault.health !== "failover" && vault.health !== "silent") return [];
  const why = vault.health === "failover" ? "It is in failover and takes no changes" : "It does not answer";
  const [revokes, rest] = [changes.some(({ change }) => change === "revoke"), changes.some(({ change }) => change !== "revoke")];
  return [finding(part, "waits", `${why}.${revokes ? " Removals are signed to stand for 30 days and reach it by themselves." : ""}${rest ? " The rest waits for another tap." : ""}`, [], "waits")];
}

/** Everything that stands against one vault's part, the gravest first; empty when it can go. */
export function judgeVault(vault: VaultFacts, changes: readonly WantedChange[], facts: Facts): Finding[] {
  const part: Part = { vault, changes, facts };
  const first = connection(part);
  if (first.length > 0) return first;
  const found = [...existing(part), ...grants(part), ...tooLong(vault, changes, facts), ...room(part), ...coverage(part), ...second(part), ...mood(part)];
  const weights = { blocks: 0, waits: 1, warns: 2 } as const;
  return found.toSorted((a, b) => weights[a.weight] - weights[b.weight]);
}

/** All vaults of what is wanted. A vault that we do not know is left out by the caller. */
export function judge(wanted: readonly WantedChange[], facts: Facts): Finding[] {
  return [...facts.vaults.values()].flatMap((vault) => judgeVault(vault, wanted.filter(({ vaultRef }) => vaultRef === vault.vaultRef), facts));
}
