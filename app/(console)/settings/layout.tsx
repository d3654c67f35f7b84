import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { env } from "#lib/env.ts";
import { holds } from "#lib/identity/actor.ts";
import type { Permission } from "#lib/identity/permission.ts";
import { currentActor } from "#lib/identity/session.ts";

const TABS: readonly { href: string; label: string; permission: Permission }[] = [
  { href: "/settings/organisation", label: "Organisation", permission: "organisation.read" },
  { href: "/settings/members", label: "Members", permission: "member.read" },
  { href: "/settings/you", label: "You", permission: "self" },
  { href: "/settings/keys", label: "My keys", permission: "self" },
  { href: "/settings/sessions", label: "My sessions", permission: "self" },
  { href: "/settings/inbox-key", label: "My inbox key", permission: "inbox_key.own" },
  { href: "/settings/signing-keys", label: "Signing keys", permission: "signing_key.read" },
  { href: "/settings/endorse", label: "Endorse", permission: "inbox_key.read" },
  { href: "/settings/incident", label: "Incident", permission: "halt.read" },
  { href: "/settings/system", label: "System", permission: "system.read" },
  { href: "/settings/mail", label: "Mail", permission: "mail.read" },
  { href: "/settings/audit", label: "Audit", permission: "audit.read" },
  { href: "/settings/records", label: "Records", permission: "record.read" },
];

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  const tabs = TABS.filter(({ permission }) => actor && holds(actor, permission)).map(({ href, label }) => ({ href, label }));
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
