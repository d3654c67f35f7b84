import { Badge } from "#components/ui/badge.tsx";
import type { State } from "#components/ui/glyph.tsx";
import type { InboxState } from "#lib/technician/inbox-state.ts";

export const INBOX_WORD: Record<InboxState["state"], { word: string; state: State; means: string }> = {
  endorsed: { word: "Endorsed", state: "proven", means: "Tokens can be sealed to it." },
  waits: { word: "Waits for a signer", state: "attention", means: "No token is sealed to it before a signer compared its fingerprint." },
  differs: { word: "Read differently", state: "refused", means: "A signer was read another fingerprint. It is never endorsed; its owner makes a new one." },
  over: { word: "Past its end", state: "attention", means: "What was sealed to it can still be opened; new tokens need a new key." },
  adrift: { word: "Its passkey is gone", state: "attention", means: "The passkey that stated it was removed, so nobody can endorse it." },
  none: { word: "None yet", state: "none", means: "Its owner makes one under Settings, My inbox key. Until then no token can be sealed to them." },
};

export function InboxBadge({ inbox }: { inbox: InboxState }) {
  const { word, state } = INBOX_WORD[inbox.state];
  return <Badge state={state}>{word}</Badge>;
}
