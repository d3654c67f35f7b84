import type { ReactNode } from "react";
import { TabLinks } from "#components/shell/tab-links.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";

const TABS = [
  { href: "/settings/system", label: "System" },
  { href: "/settings/mail", label: "Mail" },
  { href: "/settings/records", label: "Records" },
  { href: "/settings/parts", label: "Parts" },
] as const;

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <PageHeader title="Settings" tabs />
      <TabLinks label="Settings" items={TABS} />
      {children}
    </>
  );
}
