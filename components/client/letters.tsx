import { RoleLetter } from "#components/ui/role-letter.tsx";
import type { Letters as LettersValue } from "#lib/role/letters.ts";

/** What a row opens, as letters; each says its role. A number without a role is a question mark that says the number. */
export function Letters({ of, words }: { of: LettersValue; words?: boolean }) {
  if (!of.full && of.roles.length === 0 && of.unmapped.length === 0) return <span className="text-text-3">opens nothing</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      {of.full ? <RoleLetter letter="F" name="Full access" full /> : null}
      {of.full ? null : of.roles.map((role) => <RoleLetter key={role.roleId} letter={role.letter} name={role.name} />)}
      {of.full ? null : of.unmapped.map((scope) => <RoleLetter key={scope} letter="?" name={`The number ${scope}, which has no role here`} />)}
      {words ? <span aria-hidden className="ml-1 text-text-2">{of.full ? "everything" : [...of.roles.map(({ name }) => name), ...of.unmapped].join(", ")}</span> : null}
    </span>
  );
}
