import { redirect } from "next/navigation";
import { currentActor, pageActor } from "#lib/identity/session.ts";

/** The first page that this actor may see. */
export default async function SettingsPage(): Promise<never> {
  const actor = await currentActor();
  if (actor?.kind === "operator") redirect("/settings/system");
  await pageActor("organisation.read");
  redirect("/settings/organisation");
}
