import type { Metadata } from "next";
import { Ask } from "#components/request/ask.tsx";
import { MyTokens } from "#components/token/my-tokens.tsx";
import { Box } from "#components/ui/box.tsx";
import { systemClock } from "#lib/clock.ts";
import { pageActor } from "#lib/identity/session.ts";
import { myInbox } from "#lib/inbox/mine.ts";
import { askForm } from "#lib/request/ask.ts";
import { myTokens } from "#lib/token/mine.ts";
import { askForAccess } from "../requests/actions.ts";
import { opened, strange, take } from "./actions.ts";

export const metadata: Metadata = { title: "My tokens" };

export default async function TokensPage() {
  const actor = await pageActor("token.own");
  const [mine, inbox, form] = await Promise.all([myTokens(actor), myInbox(actor), askForm(actor)]);
  const key = inbox.key && { statement: inbox.key.statement, copies: inbox.key.copies, endorsed: inbox.key.endorsedBy !== null };
  return (
    <MyTokens
      {...mine} mine={key} passkeys={inbox.passkeys} now={systemClock.now().getTime()} actions={{ take, opened, strange }}
      ask={
        <div className="mx-auto mb-10 w-[min(560px,calc(100%-64px))] self-start max-rail:w-[calc(100%-40px)] max-thumb:w-[calc(100%-32px)]">
          <Box title="Need another client?" why="Say which, what for and how long. An owner signs; you get an envelope."><Ask form={form} ask={askForAccess} /></Box>
        </div>
      }
    />
  );
}
