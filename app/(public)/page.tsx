import type { Metadata } from "next";
import Link from "next/link";
import { Mark } from "#components/shell/mark.tsx";
import { MatrixDrawing } from "#components/shell/matrix-drawing.tsx";
import { StateLine } from "#components/shell/state-line.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import manifest from "../../package.json" with { type: "json" };

export const metadata: Metadata = { title: { absolute: "Clavitor MSP" } };

const WORDS = [
  { title: "One tap", sentence: "signs a change in every vault, and nothing else." },
  { title: "Blind", sentence: "The token kept here can read no entry of any vault." },
  { title: "Until proven", sentence: "A removal is done when the vault was read again without it." },
] as const;

export default function FrontPage() {
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
          <h1 className="text-[32px] leading-[38px] font-semibold tracking-[-0.028em] text-balance">Who can open which client’s vault</h1>
          <p className="mt-2.5 mb-6 text-[15px] leading-[22px] text-pretty text-text-2">
            The management plane for managed service providers. It shows who reaches what in every client’s credential vault, and changes it only with a touch of your hardware key.
          </p>
          <Link href="/settings" className={buttonClass({ tone: "ink", size: "large" })}>
            Open settings
          </Link>
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
