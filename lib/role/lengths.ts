/**
 * The longest that access may be given for, as an organisation has set it: full access, single roles, clients with a tag. It is judged
 * for every plan, whoever made it; what a person may ask for at once is lib/lease/policy.ts. Pure but for its one reading.
 */
import type { Read } from "../db/tenant.ts";

/** Full access, until an owner sets another: a night. */
export const usualFullHours = 12;

/** `roles` by id, `tags` of clients; whole hours. What is in neither may be given without an end. */
export type Lengths = { readonly fullHours: number; readonly roles: ReadonlyMap<string, number>; readonly tags: ReadonlyMap<string, number> };

export async function lengthsIn({ db, actor: { mspId } }: Pick<Read, "db" | "actor">): Promise<Lengths> {
  const policy = await db.accessPolicy.findUnique({ where: { mspId }, select: { longestFullHours: true } });
  const rows = await db.accessLength.findMany({ where: { mspId }, select: { roleId: true, tag: true, longestHours: true } });
  return {
    fullHours: policy?.longestFullHours ?? usualFullHours,
    roles: new Map(rows.flatMap(({ roleId, longestHours }) => (roleId === null ? [] : [[roleId, longestHours] as const]))),
    tags: new Map(rows.flatMap(({ tag, longestHours }) => (tag === null ? [] : [[tag, longestHours] as const]))),
  };
}

/** What is given, and where. `roles` by id; `tags` none where nothing is given. */
export type Given = { readonly full: boolean; readonly roles: readonly string[]; readonly tags: readonly string[] };
/** `of`: the rule that bites, for its words. */
export type Longest = { readonly hours: number; readonly of: { readonly kind: "full" } | { readonly kind: "role"; readonly roleId: string } | { readonly kind: "tag"; readonly tag: string } };

/** The tightest rule over what is given; null: none, it may be without an end. */
export function longestOf({ fullHours, roles, tags }: Lengths, given: Given): Longest | null {
  const found: Longest[] = [
    ...(given.full ? [{ hours: fullHours, of: { kind: "full" } } as const] : []),
    ...given.roles.flatMap((roleId): Longest[] => (roles.has(roleId) ? [{ hours: roles.get(roleId)!, of: { kind: "role", roleId } }] : [])),
    ...given.tags.flatMap((tag): Longest[] => (tags.has(tag) ? [{ hours: tags.get(tag)!, of: { kind: "tag", tag } }] : [])),
  ];
  return found.toSorted((a, b) => a.hours - b.hours)[0] ?? null;
}

/** "1 hour", "12 hours", "7 days". */
export const hoursWords = (hours: number): string => (hours === 1 ? "1 hour" : hours < 48 || hours % 24 !== 0 ? `${hours} hours` : `${hours / 24} days`);
