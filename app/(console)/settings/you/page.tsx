import type { Metadata } from "next";
import { YouPart } from "#components/identity/you-part.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { readYou } from "#lib/identity/you.ts";
import { beginTap } from "../../actions.ts";
import { askChange, askProof, rename } from "./actions.ts";

export const metadata: Metadata = { title: "You" };

export default async function YouPage() {
  const actor = await pageActor("self");
  const { since, emailVerifiedAt, ...you } = await readYou(actor);
  return <YouPart you={{ ...you, verified: emailVerifiedAt !== null, since: since.getTime() }} actions={{ beginTap, rename, askProof, askChange }} />;
}
