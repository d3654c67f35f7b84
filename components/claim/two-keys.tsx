import { Glyph } from "#components/ui/glyph.tsx";

/** What claiming asks for, said before it is asked. `done`: how many of the two keys are there. */
export function TwoKeys({ done }: { done: 0 | 1 }) {
  const steps = [
    { title: "A key that signs you in", words: "One touch. It opens this console, and can approve nothing." },
    { title: "A key that approves", words: "Two touches in a window of its own: one makes it, one proves it. The same hardware key can hold both." },
  ];
  return (
    <ol className="mb-6 grid gap-3">
      {steps.map(({ title, words }, index) => (
        <li key={title} aria-current={index === done ? "step" : undefined} className="grid grid-cols-[14px_minmax(0,1fr)] gap-x-2.5">
          <Glyph state={index < done ? "proven" : index === done ? "staged" : "none"} className="mt-[3px]" />
          <span className="min-w-0 text-pretty">
            <b className="font-semibold">{title}</b>
            {index < done ? <span className="sr-only"> (done)</span> : null} <span className="text-text-2">{words}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
