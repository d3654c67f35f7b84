import { cx } from "./class-names.ts";

const STEPS = ["Staged", "Plan", "Tap", "Sent", "Proven"] as const;
export type Step = (typeof STEPS)[number];

/**
 * The path of a change, the same place and words on every plan. `at` is where it stands; `partly` marks the step after it as
 * begun (some vaults already proven); null is the path before anything is on it.
 */
export function ChangePath({ at, partly }: { at: Step | null; partly?: boolean }) {
  const here = at === null ? -1 : STEPS.indexOf(at);
  return (
    <ol aria-label="Path of this change" className="flex min-w-0 items-center gap-x-2 text-12 whitespace-nowrap text-text-3 max-thumb:gap-x-1.5">
      {STEPS.map((step, index) => {
        const now = index === here;
        const done = index < here;
        const begun = Boolean(partly) && index === here + 1;
        const proven = now && step === "Proven";
        const moving = now && step === "Sent";
        return (
          <li
            key={step}
            aria-current={now ? "step" : undefined}
            className={cx("flex min-w-0 items-center gap-1.5 first:shrink-0 not-first:before:h-px not-first:before:w-5 not-first:before:min-w-1 not-first:before:bg-line-strong not-first:before:content-['']", (done || begun) && "text-text-2", now && "font-semibold text-text", proven && "text-ok-text")}
          >
            <span
              aria-hidden
              className={cx(
                "keeps-colour size-2 shrink-0 rounded-full border-[1.5px]",
                !done && !now && !begun && "border-line-control",
                done && "border-text-2 bg-text-2",
                now && !moving && !proven && "border-accent bg-accent shadow-[0_0_0_3px_var(--accent-soft)]",
                moving && "border-info-solid bg-info-solid shadow-[0_0_0_3px_var(--info-soft)]",
                proven && "border-ok-solid bg-ok-solid",
                begun && "border-info-solid bg-[linear-gradient(90deg,var(--info-solid)_50%,transparent_50%)]",
              )}
            />
            {step}
            {done ? <span className="sr-only">, done</span> : begun ? <span className="sr-only">, begun</span> : null}
          </li>
        );
      })}
    </ol>
  );
}
