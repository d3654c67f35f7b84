"use client";
import { useActionState, startTransition, useEffect, useId, useMemo, useRef } from "react";
import type { FormEvent, ReactNode, RefObject } from "react";
import { Button } from "./button.tsx";
import type { ButtonTone } from "./button-class.ts";
import { cx } from "./class-names.ts";
import type { Failure, Outcome } from "./failure.ts";
import { FormContext } from "./form-context.ts";
import { FailureSummary } from "./form-failure.tsx";
import { steersTheFramework } from "./form-interrupt.ts";

export type FormProps<Value> = {
  action: (previous: Outcome<Value> | null, data: FormData) => Promise<Outcome<Value>>;
  /** The verb on the button, with its object. */
  submit: string;
  /** The words on the button while the answer is awaited. */
  pending: string;
  /** What is shown when no answer came at all: the connection broke, or the server could not word a failure of its own. */
  error: Failure;
  /** Why the form cannot be sent now, or null. */
  disabledReason: string | null;
  /** Called once for each success. */
  onDone?: (value: Value) => void;
  /** Empties the fields after a success; otherwise they keep what was sent. */
  clearWhenDone?: boolean;
  tone?: ButtonTone;
  keys?: ReactNode;
  icon?: ReactNode;
  /** Beside the button: a way back, a second button. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
};

/**
 * A form that cannot be half-wired. A failure is summed up above the fields and takes the focus, each wrong field says what to
 * do, what was typed stays typed, and a second press before the answer does nothing.
 */
export function Form<Value>({ action, submit, pending, error, disabledReason, onDone, clearWhenDone, tone = "ink", keys, icon, aside, className, children }: FormProps<Value>) {
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLElement>(null);
  // React's own pending flag is set only when the transition renders; two presses in one frame need this one.
  const underway = useRef(false);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });

  const [outcome, send, waiting] = useActionState<Outcome<Value> | null, FormData>(async (previous, data) => {
    try {
      return await action(previous, data);
    } catch (thrown) {
      if (steersTheFramework(thrown)) throw thrown;
      return { ok: false, failure: error };
    } finally {
      underway.current = false;
    }
  }, null);

  const failure = outcome && !outcome.ok ? outcome.failure : null;
  useEffect(() => {
    if (!outcome) return;
    if (!outcome.ok) return summary.current?.focus();
    if (clearWhenDone) form.current?.reset();
    done.current?.(outcome.value);
  }, [outcome, clearWhenDone]);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    // Not the `action` attribute: React empties the fields after an action, also after a refused one.
    event.preventDefault();
    if (disabledReason || underway.current) return;
    underway.current = true;
    const data = new FormData(event.currentTarget);
    startTransition(() => send(data));
  };

  const context = useMemo(() => ({ failure: waiting ? null : failure, pending: waiting }), [failure, waiting]);
  return (
    <FormContext value={context}>
      {/* POST: were it sent before the script runs, what was typed must not end up in the address. */}
      <form ref={form} method="post" noValidate onSubmit={onSubmit} className={cx("grid gap-4", className)} aria-busy={waiting || undefined}>
        <Summary failure={waiting ? null : failure} summary={summary} form={form} />
        {children}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" tone={tone} disabledReason={disabledReason} pending={waiting ? pending : null} keys={keys} icon={icon}>
            {submit}
          </Button>
          {aside}
        </div>
      </form>
    </FormContext>
  );
}

/** Drawn controls keep a hidden input for sending, which is not what a person can reach. */
const FOCUSABLE = 'input:not([type="hidden"], [aria-hidden="true"]), textarea, button, [tabindex="0"]';

function Summary({ failure, summary, form }: { failure: Failure | null; summary: RefObject<HTMLElement | null>; form: RefObject<HTMLFormElement | null> }) {
  const titleId = useId();
  if (!failure) return null;
  return (
    <FailureSummary
      ref={summary}
      titleId={titleId}
      failure={failure}
      onField={(name) => {
        const field = form.current?.querySelector(`[data-field="${CSS.escape(name)}"]`);
        field?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
      }}
    />
  );
}
