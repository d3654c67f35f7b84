"use client";
import { Field as Base } from "@base-ui/react/field";
import { use, useId } from "react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { FormContext } from "./form-context.ts";
import { Glyph } from "./glyph.tsx";

export type FieldProps = {
  /** The name under which the value is sent, and under which a failure names the field. */
  name: string;
  label: ReactNode;
  /** What a good value is. Stays while there is an error. */
  help?: ReactNode;
  /** What to do about the value, as a sentence. Without it, the failure of the surrounding form is asked for this name. */
  error?: string | null | undefined;
  /** Why the value cannot be changed. The control is off and the sentence stands below it. */
  disabledReason?: string | null | undefined;
  /** Says so in words beside the label; forms here ask for what they need, so the exception is marked. */
  optional?: boolean;
  className?: string;
  children: ReactNode;
};

/** Label, control, help, error and the reason for being off, tied together for assistive technology. */
export function Field({ name, label, help, error, disabledReason, optional, className, children }: FieldProps) {
  const form = use(FormContext);
  const shown = error === undefined ? form?.failure?.fields?.[name] : error;
  const reasonId = useId();
  return (
    <Base.Root data-field={name} name={name} invalid={Boolean(shown)} disabled={Boolean(disabledReason)} className={cx("grid min-w-0 content-start gap-1", className)}>
      <Base.Label className="font-medium">
        {label}
        {optional ? <span className="ml-1.5 text-12 font-normal text-text-3">optional</span> : null}
      </Base.Label>
      {children}
      {help ? <Base.Description className="text-12 text-pretty text-text-3">{help}</Base.Description> : null}
      {disabledReason ? (
        <Base.Description id={reasonId} className="text-12 text-pretty text-text-3">
          {disabledReason}
        </Base.Description>
      ) : null}
      <Base.Error match={Boolean(shown)} className="flex items-start gap-[5px] text-12 text-pretty text-danger-text">
        <Glyph state="refused" className="mt-px" />
        <span className="min-w-0">{shown}</span>
      </Base.Error>
    </Base.Root>
  );
}
