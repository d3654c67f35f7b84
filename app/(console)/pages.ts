/**
 * Pages without a place in the navigation: the tabs of settings, billing and access, and what is reached by a button. One list, so
 * that the tabs and the palette name the same (tests/repository/pages.test.ts holds it against the table of doors).
 */
import type { PalettePage } from "#components/shell/navigation.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import type { Permission } from "#lib/identity/permission.ts";

export type Page = { readonly href: string; readonly label: string; readonly needs: Permission; /** Other words under which it is looked for. */ readonly words?: readonly string[] };

export const SETTINGS_PAGES: readonly Page[] = [
  { href: "/settings/organisation", label: "Organisation", needs: "organisation.read", words: ["name", "company"] },
  { href: "/settings/members", label: "Members", needs: "member.read", words: ["people", "rights", "invite", "owners"] },
  { href: "/settings/you", label: "You", needs: "self", words: ["profile", "my name", "my address", "account"] },
  { href: "/settings/keys", label: "My keys", needs: "self", words: ["passkeys", "hardware", "security"] },
  { href: "/settings/sessions", label: "My sessions", needs: "self", words: ["devices", "signed in"] },
  { href: "/settings/inbox-key", label: "My inbox key", needs: "inbox_key.own", words: ["fingerprint", "phrase"] },
  { href: "/settings/signing-keys", label: "Signing keys", needs: "signing_key.read", words: ["enrol", "policy", "two signatures"] },
  { href: "/settings/endorse", label: "Endorse", needs: "inbox_key.read", words: ["fingerprint", "inbox keys", "technicians"] },
  { href: "/settings/incident", label: "Incident", needs: "halt.read", words: ["switches", "stop", "halt", "emergency"] },
  { href: "/settings/system", label: "System", needs: "system.read", words: ["health", "version"] },
  { href: "/settings/mail", label: "Mail", needs: "mail.read", words: ["transport", "smtp"] },
  { href: "/settings/audit", label: "Audit", needs: "audit.read", words: ["retention", "months kept"] },
  { href: "/settings/records", label: "Records", needs: "record.read", words: ["our own log"] },
];

/** Requests, endings and the break-glass stand side by side; the first is a place of the navigation. */
export const ACCESS_PAGES: readonly Page[] = [
  { href: "/requests", label: "Requests", needs: "request.read" },
  { href: "/leases", label: "Endings and renewals", needs: "lease.read", words: ["leases", "lend", "expiry", "expiring"] },
  { href: "/break-glass", label: "Break-glass", needs: "break_glass.read", words: ["emergency", "shares"] },
];

/** The tabs of billing, in their order; the first is a place of the navigation. The contract is not among them: nothing says that there is one. */
export const BILLING_PAGES: readonly Page[] = [
  { href: "/billing", label: "Subscriptions", needs: "billing.read" },
  { href: "/billing/invoices", label: "Invoices", needs: "billing.read", words: ["payments", "unpaid"] },
  { href: "/billing/statements", label: "Statements", needs: "billing.read" },
  { href: "/billing/renewals", label: "Renewals", needs: "billing.read", words: ["calendar"] },
  { href: "/billing/what-if", label: "What if", needs: "billing.read", words: ["change of plan", "prices", "upgrade", "downgrade"] },
  { href: "/billing/alarms", label: "Alarms", needs: "billing.read", words: ["alarms about money"] },
  { href: "/billing/events", label: "Events", needs: "billing.read", words: ["payment provider", "webhook"] },
  { href: "/billing/details", label: "Details", needs: "billing.read", words: ["invoice details", "address", "tax id", "VAT", "purchase order", "who pays"] },
];
export const PRICES: Page = { href: "/billing/plans", label: "Plans and limits", needs: "price.read", words: ["prices", "price list"] };
export const CONTRACT: Page = { href: "/billing/contract", label: "Contract", needs: "contract.read" };

/** Reached by a button of the place that `under` names. */
const BUTTONS: readonly (Page & { readonly under: string })[] = [
  { under: "Clients", href: "/clients/new", label: "Onboard a client", needs: "client.connect", words: ["new", "add", "connect"] },
  { under: "Clients", href: "/clients/confirm", label: "Confirm clients", needs: "client.connect", words: ["compare codes", "whose vault is whose"] },
  { under: "Clients", href: "/clients/import", label: "Bring a CSV", needs: "client.connect", words: ["import", "many clients", "sheet"] },
  { under: "Billing", href: "/billing/subscriptions/new", label: "Subscribe a client", needs: "billing.write", words: ["new", "begin"] },
  { under: "Technicians", href: "/revocations", label: "Revocations", needs: "revocation.read", words: ["boards", "leaver", "remove", "certificate"] },
  { under: "Audit", href: "/audit/exports", label: "Exports", needs: "audit.export", words: ["download", "bundle"] },
];

const PAGES: readonly (Page & { readonly under: string })[] = [
  ...ACCESS_PAGES.map((page) => ({ ...page, under: "Requests" })),
  ...BUTTONS,
  ...[...BILLING_PAGES, PRICES, CONTRACT].map((page) => ({ ...page, under: "Billing" })),
  ...SETTINGS_PAGES.map((page) => ({ ...page, under: "Settings" })),
];

/** Those of them that this person's rights open and the navigation does not name. `terms`: there is a contract to see. */
export function pagesFor(actor: Actor | null, navigation: readonly { readonly href: string }[], { terms }: { terms: boolean }): readonly PalettePage[] {
  if (actor === null) return [];
  const named = new Set(navigation.map(({ href }) => href));
  return PAGES.filter((page) => holds(actor, page.needs) && !named.has(page.href) && (page.href !== CONTRACT.href || terms)).map(({ needs: _needs, ...page }) => page);
}
