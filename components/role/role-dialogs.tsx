"use client";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { RoleMark } from "#lib/role/letters.ts";
import type { Deed } from "./use-deed.ts";

const noAnswer = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Look at the page again before you repeat it." };

/** `role` null: a new one. `letter`: the one proposed. */
export function RoleDialog({ open, role, letter, onClose, save }: { open: boolean; role: RoleMark | null; letter: string | null; onClose: () => void; save: Deed<{ id: string }> }) {
  return (
    <Dialog open={open} onOpenChange={onClose} title={role ? `Change ${role.name}` : "New role"} description={role ? "Name and letter are ours. What clients call its numbers stays as it is." : "A name here, and a number in each vault, which you note afterwards."}>
      <Form action={save} submit={role ? "Save the role" : "Make the role"} pending={role ? "Saving" : "Making"} error={noAnswer} disabledReason={null} aside={<Button onClick={onClose}>Leave it</Button>} className="pb-2" onDone={() => { onClose(); toast({ state: "proven", words: role ? "Role changed" : "Role made" }); }}>
        {role ? <input type="hidden" name="roleId" value={role.roleId} /> : null}
        <Field name="name" label="Name">
          <Input defaultValue={role?.name ?? ""} autoComplete="off" dir="auto" maxLength={60} />
        </Field>
        <Field name="letter" label="Letter" help="What stands in a cell of the matrix. One of A to Z; F is full access." className="max-w-[220px]">
          <Input defaultValue={role?.letter ?? letter ?? ""} autoComplete="off" autoCapitalize="characters" maxLength={1} />
        </Field>
      </Form>
    </Dialog>
  );
}

/** `role` stays while the window closes. */
export function RetireDialog({ open, role, vaults, onClose, retire }: { open: boolean; role: RoleMark | null; vaults: number; onClose: () => void; retire: Deed<{ name: string; numbers: number }> }) {
  return (
    <Dialog
      open={open && role !== null} onOpenChange={onClose} title={role ? `Retire ${role.name}?` : ""}
      description={`It is offered no more, ${vaults === 0 ? "and it has no number anywhere" : `its number in ${vaults === 1 ? "1 vault is" : `${vaults} vaults is`} forgotten`}, and its letter is free again. Nothing in a vault changes. It is refused while somebody holds it.`}
    >
      {role ? (
        <Form action={retire} submit="Retire the role" pending="Retiring" tone="danger" error={noAnswer} disabledReason={null} aside={<Button onClick={onClose}>Keep it</Button>} className="pb-2" onDone={({ name }) => { onClose(); toast({ state: "none", words: `${name} is retired` }); }}>
          <input type="hidden" name="roleId" value={role.roleId} />
        </Form>
      ) : null}
    </Dialog>
  );
}
