import { cx } from "./class-names.ts";

/** The alphabet of change, the same everywhere: grant, revoke, alter, keep, drift. */
export type Change = "grant" | "revoke" | "alter" | "keep" | "drift";
const SIGN: Record<Change, { sign: string; word: string; colour: string }> = {
  grant: { sign: "+", word: "grant", colour: "text-accent-text" },
  revoke: { sign: "−", word: "revoke", colour: "text-danger-text" },
  alter: { sign: "~", word: "change", colour: "text-accent-text" },
  keep: { sign: "=", word: "keep", colour: "text-text-3" },
  drift: { sign: "!", word: "drift", colour: "text-attention-text" },
};

export function ChangeSign({ change, className }: { change: Change; className?: string }) {
  const { sign, word, colour } = SIGN[change];
  return (
    <span className={cx("inline-block w-3.5 shrink-0 text-center text-14 font-semibold", colour, className)}>
      <span aria-hidden>{sign}</span>
      <span className="sr-only">{word}</span>
    </span>
  );
}

/** Counts by change in one breath: `+4 −2 ~1`. Zero counts are left out. */
export function ChangeCounts({ grant = 0, revoke = 0, alter = 0, className }: { grant?: number; revoke?: number; alter?: number; className?: string }) {
  const parts = ([["grant", grant], ["revoke", revoke], ["alter", alter]] as const).filter(([, count]) => count > 0);
  return (
    <span className={cx("inline-flex gap-2.5 font-semibold whitespace-nowrap", className)}>
      {parts.map(([change, count]) => (
        <span key={change} className={SIGN[change].colour}>
          <span aria-hidden>
            {SIGN[change].sign}
            {count}
          </span>
          <span className="sr-only">
            {count} to {SIGN[change].word}
          </span>
        </span>
      ))}
    </span>
  );
}
