/**
 * A grant (PROTOCOL 4) in sentences: what a client's owner allows their MSP, said the same on the onboarding preview, the
 * client's page and the client's own page. Pure, and for the browser too.
 */
import type { Grant } from "../protocol/messages.ts";

/** A role with its number in this vault; null while the client has not named one. */
export type RoleNumber = { readonly name: string; readonly scope: string | null };

/**
 * One thing that a grant says. `label` is two words at most, `short` stands beside it, `sentence` stands alone. `wide`: it
 * gives away more than a careful owner usually does, so it is marked where it is asked for.
 */
export type GrantFact = { readonly key: "roles" | "full" | "leases" | "people" | "entries" | "signers" | "new_key" | "log"; readonly label: string; readonly short: string; readonly sentence: string; readonly wide: boolean };

const units = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** Whole seconds in the largest unit that divides them, but a single day as hours: "7 days", "24 hours", "90 minutes". */
export function durationWords(seconds: number): string {
  const [unit, size] = units.find(([, length]) => seconds % length === 0 && seconds >= length * (length === 86_400 ? 2 : 1)) ?? units[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c". */
export const listWords = (words: readonly string[]): string => (words.length <= 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`);

function rolesOf(grant: Grant, roles: readonly RoleNumber[]): Pick<GrantFact, "short" | "sentence"> {
  const unnamed = roles.filter(({ scope }) => scope === null).map(({ name }) => name);
  if (grant.scopes === "any") {
    const named = roles.map(({ name }) => name);
    return named.length === 0
      ? { short: "any number", sentence: "Technicians may be given any role." }
      : { short: "any number", sentence: `Technicians may be given any role: ${listWords(named)}, and whatever is named later.` };
  }
  const { scopes } = grant;
  const named = roles.filter(({ scope }) => scope !== null && scopes.includes(scope)).map(({ name }) => name);
  const known = new Set(roles.map(({ scope }) => scope));
  const bare = scopes.filter((scope) => !known.has(scope));
  const words = [...named, ...unnamed, ...(bare.length > 0 ? [`the ${bare.length === 1 ? "number" : "numbers"} ${bare.join(", ")}`] : [])];
  return words.length === 0 ? { short: "none", sentence: "Technicians may be given no role." } : { short: listWords(words), sentence: `Technicians may be given ${listWords(words)}, and no other role.` };
}

function fullOf({ all_access: full, max_lease: lease }: Grant): Pick<GrantFact, "short" | "sentence"> {
  if (full === "never") return { short: "never", sentence: "Nobody may be given full access." };
  if (full === "yes") return { short: "yes, also without an end", sentence: "A technician may be given full access, also without an end." };
  return lease === null
    ? { short: "for a time", sentence: "A technician may be given full access for a time that is set when it is given." }
    : { short: `for at most ${durationWords(lease)}`, sentence: `A technician may be given full access for at most ${durationWords(lease)}; it ends by itself.` };
}

/** The facts of a grant, the widest questions first. `roles`: the MSP's roles with their numbers in this vault. */
export function grantFacts(grant: Grant, roles: readonly RoleNumber[]): GrantFact[] {
  const people = `${grant.max_agents} ${grant.max_agents === 1 ? "person or program" : "people and programs"}`;
  const lease = grant.max_lease === null ? "any length" : `at most ${durationWords(grant.max_lease)}`;
  const delay = grant.signer_delay === 0 ? "at once" : `after ${durationWords(grant.signer_delay)}`;
  return [
    { key: "roles", label: "Roles", ...rolesOf(grant, roles), wide: grant.scopes === "any" },
    { key: "full", label: "Full access", ...fullOf(grant), wide: grant.all_access === "yes" },
    { key: "leases", label: "Time limits", short: lease, sentence: grant.max_lease === null ? "Access with an end may last any length of time." : `Access with an end lasts at most ${durationWords(grant.max_lease)}.`, wide: false },
    { key: "people", label: "People", short: `at most ${grant.max_agents}`, sentence: `At most ${people} may hold a token.`, wide: false },
    {
      key: "entries", label: "Entries", wide: grant.entries,
      short: grant.entries ? "may be changed" : "may not be changed",
      sentence: grant.entries ? "What is stored in the vault may be changed, with a hardware key." : "What is stored in the vault may not be changed.",
    },
    { key: "signers", label: "Signers", short: grant.cosign === 1 ? "one is enough" : "two people must sign", sentence: grant.cosign === 1 ? "One signer is enough for a change." : "Two different people must sign each change.", wide: false },
    { key: "new_key", label: "New keys", short: `count ${delay}`, sentence: `A new hardware key of theirs counts ${delay}, unless two people signed for it.`, wide: grant.signer_delay === 0 },
    {
      key: "log", label: "Log", wide: false,
      short: grant.audit === "all" ? "all of it" : "only their own part",
      sentence: grant.audit === "all" ? "The vault's log may be read in full." : "Of the vault's log, only what concerns them may be read.",
    },
  ];
}

/** The same as sentences that stand alone, in the same order. */
export const grantSentences = (grant: Grant, roles: readonly RoleNumber[]): string[] => grantFacts(grant, roles).map(({ sentence }) => sentence);
