import { TabLinks } from "#components/shell/tab-links.tsx";
import { holds, type Actor } from "#lib/identity/actor.ts";
import type { Permission } from "#lib/identity/permission.ts";

const TABS: readonly { href: string; label: string; needs: Permission }[] = [
  { href: "/requests", label: "Requests", needs: "request.read" },
  { href: "/leases", label: "Endings and renewals", needs: "lease.read" },
  { href: "/break-glass", label: "Break-glass", needs: "break_glass.read" },
];

/** Requests, endings and the break-glass stand side by side. Who may see one of them only sees no tabs. */
export function AccessTabs({ actor }: { actor: Actor }) {
  const items = TABS.filter(({ needs }) => holds(actor, needs));
  return items.length > 1 ? <TabLinks label="Access for a time" items={items} /> : null;
}
