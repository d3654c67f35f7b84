import { Building2, FileDiff, Grid3x3, House, Inbox, KeyRound, Mail, ReceiptText, ScrollText, Settings2, Users } from "lucide-react";
import type { NavigationItem } from "#components/shell/navigation.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import type { Permission } from "#lib/identity/permission.ts";

/** What waits in places, by their address. */
export type Counts = Readonly<Record<string, number>>;

type Place = NavigationItem & { readonly needs?: Permission };

/** Only places that exist stand here, in the order of the working day. */
const PLACES: readonly Place[] = [
  { href: "/overview", label: "Overview", icon: <House aria-hidden />, key: "o", needs: "organisation.read" },
  { href: "/matrix", label: "Matrix", icon: <Grid3x3 aria-hidden />, key: "m", needs: "matrix.read" },
  { href: "/plans", label: "Plans", icon: <FileDiff aria-hidden />, key: "p", needs: "plan.read" },
  { href: "/audit", label: "Audit", icon: <ScrollText aria-hidden />, key: "a", needs: "audit.read" },
  { href: "/clients", label: "Clients", icon: <Building2 aria-hidden />, key: "c", needs: "client.read" },
  { href: "/technicians", label: "Technicians", icon: <Users aria-hidden />, key: "t", needs: "technician.read" },
  { href: "/requests", label: "Requests", icon: <Inbox aria-hidden />, key: "q", needs: "request.read" },
  { href: "/roles", label: "Roles", icon: <KeyRound aria-hidden />, key: "r", needs: "role.read" },
  { href: "/billing", label: "Billing", icon: <ReceiptText aria-hidden />, key: "b", needs: "billing.read" },
  { href: "/settings", label: "Settings", icon: <Settings2 aria-hidden />, key: "s" },
];

/** What this person may open; a visitor and the operator of a local instance see the settings alone. */
export function placesFor(actor: Actor | null, counts: Counts = {}): readonly NavigationItem[] {
  // Who may not see all technicians has their own page in that place.
  const own = actor?.rights.includes("technician") && !holds(actor, "technician.read") ? [{ href: `/technicians/${actor.id}`, label: "My access", icon: <Users aria-hidden />, key: "t" }] : [];
  const tokens = actor !== null && holds(actor, "token.own") ? [{ href: "/tokens", label: "My tokens", icon: <Mail aria-hidden />, key: "n" }] : [];
  const seen = PLACES.filter(({ needs }) => needs === undefined || (actor !== null && holds(actor, needs))).map(({ needs: _needs, ...place }) => place);
  // Whoever sees no money sees the price list in its place.
  const prices = actor !== null && holds(actor, "price.read") && !holds(actor, "billing.read") ? [{ href: "/billing/plans", label: "Prices", icon: <ReceiptText aria-hidden />, key: "b" }] : [];
  const counted = (place: NavigationItem): NavigationItem => (counts[place.href] ? { ...place, count: counts[place.href]! } : place);
  return [...tokens, ...own, ...seen.slice(0, -1), ...prices, ...seen.slice(-1)].map(counted);
}
