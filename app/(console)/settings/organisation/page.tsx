import type { Metadata } from "next";
import { OrganisationPart } from "#components/identity/organisation-part.tsx";
import { holds } from "#lib/identity/actor.ts";
import { readOrganisation } from "#lib/identity/organisation.ts";
import { pageActor } from "#lib/identity/session.ts";
import { rename } from "./actions.ts";

export const metadata: Metadata = { title: "Organisation" };

export default async function OrganisationPage() {
  const actor = await pageActor("organisation.read");
  const { createdAt, ...organisation } = await readOrganisation(actor);
  return <OrganisationPart {...organisation} createdAt={createdAt.getTime()} rename={holds(actor, "organisation.rename") ? rename : null} />;
}
