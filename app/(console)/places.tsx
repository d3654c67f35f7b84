import { Building2, FileDiff, Grid3x3, House, KeyRound, ReceiptText, Settings2, Users } from "lucide-react";
import type { NavigationItem } from "#components/shell/navigation.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import type { Permission } from "#lib/identity/permission.ts";

type Place = NavigationItem & { readonly needs?: Permission };

/** Only places that exist stand here, in the order of the working day. */
const PLACES: readonly Place[] = [
  { href: "/overview", label: "Overview", icon: <House aria-hidden />, key: "o", needs: "organisation.read" },
  { href: "/matrix", label: "Matrix", icon: <Grid3x3 aria-hidden />, key: "m", needs: "matrix.read" },
  { href: "/plans", label: "Plans", icon: <FileDiff aria-hidden />, key: "p", needs: "plan.read" },
  { href: "/clients", label: "Clients", icon: <Building2 aria-hidden />, key: "c", needs: "client.read" },
  { href: "/technicians", label: "Technicians", icon: <Users aria-hidden />, key: "t", needs: "technician.read" },
  { href: "/roles", label: "Roles", icon: <KeyRound aria-hidden />, key: "r", needs: "role.read" },
  { href: "/billing", label: "Billing", icon: <ReceiptText aria-hidden />, key: "b", needs: "billing.read" },
  { href: "/settings", label: "Settings", icon: <Settings2 aria-hidden />, key: "s" },
];

/** What this person may open; a visitor and the operator of a local instance see the settings alone. */
export function placesFor(actor: Actor | null): readonly NavigationItem[] {
  // Who may not see all technicians has their own page in that place.
  const own = actor?.rights.includes("technician") && !holds(actor, "technician.read") ? [{ href: `/technicians/${actor.id}`, label: "My access", icon: <Users aria-hidden />, key: "t" }] : [];
  const seen = PLACES.filter(({ needs }) => needs === undefined || (actor !== null && holds(actor, needs))).map(({ needs: _needs, ...place }) => place);
  // Whoever sees no money sees the price list in its place.
  const prices = actor !== null && holds(actor, "price.read") && !holds(actor, "billing.read") ? [{ href: "/billing/plans", label: "Prices", icon: <ReceiptText aria-hidden />, key: "b" }] : [];
  return [...own, ...seen.slice(0, -1), ...prices, ...seen.slice(-1)];
}
