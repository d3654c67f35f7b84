import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { env } from "#lib/env.ts";
import { holds } from "#lib/identity/actor.ts";
import { currentActor } from "#lib/identity/session.ts";
import { SETTINGS_PAGES } from "../pages.ts";

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  const tabs = SETTINGS_PAGES.filter(({ needs }) => actor && holds(actor, needs)).map(({ href, label }) => ({ href, label }));
  // The gallery of parts belongs to whoever builds the console, on their own machine.
  const parts = env().local && actor?.kind === "operator" ? [{ href: "/settings/parts", label: "Parts" }] : [];
  return (
    <>
      <PageHeader title="Settings" tabs />
      <TabLinks label="Settings" items={[...tabs, ...parts]} />
      {children}
    </>
  );
}
