import { Check, KeyRound, Lock, X } from "lucide-react";
import type { ReactNode } from "react";
import { grantFacts, type RoleNumber } from "#lib/client/grant-words.ts";
import type { Grant } from "#lib/protocol/messages.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";

export type Preview = {
  /** Who reads it, if we know. */
  readonly reader: string | null; readonly host: string | null; readonly origin: string; readonly organisation: string;
  readonly grant: Grant; readonly roles: readonly RoleNumber[]; readonly signers: readonly { person: string; label: string }[]; readonly code1: string | null;
};

const Line = ({ no, children }: { no?: boolean; children: ReactNode }) => (
  <li className="grid grid-cols-[14px_minmax(0,1fr)] gap-2.5">
    {no ? <X className="mt-[3px] size-3.5 text-text-3" strokeWidth={1.5} aria-hidden /> : <Check className="mt-[3px] size-3.5 text-text-3" strokeWidth={1.5} aria-hidden />}
    <span className="text-pretty">{children}</span>
  </li>
);

/** What the client's owner reads at their own vault, with what is asked as it stands now. A picture of it: the page itself is theirs. */
export function ConnectPreview({ reader, host, origin, organisation, grant, roles, signers, code1 }: Preview) {
  const facts = grantFacts(grant, roles);
  return (
    <>
      <p className="mb-3"><b className="font-medium text-text-2">What {reader === null ? "their owner" : <bdi>{reader}</bdi>} reads</b> <span className="ml-1 text-text-3">at their own vault</span></p>
      <div className="overflow-hidden rounded-window border border-line-strong bg-surface shadow-float">
        <p className="flex h-[34px] items-center gap-2 border-b border-line bg-sunken px-3 text-12 text-text-3">
          <Lock className="size-3" strokeWidth={1.75} aria-hidden />
          <span className="min-w-0 flex-1 truncate text-center">{host ?? "their vault"} / connect</span>
        </p>
        <div className="px-6 pt-[22px] pb-5 max-thumb:px-4">
          <p className="text-20 font-semibold break-words">{new URL(origin).host}</p>
          <p className="mt-0.5 text-14 text-balance text-text-2"><bdi>{organisation}</bdi> asks to manage which of its people reach this vault</p>
          <h3 className="mt-3.5 mb-2 text-12 font-normal text-text-3">Within these bounds, which they may tighten</h3>
          <ul className="grid gap-2">{facts.filter(({ key }) => key !== "entries" || grant.entries).map(({ key, sentence }) => <Line key={key}>{sentence}</Line>)}</ul>
          <h3 className="mt-3.5 mb-2 text-12 font-normal text-text-3">Never</h3>
          <ul className="grid gap-2">
            <Line no>read an entry: our token has no scope</Line>
            <Line no>{grant.entries ? "touch them and their own people" : "change entries, or touch them and their own people"}</Line>
          </ul>
          <dl className="mt-3.5 grid grid-cols-[64px_minmax(0,1fr)] gap-y-1 border-t border-line pt-3.5">
            <dt className="text-text-3">Signers</dt>
            <dd className="min-w-0">{signers.length === 0 ? <span className="text-text-3">none yet</span> : signers.map(({ person, label }, at) => <span key={`${person} ${label}`}>{at > 0 ? ", " : ""}<bdi>{person}</bdi> “<bdi>{label}</bdi>”</span>)}</dd>
            <dt className="text-text-3">Code 1</dt>
            <dd>{code1 === null ? <span className="text-text-3">comes with the link</span> : <span className="mono font-medium">{spokenCode(code1)}</span>}</dd>
            <dt className="text-text-3">End it</dt>
            <dd>any time, there, alone</dd>
          </dl>
          <p aria-hidden className="mt-3 flex h-9 items-center justify-center gap-2 rounded-box border border-line bg-sunken font-medium text-text-3"><KeyRound className="size-4" strokeWidth={1.5} />Tap your key to agree</p>
        </div>
      </div>
      <p className="mt-3 text-12 text-text-3">The page belongs to their vault. We cannot change a word of it.</p>
    </>
  );
}
