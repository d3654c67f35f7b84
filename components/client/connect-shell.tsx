import { Check } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { cx } from "#components/ui/class-names.ts";
import { steps, type Step } from "#lib/client/steps.ts";
import { STEP_WORDS } from "./connect-words.ts";

const NO_FACTS: Partial<Record<Step, string>> = {};

/** The steps, done ones ticked; what a step came to stands under it. Under a thumb a bar of five. */
function Steps({ now, facts }: { now: Step; facts: Partial<Record<Step, string>> }) {
  const at = steps.indexOf(now);
  return (
    <ol aria-label="Steps" className="mt-5 max-thumb:mt-3 max-thumb:flex max-thumb:gap-1.5">
      {steps.map((step, index) => {
        const done = index < at;
        return (
          <li key={step} aria-current={index === at ? "step" : undefined} className={cx("relative grid grid-cols-[20px_minmax(0,1fr)] gap-x-3 pb-5 max-thumb:block max-thumb:flex-1 max-thumb:pb-0", index > at && "text-text-3", index < steps.length - 1 && "before:absolute before:top-[22px] before:bottom-0.5 before:left-[9.5px] before:w-px before:bg-line-strong max-thumb:before:hidden")}>
            <span
              aria-hidden
              className={cx(
                "keeps-colour grid size-5 place-items-center rounded-full border-[1.5px] text-11 leading-none font-semibold max-thumb:h-1 max-thumb:w-auto max-thumb:rounded-in max-thumb:border-0 max-thumb:text-[0px]",
                done ? "border-ink bg-ink text-on-ink" : index === at ? "border-accent text-accent-text shadow-[0_0_0_3px_var(--accent-soft)] max-thumb:bg-accent max-thumb:shadow-none" : "border-line-control max-thumb:bg-line-strong",
              )}
            >
              {done ? <Check className="size-3 max-thumb:hidden" strokeWidth={2.25} /> : index + 1}
            </span>
            <span className={cx("min-w-0", index !== at && "max-thumb:sr-only")}>
              <b className={cx("block max-thumb:mt-1.5 max-thumb:text-12", index === at ? "font-semibold" : "font-medium")}>{STEP_WORDS[step].title}{done ? <span className="sr-only">, done</span> : null}</b>
              <span className="block text-12 text-pretty text-text-3 max-thumb:hidden">{facts[step] ?? STEP_WORDS[step].sub}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** Onboarding: the steps at the left, what is to be done in the middle, what the client reads at the right. */
export function ConnectShell({ name, step, facts = NO_FACTS, children, preview }: { name: string | null; step: Step; facts?: Partial<Record<Step, string>>; children: ReactNode; preview?: ReactNode }) {
  return (
    <div className="grid min-h-full thumb:grid-cols-[212px_minmax(0,1fr)] rail:grid-cols-[252px_minmax(0,1fr)_minmax(0,432px)]">
      <aside className="border-line px-5 py-6 max-thumb:px-gutter max-thumb:pt-4 max-thumb:pb-0 thumb:row-span-2 thumb:border-r rail:row-span-1">
        <nav aria-label="Where this is" className="mb-1 flex gap-1.5 text-12 text-text-3">
          <Link href="/clients" className="link">Clients</Link>
          <span aria-hidden>/</span>
          <span>Onboard</span>
        </nav>
        <p className="text-14 font-semibold break-words">{name === null ? "A new client" : <bdi>{name}</bdi>}</p>
        <Steps now={step} facts={facts} />
        <p className="mt-3 text-12 text-pretty text-text-3 max-thumb:hidden">
          Many at once? <Link href="/clients/import" className="link">Bring a CSV</Link>: every row its own result, and a list of whom to call.
        </p>
      </aside>
      <section className="flex min-w-0 flex-col px-10 py-6 max-rail:px-7 max-thumb:px-gutter max-thumb:py-4 [&>*]:max-w-[600px]">{children}</section>
      <aside aria-label="What the client reads" className="min-w-0 border-line bg-canvas px-8 py-7 max-rail:px-7 max-thumb:px-gutter max-thumb:py-5 max-rail:border-t rail:border-l">{preview}</aside>
    </div>
  );
}

export function StepHead({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <>
      <h1 className="text-28 font-semibold max-thumb:text-20">{title}</h1>
      <p className="mt-1.5 mb-[18px] text-14 text-pretty text-text-2">{children}</p>
    </>
  );
}
