"use client";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Form } from "#components/ui/form.tsx";
import { Note } from "#components/ui/note.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { TapQuestion } from "#lib/identity/ceremony.ts";
import { deeds } from "#lib/identity/deed.ts";
import { KeyIcon } from "./key-icon.tsx";
import type { MemberRow } from "./member-list.tsx";
import { collectRights, rightsOf } from "./collect-rights.ts";
import { RightsField } from "./rights-field.tsx";
import { withTap, type Action } from "./step-up.ts";
import { ownFailure } from "./words.ts";

/** `member` stays while the window closes. */
type Of = { open: boolean; member: MemberRow | null; onClose: () => void };

const NOTHING_CHOSEN = { code: "invalid", title: "No right is chosen", detail: "Nothing was changed.", remedy: "Choose at least one.", fields: { rights: "Choose at least one right." } } as const;

/** A form's rights collected and looked at before a key is asked for. */
export const withRights = <Value,>(action: Action<Value>): Action<Value> => async (previous, data) => (collectRights(data).length === 0 ? { ok: false, failure: NOTHING_CHOSEN } : action(previous, data));

export function RightsDialog({ open, member, onClose, beginTap, setRights }: Of & { beginTap: Action<TapQuestion>; setRights: Action<{ id: string }> }) {
  return (
    <Dialog open={open && member !== null} onOpenChange={onClose} title={member ? `What may ${member.name} do?` : ""} description={member?.self ? "These are your own rights. What you take from yourself, another owner must give back." : "Holds from their next click."}>
      {member ? (
        <Form
          action={withRights(withTap(beginTap, (data) => deeds.setRights(member.id, rightsOf(data)), setRights))} submit="Confirm with a key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null}
          onDone={() => { onClose(); toast({ state: "proven", words: "Rights changed" }); }} aside={<Button onClick={onClose}>Leave as it is</Button>} className="pb-2"
        >
          <input type="hidden" name="personId" value={member.id} />
          <RightsField held={member.rights} />
        </Form>
      ) : null}
    </Dialog>
  );
}

export function FreezeDialog({ open, member, onClose, freeze }: Of & { freeze: Action<{ id: string; sessions: number }> }) {
  return (
    <Dialog open={open && member !== null} onOpenChange={onClose} title={member ? `Freeze ${member.name}?` : ""} description="Every session ends at once, no key opens one, and open invitations of theirs end. It asks for no key: what stops harm must not wait. Tokens in vaults stay until a signed change ends them.">
      {member ? (
        <Form action={freeze} submit="Freeze" pending="Freezing" tone="danger" error={ownFailure("no_answer")} disabledReason={null} onDone={({ sessions }) => { onClose(); toast({ state: "proven", words: sessions === 1 ? "Frozen; 1 session ended" : `Frozen; ${sessions} sessions ended` }); }} aside={<Button onClick={onClose}>Keep access</Button>} className="pb-2">
          <input type="hidden" name="personId" value={member.id} />
        </Form>
      ) : null}
    </Dialog>
  );
}

export function ThawDialog({ open, member, onClose, beginTap, thaw }: Of & { beginTap: Action<TapQuestion>; thaw: Action<{ id: string }> }) {
  return (
    <Dialog open={open && member !== null} onOpenChange={onClose} title={member ? `Let ${member.name} in again?` : ""} description="Their keys open new sessions from now on; the ended ones stay ended.">
      {member ? (
        <Form action={withTap(beginTap, () => deeds.thaw(member.id), thaw)} submit="Confirm with a key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={() => { onClose(); toast({ state: "proven", words: "They can sign in again" }); }} aside={<Button onClick={onClose}>Stay frozen</Button>} className="pb-2">
          <input type="hidden" name="personId" value={member.id} />
        </Form>
      ) : null}
    </Dialog>
  );
}

export function InviteAgainDialog({ open, member, onClose, beginTap, inviteAgain }: Of & { beginTap: Action<TapQuestion>; inviteAgain: Action<{ id: string; email: string }> }) {
  return (
    <Dialog open={open && member !== null} onOpenChange={onClose} title={member ? `Invite ${member.name} again?` : ""} description={member ? `For somebody who lost every key. A one-time link goes to ${member.email} and to nobody else, for seven days. Talk to them first: whoever reads that mailbox comes in as them.` : ""}>
      {member ? (
        <Form<{ id: string; email: string }> action={withTap(beginTap, () => deeds.inviteAgain(member.id), inviteAgain)} submit="Send with a key" pending="Waiting for your key" tone="sign" icon={<KeyIcon />} error={ownFailure("no_answer")} disabledReason={null} onDone={({ email }) => { onClose(); toast({ state: "moving", words: `The link is on its way to ${email}` }); }} aside={<Button onClick={onClose}>Not now</Button>} className="pb-2">
          <input type="hidden" name="personId" value={member.id} />
          <Note state="attention" title="Used, it ends what they had.">Their former keys and sessions, and their inbox key with every copy of it: tokens sealed to it have to be renewed. They and all owners are told by mail.</Note>
        </Form>
      ) : null}
    </Dialog>
  );
}
