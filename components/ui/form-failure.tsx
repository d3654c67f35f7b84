"use client";
import type { Ref } from "react";
import { CopyableId } from "./copyable-id.tsx";
import type { Failure } from "./failure.ts";
import { Glyph } from "./glyph.tsx";

/** The sum of what is wrong with a form. Takes the focus; each named field is a way to that field. */
export function FailureSummary({ ref, titleId, failure, onField }: { ref: Ref<HTMLElement>; titleId: string; failure: Failure; onField: (name: string) => void }) {
  const fields = Object.entries(failure.fields ?? {});
  return (
    <section ref={ref} tabIndex={-1} aria-labelledby={titleId} className="grid grid-cols-[14px_minmax(0,1fr)] gap-x-2.5 rounded-box bg-danger-soft px-3 py-2.5">
      <Glyph state="refused" label="Failed" className="mt-[3px]" />
      <div className="grid gap-1">
        <p id={titleId} className="font-semibold">
          {failure.title}
        </p>
        <p className="text-pretty text-text-2">
          {failure.detail} {failure.remedy}
        </p>
        {fields.length > 0 ? (
          <ul className="grid gap-0.5">
            {fields.map(([name, sentence]) => (
              <li key={name}>
                <button type="button" className="link text-left" onClick={() => onField(name)}>
                  {sentence}
                </button>
              </li>
            ))}
          </ul>
        ) : null}
        {failure.id ? (
          <p className="mt-0.5">
            <CopyableId id={failure.id} what="failure" />
          </p>
        ) : null}
      </div>
    </section>
  );
}
