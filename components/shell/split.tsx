import type { ReactNode } from "react";
import manifest from "../../package.json" with { type: "json" };
import { Mark } from "./mark.tsx";
import { MatrixDrawing } from "./matrix-drawing.tsx";
import { StateLine } from "./state-line.tsx";

const WORDS = [
  { title: "One tap", sentence: "signs a change in every vault, and nothing else." },
  { title: "Blind", sentence: "The token kept here can read no entry of any vault." },
  { title: "Until proven", sentence: "A removal is done when the vault was read again without it." },
] as const;

/** A page before the console: one thing to say and to do at the left, what it stands for at the right. */
export function Split({ title, lead, above, children }: { title: ReactNode; lead?: ReactNode; above?: ReactNode; children: ReactNode }) {
  return (
    <div className="split">
      <main className="split-say">
        <div className="flex items-center gap-2.5 text-14 font-semibold">
          <Mark className="size-[22px]" />
          <span>
            Clavitor <span className="font-normal text-text-3">MSP</span>
          </span>
        </div>
        <div className="my-auto w-full max-w-[440px] py-8">
          {above ? <p className="mb-3.5">{above}</p> : null}
          <h1 className="text-[32px] leading-[38px] font-semibold tracking-[-0.028em] text-balance">{title}</h1>
          {lead ? <p className="mt-2.5 mb-6 text-[15px] leading-[22px] text-pretty text-text-2">{lead}</p> : null}
          {children}
        </div>
        <footer className="flex flex-wrap gap-x-5 gap-y-1 text-12 text-text-3">
          <StateLine href="/api/ready" />
          <span>release {manifest.version}</span>
        </footer>
      </main>
      <aside className="split-show" aria-label="What it stands for">
        <MatrixDrawing />
        <dl className="split-words">
          {WORDS.map((word) => (
            <div key={word.title} className="border-t border-line-strong pt-2.5">
              <dt className="font-semibold">{word.title}</dt>
              <dd className="text-pretty text-text-2">{word.sentence}</dd>
            </div>
          ))}
        </dl>
      </aside>
    </div>
  );
}
