"use client";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names.ts";
import { CONTROL, CONTROL_LINE } from "./control-class.ts";
import { useField } from "./field.tsx";

export type InputProps = Omit<ComponentProps<"input">, "className" | "disabled" | "size" | "name"> & {
  /** For what is compared letter by letter. */
  mono?: boolean;
  /** A sign before the text, such as a search glass. */
  lead?: ReactNode;
  className?: string;
};

/** One line of text. Lives in a `Field`, which says whether it is off or wrong; alone it needs an `aria-label`. */
export function Input({ mono, lead, className, ...rest }: InputProps) {
  const control = <input {...useField()} {...rest} className={cx(CONTROL, CONTROL_LINE, mono && "font-mono", lead != null && "pl-8", className)} />;
  if (lead == null) return control;
  return (
    <span className="relative grid">
      <span className="pointer-events-none absolute inset-y-0 left-2.5 grid place-items-center text-text-3 [&_svg]:size-4">{lead}</span>
      {control}
    </span>
  );
}

export type TextAreaProps = Omit<ComponentProps<"textarea">, "className" | "disabled" | "name"> & { className?: string };

/** Several lines; grows with what is typed, up to a third of the window. */
export function TextArea({ className, rows = 3, ...rest }: TextAreaProps) {
  return <textarea {...useField()} rows={rows} {...rest} className={cx(CONTROL, "field-sizing-content max-h-[33vh] min-h-16 resize-y px-2.5 py-1.5 text-13 max-thumb:text-16", className)} />;
}
