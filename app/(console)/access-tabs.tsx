import { TabLinks } from "#components/shell/tab-links.tsx";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { ACCESS_PAGES } from "./pages.ts";

/** Requests, endings and the break-glass stand side by side. Who may see one of them only sees no tabs. */
export function AccessTabs({ actor }: { actor: Actor }) {
  const items = ACCESS_PAGES.filter(({ needs }) => holds(actor, needs)).map(({ href, label }) => ({ href, label }));
  return items.length > 1 ? <TabLinks label="Access for a time" items={items} /> : null;
}
