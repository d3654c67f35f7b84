import { cx } from "./class-names.ts";

/**
 * The state glyphs. Each has its own outline, so that none depends on colour:
 * disc with a tick (proven), half disc (in motion), diamond with ! (look), square with a cross (refused or taken away),
 * dashed square with + (staged), ring (nothing yet, unknown).
 */
export type State = "proven" | "moving" | "attention" | "refused" | "staged" | "none";

const COLOUR: Record<State, string> = {
  proven: "text-ok-solid",
  moving: "text-info-solid",
  attention: "text-attention-solid",
  refused: "text-danger-solid",
  staged: "text-accent",
  none: "text-text-3",
};
/** What the glyph says when no word stands beside it. */
export const STATE_WORD: Record<State, string> = {
  proven: "Proven",
  moving: "In motion",
  attention: "Look here",
  refused: "Refused",
  staged: "Staged",
  none: "Nothing yet",
};

/** Decoration beside a word by default; give `label` (or `label` = true for the state's own word) where it stands alone. */
export function Glyph({ state, label, className }: { state: State; label?: string | true; className?: string }) {
  const name = label === true ? STATE_WORD[state] : label;
  return (
    <svg
      viewBox="0 0 14 14"
      className={cx("glyph keeps-colour size-3.5 shrink-0", COLOUR[state], className)}
      role={name ? "img" : undefined}
      aria-label={name}
      aria-hidden={name ? undefined : true}
    >
      {SHAPE[state]}
    </svg>
  );
}

const MARK = { stroke: "var(--on-solid)", fill: "none", strokeWidth: 1.6, strokeLinecap: "round", strokeLinejoin: "round" } as const;
const SHAPE: Record<State, React.ReactNode> = {
  proven: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path {...MARK} d="M4.3 7.2l1.9 1.9 3.5-4" />
    </>
  ),
  moving: (
    <>
      <circle cx="7" cy="7" r="5.3" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M7 1.7a5.3 5.3 0 010 10.6z" fill="currentColor" />
    </>
  ),
  attention: (
    <>
      <path d="M7 .6L13.4 7 7 13.4.6 7z" fill="currentColor" />
      <path {...MARK} d="M7 4v3.4M7 9.7v.02" />
    </>
  ),
  refused: (
    <>
      <rect x="1" y="1" width="12" height="12" rx="2" fill="currentColor" />
      <path {...MARK} d="M4.7 4.7l4.6 4.6M9.3 4.7L4.7 9.3" />
    </>
  ),
  staged: (
    <>
      <rect x="1.75" y="1.75" width="10.5" height="10.5" rx="2" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.6 2" />
      <path d="M4.5 7h5M7 4.5v5" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  none: <circle cx="7" cy="7" r="5.3" fill="none" stroke="currentColor" strokeWidth="1.5" />,
};
