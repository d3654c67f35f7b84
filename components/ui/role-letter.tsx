import { cx } from "./class-names.ts";

/** A role as its letter. The name of the role is what a screen reader says. `full` reads everything and stands on a keycap. */
export function RoleLetter({ letter, name, change, full }: { letter: string; name: string; change?: "grant" | "revoke"; full?: boolean }) {
  return (
    <span
      data-hint={name}
      className={cx(
        "inline-flex h-5 min-w-5 items-center justify-center rounded-in px-1 text-11 tracking-[0.02em]",
        full ? "font-bold" : "font-semibold",
        !change && "bg-active text-text",
        !change && full && "shadow-[inset_0_0_0_1px_var(--line-strong)]",
        change === "grant" && "border border-dashed border-accent text-accent-text",
        change === "revoke" && "border border-dashed border-danger-line text-danger-text line-through",
      )}
    >
      <span aria-hidden>{letter}</span>
      <span className="sr-only">
        {name}
        {change === "grant" ? ", to be granted" : change === "revoke" ? ", to be revoked" : ""}
      </span>
    </span>
  );
}
