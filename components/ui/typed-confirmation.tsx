"use client";
import { useRef, useState } from "react";
import type { FormEvent, ReactNode, RefObject } from "react";
import { Button } from "./button.tsx";
import type { ButtonTone } from "./button-class.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { Input } from "./input.tsx";
import { Keys } from "./keys.tsx";
import { isTypedName } from "./typed-name.ts";

export type TypedConfirmationProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The question, with the number in it. */
  title: string;
  /** What happens, and what does not. */
  children: ReactNode;
  /** What must be typed before the button works: the name in full, never a shortened one. */
  name: string;
  /** The way back, worded as what stays ("Keep him"). */
  keep: string;
  /** The deed, a verb with its object. */
  confirm: string;
  /** Words on the button while it is under way, or null. The window cannot be closed meanwhile. */
  pending: string | null;
  onConfirm: () => void;
  tone?: Extract<ButtonTone, "danger" | "sign">;
  icon?: ReactNode;
};

/** Friction for harm: the name is typed before the button works. What was typed is gone when the window closes. */
export function TypedConfirmation({ open, onOpenChange, title, children, ...body }: TypedConfirmationProps) {
  const input = useRef<HTMLInputElement>(null);
  const close = (next: boolean) => {
    if (!body.pending) onOpenChange(next);
  };
  return (
    <Dialog open={open} onOpenChange={close} title={title} description={children} initialFocus={input}>
      <Body {...body} input={input} close={() => close(false)} />
    </Dialog>
  );
}

type BodyProps = Omit<TypedConfirmationProps, "open" | "onOpenChange" | "title" | "children"> & { input: RefObject<HTMLInputElement | null>; close: () => void };

function Body({ name, keep, confirm, pending, onConfirm, tone = "danger", icon, input, close }: BodyProps) {
  const [typed, setTyped] = useState("");
  const ready = isTypedName(typed, name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !pending) onConfirm();
  };
  return (
    <form onSubmit={submit} className="pb-3">
      <Field
        name="typed"
        label={
          <>
            Type <bdi className="font-semibold select-text">{name}</bdi>
          </>
        }
        error={null}
      >
        <Input ref={input} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" autoCapitalize="off" spellCheck={false} dir="auto" />
      </Field>
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button size="large" onClick={close} disabledReason={pending ? "It is under way and can no longer be stopped here." : null} keys={<Keys of="Esc" on="fill" className="max-thumb:hidden" />}>
          {keep}
        </Button>
        <Button type="submit" size="large" tone={tone} icon={icon} pending={pending} disabledReason={ready ? null : "Type the name first, exactly as it stands."}>
          {confirm}
        </Button>
      </div>
    </form>
  );
}
