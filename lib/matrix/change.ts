/**
 * What is wanted of one person in one vault, and the staged changes that lib/plan freezes. Values only: the browser holds the same.
 * The alphabet is the same everywhere: `+` grant, `-` revoke, `~` alter, `=` keep (DESIGN section 5.3).
 */

/** A second row beside the main one, for roles that end earlier. It costs a token of its own (SPEC section 4). */
export type Lease = {
  /** Role ids, in the order of the dictionary; never empty. */
  readonly roles: readonly string[];
  readonly endsAt: Date;
};

/**
 * The whole state that a person should have in a vault. Numbers that no role has there are not named: a change keeps them as they
 * are, a revocation ends the row and them with it. At least one of `full`, `roles`, `lease` is there; nothing at all is `null`.
 */
export type Wanted = {
  /** Reads everything; `roles` beside it are what stays when it ends. */
  readonly full: boolean;
  /** Role ids, in the order of the dictionary. */
  readonly roles: readonly string[];
  /** The end of the main row; null: none. */
  readonly endsAt: Date | null;
  readonly lease: Lease | null;
};

export const verbs = ["grant", "revoke", "alter"] as const;
export type Verb = (typeof verbs)[number];
export const signs = { grant: "+", revoke: "-", alter: "~", keep: "=" } as const;
export type Sign = (typeof signs)[keyof typeof signs];

/** A row of ours as it was known when the change was staged: what a plan compares to see that the matrix moved. */
export type BaseRow = { readonly uid: string; readonly revision: number };

export type StagedChange = {
  readonly vaultRef: string;
  readonly clientId: string;
  /** The technician. */
  readonly personId: string;
  readonly verb: Verb;
  /** null: every row of theirs that we manage in this vault ends. */
  readonly wanted: Wanted | null;
  /** Rows that we managed for this person there when it was staged, by uid; empty for a grant. */
  readonly base: readonly BaseRow[];
  /** In the words of whoever staged it; "" when none was given. */
  readonly reason: string;
  readonly stagedAt: Date;
};

/** All that one person has staged. `revision` rises with every change of the draft; a plan names the one it was made from. */
export type Staged = { readonly ownerId: string; readonly revision: number; readonly changes: readonly StagedChange[] };

/** Counts in the alphabet, and how many vaults they touch. */
export type ChangeSum = { readonly grant: number; readonly revoke: number; readonly alter: number; readonly vaults: number };

export function sumOf(changes: Iterable<Pick<StagedChange, "verb" | "vaultRef">>): ChangeSum {
  const count = { grant: 0, revoke: 0, alter: 0 };
  const vaults = new Set<string>();
  for (const { verb, vaultRef } of changes) {
    count[verb] += 1;
    vaults.add(vaultRef);
  }
  return { ...count, vaults: vaults.size };
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));
const sameTime = (a: Date | null, b: Date | null): boolean => (a?.getTime() ?? null) === (b?.getTime() ?? null);

export function sameWanted(a: Wanted | null, b: Wanted | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.full !== b.full || !sameSet(a.roles, b.roles) || !sameTime(a.endsAt, b.endsAt)) return false;
  if (a.lease === null || b.lease === null) return a.lease === b.lease;
  return sameSet(a.lease.roles, b.lease.roles) && sameTime(a.lease.endsAt, b.lease.endsAt);
}

/** What turns `known` into `wanted`; null when nothing does: they are the same. */
export function verbOf(known: Wanted | null, wanted: Wanted | null): Verb | null {
  if (sameWanted(known, wanted)) return null;
  if (known === null) return "grant";
  return wanted === null ? "revoke" : "alter";
}
