"use client";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Glyph, type State } from "#components/ui/glyph.tsx";
import { RelativeTime } from "#components/ui/time.tsx";

type WindowState = "waiting" | "open" | "done" | "declined" | "refused" | "over";
/** Times in epoch milliseconds. `openedBy`: browser and address, as the signing house saw them. */
export type WindowRow = { readonly id: string; readonly kind: "enrol" | "endorse" | "confirm" | "approve" | "cosign"; readonly label: string | null; readonly count: number; readonly state: WindowState; readonly at: number; readonly openedAt: number | null; readonly openedBy: string | null; readonly words: string | null };

const STATE: Record<WindowState, { glyph: State; words: string }> = {
  waiting: { glyph: "moving", words: "Waits to be opened" },
  open: { glyph: "moving", words: "Open" },
  done: { glyph: "proven", words: "Done" },
  declined: { glyph: "none", words: "Left without signing" },
  refused: { glyph: "refused", words: "Refused" },
  over: { glyph: "none", words: "Over, nothing was signed" },
};

const what = ({ kind, label, count }: WindowRow) => {
  if (kind === "enrol") return `Enrol “${label ?? ""}”`;
  if (kind === "approve") return "Approve a plan";
  if (kind === "cosign") return "Sign a plan first, of two";
  return kind === "endorse" ? `Endorse ${count === 1 ? "1 key" : `${count} keys`}` : `Confirm ${count === 1 ? "1 client" : `${count} clients`}`;
};

/** The signing windows of the last quarter of an hour, and what became of each. Who opened it stands beside it: it should be you. */
export function WindowList({ windows }: { windows: readonly WindowRow[] }) {
  if (windows.length === 0) return null;
  return (
    <section aria-labelledby="windows-title" className="border-t border-line px-gutter pt-4 pb-5">
      <RefreshWhile active={windows.some(({ state }) => state === "waiting" || state === "open")} everyMs={1_500} />
      <h2 id="windows-title">Signing windows</h2>
      <ul aria-live="polite" className="mt-2 grid gap-2">
        {windows.map((row) => (
          <li key={row.id} className="flex items-start gap-2">
            <Glyph state={STATE[row.state].glyph} className="mt-[3px]" />
            <span className="min-w-0 text-pretty">
              <b className="font-medium">{what(row)}</b>: {STATE[row.state].words}
              {row.words ? <>. {row.words}</> : null} <RelativeTime at={row.at} className="text-text-3" />
              {row.openedBy ? <span className="block text-12 text-text-3">Opened by {row.openedBy}. If that was not you, remove what it made and tell an owner.</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
