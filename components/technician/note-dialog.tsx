"use client";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { Leave } from "#lib/technician/leave.ts";
import { seenOf } from "#lib/technician/seen.ts";

export type Noted = { readonly id: string; readonly name: string; readonly podId: string | null; readonly tags: readonly string[]; readonly leave: Leave | null };

export const noAnswer = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Look at the page again before you repeat it." };

/** Pod, tags and leave of one technician. `person` stays while the window closes. */
export function NoteDialog({ open, person, pods, onClose, change }: { open: boolean; person: Noted | null; pods: readonly { podId: string; name: string }[]; onClose: () => void; change: Deed<{ id: string }> }) {
  return (
    <Dialog open={open && person !== null} onOpenChange={onClose} title={person ? `Pod, tags and leave of ${person.name}` : ""} description="Notes of ours: the matrix folds and filters by them. What somebody reaches does not change.">
      {person ? (
        <Form action={change} submit="Save the notes" pending="Saving" error={noAnswer} disabledReason={null} aside={<Button onClick={onClose}>Leave them</Button>} className="pb-2" onDone={() => { onClose(); toast({ state: "proven", words: `Noted of ${person.name}` }); }}>
          <input type="hidden" name="personId" value={person.id} />
          <input type="hidden" name="seen" value={seenOf(person)} />
          <Field name="podId" label="Pod">
            <Select defaultValue={person.podId ?? ""} choices={[{ value: "", label: "In no pod" }, ...pods.map(({ podId, name }) => ({ value: podId, label: name }))]} />
          </Field>
          <Field name="tags" label="Tags" optional help="Words separated by commas, such as night, field.">
            <Input defaultValue={person.tags.join(", ")} autoComplete="off" dir="auto" />
          </Field>
          <div className="grid grid-cols-2 gap-4 max-thumb:grid-cols-1">
            <Field name="leaveFrom" label="On leave from" optional>
              <Input type="date" defaultValue={person.leave?.from ?? ""} />
            </Field>
            <Field name="leaveUntil" label="Until and with" optional help="Empty: until it is taken back.">
              <Input type="date" defaultValue={person.leave?.until ?? ""} />
            </Field>
          </div>
        </Form>
      ) : null}
    </Dialog>
  );
}
