/** Whose token a row is: by the inbox key it is sealed to, else by name. Loaded once for many vaults of one tenant. */
import type { Read } from "../db/tenant.ts";
import { statementOf } from "../inbox/waiting.ts";
import { sealedTo } from "../protocol/kem.ts";

export type Directory = {
  /** `sealed_to` of every inbox statement that anybody here ever made: a stranger's is in none of them (PROTOCOL 11). */
  readonly bySeal: ReadonlyMap<string, string>;
  /** A name that exactly one member bears, in Unicode's normal form C. */
  readonly byName: ReadonlyMap<string, string>;
};

export const plainName = (name: string): string => name.normalize("NFC");

/** Pure. Two of one name are told apart by neither. */
export function makeDirectory(statements: readonly { personId: string; statement: unknown }[], people: readonly { personId: string; name: string }[]): Directory {
  const bySeal = new Map(statements.map(({ personId, statement }) => [sealedTo(statementOf(statement)), personId]));
  const byName = new Map<string, string>();
  const twice = new Set<string>();
  for (const { personId, name } of people) {
    const plain = plainName(name);
    if (byName.has(plain)) twice.add(plain);
    byName.set(plain, personId);
  }
  for (const name of twice) byName.delete(name);
  return { bySeal, byName };
}

export async function loadDirectory({ db, actor: { mspId } }: Read): Promise<Directory> {
  const [statements, people] = await Promise.all([
    db.inboxKey.findMany({ where: { mspId }, select: { personId: true, statement: true } }),
    db.person.findMany({ where: { mspId }, select: { personId: true, name: true } }),
  ]);
  return makeDirectory(statements, people);
}
