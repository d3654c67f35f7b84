"use client";
import { useRouter } from "next/navigation";
import type { Deed } from "#components/plan/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import type { BoardLine } from "#lib/revocation/show.ts";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Look at the board before you repeat it." };

/** A person answers for what can be proven no more. */
export function ApartDialog({ line, revocationId, apart, onClose }: { line: BoardLine | null; revocationId: string; apart: Deed<{ client: string }>; onClose: () => void }) {
  const router = useRouter();
  return (
    <Dialog open={line !== null} onOpenChange={onClose} title={line ? `Set ${line.client} apart?` : ""} description="Our connection there is over, so nothing can prove that the token is gone. Set apart, it holds this board open no longer, and the certificate names it as unproven, with your words and your name.">
      {line ? (
        <Form action={apart} submit="Set it apart" pending="Setting apart" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={onClose}>Keep it open</Button>} className="pb-2" onDone={() => { onClose(); router.refresh(); }}>
          <input type="hidden" name="revocationId" value={revocationId} />
          <input type="hidden" name="vaultRef" value={line.vaultRef} />
          <input type="hidden" name="uid" value={line.uid} />
          <Field name="words" label="What is known of it" help="Such as: their admin confirmed by phone on 3 March that the token is deleted.">
            <Input autoComplete="off" dir="auto" maxLength={240} />
          </Field>
        </Form>
      ) : null}
    </Dialog>
  );
}
