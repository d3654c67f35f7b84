import type { Metadata } from "next";
import { InboxKey } from "#components/inbox/inbox-key.tsx";
import { env } from "#lib/env.ts";
import { pageActor } from "#lib/identity/session.ts";
import { myInbox } from "#lib/inbox/mine.ts";
import { limits } from "#lib/limits.ts";
import { addCopy, beginCopy, stateKey } from "./actions.ts";

export const metadata: Metadata = { title: "My inbox key" };

export default async function InboxKeyPage() {
  const actor = await pageActor("inbox_key.own");
  const inbox = await myInbox(actor);
  return <InboxKey mine={inbox.key} passkeys={inbox.passkeys} technician={{ id: actor.id, name: actor.name, console: env().APP_ORIGIN, days: limits.inboxKeyDays }} actions={{ stateKey, beginCopy, addCopy }} />;
}
