import { cx } from "#components/ui/class-names.ts";
import type { Part } from "#lib/audit/sentence.ts";

/** A sentence of the audit: names stand out, what a vault wrote is set apart and isolated in its direction. */
export function Sentence({ parts, wrap }: { parts: readonly Part[]; wrap?: boolean }) {
  return (
    <span className={cx("text-text-2", !wrap && "block truncate max-thumb:whitespace-normal")}>
      {parts.map((part, at) =>
        part.as === "text" ? (
          part.of
        ) : (
          // Parts have no identity but their place in the sentence.
          // eslint-disable-next-line react/no-array-index-key
          <bdi key={at} className={part.as === "name" ? "font-medium text-text" : "rounded-in bg-hover px-1 py-px text-text"}>
            {part.of}
          </bdi>
        ),
      )}
    </span>
  );
}
