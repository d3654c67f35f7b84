"use client";
import { createContext, use, useId, useMemo } from "react";
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
  /** The label names several controls, as for radios or ticks that belong together. */
  group?: boolean;
  className?: string;
  children: ReactNode;
};

/** What a control learns from the field around it, as attributes to spread. */
export type FieldControl = { readonly name: string; readonly id: string | undefined; readonly disabled: boolean; readonly "aria-describedby": string | undefined; readonly "aria-invalid": true | undefined };
const FieldContext = createContext<FieldControl | null>(null);

/** Label, control, help, error and the reason for being off, tied together for assistive technology. */
export function Field({ name, label, help, error, disabledReason, optional, group, className, children }: FieldProps) {
  const form = use(FormContext);
  const shown = error === undefined ? form?.failure?.fields?.[name] : error;
  const id = useId();
  const described = [help ? `${id}help` : null, disabledReason ? `${id}reason` : null, shown ? `${id}error` : null].filter((one) => one !== null).join(" ");
  const off = Boolean(disabledReason);
  const wrong = Boolean(shown);
  const control = useMemo<FieldControl>(
    () => ({ name, id: group ? undefined : id, disabled: off, "aria-describedby": group ? undefined : described || undefined, "aria-invalid": wrong || undefined }),
    [name, id, group, off, described, wrong],
  );
  const words = (
    <>
      {label}
      {optional ? <span className="ml-1.5 text-12 font-normal text-text-3">optional</span> : null}
    </>
  );
  const inside = (
    <>
      <FieldContext value={control}>{children}</FieldContext>
      {help ? (
        <p id={`${id}help`} className="text-12 text-pretty text-text-3">
          {help}
        </p>
      ) : null}
      {disabledReason ? (
        <p id={`${id}reason`} className="text-12 text-pretty text-text-3">
          {disabledReason}
        </p>
      ) : null}
      {shown ? (
        <p id={`${id}error`} className="flex items-start gap-[5px] text-12 text-pretty text-danger-text">
          <Glyph state="refused" className="mt-px" />
          <span className="min-w-0">{shown}</span>
        </p>
      ) : null}
    </>
  );
  const look = cx("grid min-w-0 grid-cols-1 content-start gap-1", className);
  if (group) {
    return (
      <fieldset data-field={name} className={look} aria-describedby={described || undefined}>
        <legend className="mb-1 font-medium">{words}</legend>
        {inside}
      </fieldset>
    );
  }
  return (
    <div data-field={name} className={look}>
      <label htmlFor={id} className="justify-self-start font-medium">
        {words}
      </label>
      {inside}
    </div>
  );
}

/** The attributes of the surrounding field, or null outside of one. */
export function useField(): FieldControl | null {
  return use(FieldContext);
}
