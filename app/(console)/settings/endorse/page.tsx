import type { Metadata } from "next";
import { EndorseList } from "#components/signing/endorse-list.tsx";
import { WindowList } from "#components/signing/window-list.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listInboxKeys } from "#lib/inbox/waiting.ts";
import { listWindows } from "#lib/signing/windows.ts";
import { openEndorse } from "./actions.ts";

export const metadata: Metadata = { title: "Endorse" };

export default async function EndorsePage() {
  const actor = await pageActor("inbox_key.read");
  const mayEndorse = holds(actor, "inbox_key.endorse");
  const [keys, windows] = await Promise.all([listInboxKeys(actor), mayEndorse ? listWindows(actor, "endorse") : []]);
  return (
    <>
      <EndorseList keys={keys} action={mayEndorse ? openEndorse : null} />
      <WindowList windows={windows} />
    </>
  );
}
