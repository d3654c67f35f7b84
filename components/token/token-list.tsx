"use client";
import { RoleLetters } from "#components/technician/access-list.tsx";
import { cx } from "#components/ui/class-names.ts";
import { Name } from "#components/ui/name.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { TokenLine } from "#lib/token/mine.ts";
import { isClosing } from "#lib/token/state.ts";
import type { ReactNode } from "react";

export type Group = { readonly id: string; readonly title: ReactNode; readonly lines: readonly TokenLine[] };

export const lineId = ({ vaultRef, uid }: Pick<TokenLine, "vaultRef" | "uid">): string => `${vaultRef} ${uid}`;

/** The groups of the list, in the order in which they want something of their reader. `now` in epoch milliseconds. Pure. */
export function groupsOf(tokens: readonly TokenLine[], keyLabel: string | null, now: number): Group[] {
  const closing = tokens.filter(({ state, claimBy }) => isClosing(state, claimBy, now));
  const rest = tokens.filter((line) => !closing.includes(line));
  const of = (...states: TokenLine["state"][]) => rest.filter(({ state }) => states.includes(state));
  return [
    { id: "strange", title: "Not sealed to you", lines: of("strange") },
    { id: "closing", title: "Closing soon", lines: closing },
    { id: "waits", title: keyLabel === null ? "New" : <>New, sealed to your key “<bdi>{keyLabel}</bdi>”</>, lines: of("waits") },
    { id: "opened", title: "Opened, not used yet", lines: of("opened") },
    { id: "former", title: "Sealed to a key that you replaced", lines: of("former_key") },
    { id: "use", title: "In use", lines: of("in_use") },
    { id: "over", title: "Over", lines: of("taken_back", "gone") },
  ].filter(({ lines }) => lines.length > 0);
}

const ENVELOPE = "relative mt-[5px] h-[26px] w-[34px] overflow-hidden rounded-in border-[1.25px] keeps-colour";
const FLAP = "before:absolute before:left-1/2 before:-top-[15px] before:size-6 before:-translate-x-1/2 before:rotate-45 before:rounded-[2px] before:border-[1.25px]";
const DOT = "after:absolute after:left-1/2 after:top-2 after:size-[7px] after:-translate-x-1/2 after:rounded-full";

/** Closed while nobody has seen what is inside, dashed once it was opened, in the colour of attention when its time runs out. */
export function Envelope({ look }: { look: "closed" | "open" | "late" | "bad" }) {
  return (
    <span
      aria-hidden
      className={cx(
        ENVELOPE,
        look === "open" && `border-dashed border-line-control ${DOT} after:shadow-[inset_0_0_0_1.25px_var(--line-control)]`,
        look === "closed" && `border-text-2 bg-surface ${FLAP} before:border-text-2 ${DOT} after:bg-accent`,
        look === "late" && `border-attention-solid bg-surface ${FLAP} before:border-attention-solid ${DOT} after:bg-attention-solid`,
        look === "bad" && `border-danger-solid bg-surface ${FLAP} before:border-danger-solid ${DOT} after:bg-danger-solid`,
      )}
    />
  );
}

const lookOf = ({ state, claimBy }: TokenLine, now: number) => (state === "strange" ? "bad" : isClosing(state, claimBy, now) ? "late" : state === "waits" ? "closed" : "open");

function Under({ line }: { line: TokenLine }) {
  const { state, claimBy, lastUsedAt, from, until } = line;
  if (state === "strange") return <span className="text-danger-text">owners were told</span>;
  if (state === "taken_back") return <>nobody used it in time, so the vault took it back</>;
  if (state === "gone") return <>removed, or its end has come</>;
  if (state === "former_key") return <>ask for a new one</>;
  if (state === "in_use") return lastUsedAt === null ? <>came with the connection</> : <>used <RelativeTime at={lastUsedAt} /></>;
  return (
    <>
      {claimBy === null ? from === null ? "sealed" : <>from <bdi>{from}</bdi></> : <>use it <RelativeTime at={claimBy} />, or it is taken back</>}
      {until === null ? null : <>, ends <RelativeTime at={until} /></>}
    </>
  );
}

/** How many of a group are drawn before a press shows the rest. */
const FIRST = 8;

export function TokenGroups({ groups, current, choose, now, all, showAll }: { groups: readonly Group[]; current: string | null; choose: (id: string) => void; now: number; all: ReadonlySet<string>; showAll: (group: string) => void }) {
  return groups.map(({ id, title, lines }) => {
    const shown = all.has(id) ? lines : lines.slice(0, FIRST);
    return (
      <section key={id} aria-labelledby={`group-${id}`}>
        <h2 id={`group-${id}`} className="flex justify-between gap-3 border-t border-line bg-canvas px-5 py-2 text-12 font-normal text-text-3">
          <span className="min-w-0 truncate">{title}</span>
          <span>{lines.length.toLocaleString("en")}</span>
        </h2>
        <ul>
          {shown.map((line) => (
            <li key={lineId(line)} className="border-t border-line">
              <button
                type="button"
                aria-current={current === lineId(line) || undefined}
                onClick={() => choose(lineId(line))}
                className="grid w-full grid-cols-[34px_minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 px-5 py-[9px] text-left hover:bg-hover focus-visible:-outline-offset-2 aria-[current]:bg-accent-soft aria-[current]:shadow-[inset_2px_0_0_var(--accent)]"
              >
                <Envelope look={lookOf(line, now)} />
                <span className="min-w-0">
                  <span className="block font-medium"><Name place={line.place}>{line.client}</Name></span>
                  <span className="block truncate text-12 text-text-2"><Under line={line} /></span>
                </span>
                <span className="grid justify-items-end text-12 text-text-3">
                  {line.letters === null ? null : <RoleLetters letters={line.letters} />}
                  {line.handedAt === null ? null : <RelativeTime at={line.handedAt} />}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length < lines.length ? <button type="button" onClick={() => showAll(id)} className="block w-full border-t border-line py-2 pr-5 pl-[66px] text-left text-text-2 hover:bg-hover focus-visible:-outline-offset-2">{(lines.length - shown.length).toLocaleString("en")} more</button> : null}
      </section>
    );
  });
}
