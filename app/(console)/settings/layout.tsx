import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { env } from "#lib/env.ts";

const TABS = [
  { href: "/settings/system", label: "System" },
  { href: "/settings/mail", label: "Mail" },
  { href: "/settings/records", label: "Records" },
  { href: "/settings/parts", label: "Parts" },
] as const;

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const local = env().local;
  return (
    <>
      <PageHeader title="Settings" tabs />
      <TabLinks label="Settings" items={TABS.filter((tab) => local || tab.href !== "/settings/parts")} />
      {children}
    </>
  );
}
