import Link from "next/link";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { AnsweredState, FoundState } from "#lib/client/connect-state.ts";
import { StepHead } from "./connect-shell.tsx";

/** Step 5: what was there already, read back from the vault: whose rows are whose, and which role has which number. */
export function ConnectFound({ client, answered, found }: { client: { id: string; name: string }; answered: AnsweredState | null; found: FoundState | null }) {
  const read = found !== null && found.readAt !== null;
  const unknown = found?.people.filter(({ person }) => person === null) ?? [];
  return (
    <>
      <RefreshWhile active={!read} everyMs={2_000} />
      <StepHead title={<><bdi>{client.name}</bdi> is connected</>}>
        {answered?.confirmedBy ? <>Confirmed by <bdi>{answered.confirmedBy}</bdi>{answered.confirmedAt === null ? null : <>, <RelativeTime at={answered.confirmedAt} /></>}. </> : null}What follows was there before us, and is taken as it is: nothing at the vault was changed.
      </StepHead>
      {read ? null : <Note state={found?.words ? "attention" : "moving"} title={found?.words ? "It could not be read yet." : "It is being read."}>{found?.words ?? "This page moves on by itself."}</Note>}
      {found && read ? (
        <>
          <section aria-labelledby="found-people">
            <h2 id="found-people">People <span className="font-normal text-text-3">{found.people.length === 0 ? "none of ours yet" : `${found.people.length - unknown.length} of ${found.people.length} known here`}</span></h2>
            <ul className="mt-2 border-t border-line">
              {found.people.map(({ name, person, scopes, allAccess }) => (
                <li key={`${name} ${scopes}`} className="grid min-h-[34px] grid-cols-[14px_minmax(0,1fr)_auto] items-center gap-3 border-b border-line py-1">
                  <Glyph state={person === null ? "attention" : "proven"} />
                  <span className="min-w-0 truncate"><bdi>{name}</bdi>{person === null ? <span className="text-text-3"> is nobody we know by that name</span> : person === name ? null : <span className="text-text-3"> is <bdi>{person}</bdi></span>}</span>
                  <span className="mono text-text-3">{allAccess ? "full" : scopes || "no role"}</span>
                </li>
              ))}
            </ul>
            {unknown.length > 0 ? <p className="mt-2 text-12 text-text-3"><Link className="link" href="/technicians#unlinked-title">Say whose they are</Link> in the list of technicians.</p> : null}
            {found.own > 0 ? <p className="mt-2 text-12 text-text-3">{found.own === 1 ? "1 row stays" : `${found.own} rows stay`} the client’s own: shown, never touched by us.</p> : null}
          </section>
          <section aria-labelledby="found-roles" className="mt-5">
            <h2 id="found-roles">Roles <span className="font-normal text-text-3">{answered?.roles.length ? "" : "they named none"}</span></h2>
            {answered?.roles.length ? <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1.5">{answered.roles.map(({ name, scope }) => <li key={scope}><bdi>{name}</bdi> <span className="mono text-text-3">{scope}</span></li>)}</ul> : null}
            {found.unnamed.length > 0 ? <p className="mt-2 text-12 text-pretty text-text-3">Entries also carry {found.unnamed.length === 1 ? "the number" : "the numbers"} <span className="mono">{found.unnamed.join(", ")}</span>, which no role of ours has there. <Link className="link" href="/roles">Look at the roles</Link></p> : null}
          </section>
        </>
      ) : null}
      <div className="mt-auto flex flex-wrap items-center gap-2 pt-6">
        <Link className={buttonClass({ tone: "quiet", size: "large" })} href={`/clients/${client.id}/connect?step=bounds`}>Change what is agreed</Link>
        <span className="flex-1" />
        <Link className={buttonClass({ size: "large" })} href="/clients/new">Onboard another</Link>
        <Link className={buttonClass({ size: "large", tone: "ink" })} href={`/clients/${client.id}`}>Open the client</Link>
      </div>
    </>
  );
}
