"use client";
import { useId, useState, useTransition } from "react";
import type { FormEvent, KeyboardEvent } from "react";
import { Glyph } from "#components/ui/glyph.tsx";
import { Input } from "#components/ui/input.tsx";
import type { Failure } from "#components/ui/failure.ts";
import { toast } from "#components/ui/toast.tsx";
import type { Deed } from "./use-deed.ts";

/** A number in its cell: typed, Enter notes it, Escape leaves it as it was. Empty takes it away. What is refused is said below. */
export function NumberEdit({ roleId, vaultRef, before, label, set, onEnd }: { roleId: string; vaultRef: string; before: string; label: string; set: Deed<{ scope: string; held: number }>; onEnd: () => void }) {
  const [text, setText] = useState(before);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, start] = useTransition();
  const errorId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const scope = text.trim().toLowerCase();
    if (scope === before) return onEnd();
    start(async () => {
      const data = new FormData();
      for (const [name, value] of Object.entries({ roleId, vaultRef, before, scope })) data.set(name, value);
      const outcome = await set(null, data);
      if (!outcome.ok) return setFailure(outcome.failure);
      const { held } = outcome.value;
      toast({ state: "proven", words: held > 0 ? `Noted. ${held === 1 ? "1 row keeps" : `${held} rows keep`} ${before} until a plan moves ${held === 1 ? "it" : "them"}` : scope === "" ? "The number is taken away" : `Noted as ${scope}` });
      onEnd();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    onEnd();
  };
  const words = failure ? (failure.fields?.scope ?? failure.detail) : null;
  return (
    <form onSubmit={submit} className="grid max-w-[280px] gap-1 py-1" aria-busy={busy || undefined}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- it opens on a person's press or Enter, in the place where they are */}
      <Input mono autoFocus value={text} maxLength={4} aria-label={label} aria-invalid={words ? true : undefined} aria-describedby={words ? errorId : undefined} autoComplete="off" spellCheck={false} className="max-w-[92px]" placeholder="none" onFocus={(event) => event.currentTarget.select()} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} />
      {words ? (
        <p id={errorId} role="alert" className="flex items-start gap-[5px] text-12 text-pretty whitespace-normal text-danger-text">
          <Glyph state="refused" className="mt-px" />
          <span className="min-w-0">{words}</span>
        </p>
      ) : <p className="text-12 text-text-3">{busy ? "Noting" : "Enter notes it, Esc leaves it"}</p>}
    </form>
  );
}
