import type { ReactNode } from "react";
import { cx } from "#components/ui/class-names.ts";

/** Sixteen letters in four groups, never smaller than 20 px; a screen reader says them one by one. */
export function BigCode({ code, label }: { code: string; label: string }) {
  const groups = code.match(/.{4}/g) ?? [];
  return (
    <p role="img" aria-label={`${label}: ${groups.map((group) => [...group].join(" ")).join(", ")}`} className="mt-1 flex flex-wrap gap-x-[18px] font-mono text-[24px] leading-8 font-medium tracking-[0.01em] select-all max-thumb:gap-x-2.5 max-thumb:text-20">
      {groups.map((group, at) => (
        // Groups have no identity but their place.
        // eslint-disable-next-line react/no-array-index-key
        <span key={at} aria-hidden>{group}</span>
      ))}
    </p>
  );
}

/** A code in its box, or the place where it will stand. */
export function CodeBox({ name, when, code, children }: { name: string; when: string; code: string | null; children: ReactNode }) {
  return (
    <section aria-label={name} className={cx("rounded-box border px-[18px] pt-3.5 pb-[13px]", code === null ? "border-dashed border-line-strong" : "border-line-strong")}>
      <p><b className="font-semibold">{name}</b> <span className="ml-1.5 text-text-2">{when}</span></p>
      {code === null ? <p aria-hidden className="mt-1 font-mono text-[24px] leading-8 tracking-[0.01em] text-text-3 max-thumb:text-20">···· ···· ···· ····</p> : <BigCode code={code} label={name} />}
      <p className="mt-0.5 text-12 text-pretty text-text-3">{children}</p>
    </section>
  );
}
