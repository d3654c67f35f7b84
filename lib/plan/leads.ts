/** Where a way out of a block leads: a page of the console, for whom it is open. Pure. */
import type { Permission } from "../identity/permission.ts";
import type { Finding, WayOut } from "./check.ts";

export type Lead = { readonly href: string; readonly label: string };
/** A finding as it is shown: each way out with the page that does it, or null where none does, or not for this reader. */
export type ShownFinding = Omit<Finding, "ways"> & { readonly ways: readonly (WayOut & { readonly lead: Lead | null })[] };
type Door = { readonly needs: Permission; readonly label: string; /** `clientId` null: the client is not known any more. */ readonly href: (clientId: string | null) => string | null };

const doors: Readonly<Partial<Record<NonNullable<WayOut["do"]>, Door>>> = {
  confirm: { needs: "client.connect", label: "Confirm", href: () => "/clients/confirm" },
  endorse: { needs: "inbox_key.read", label: "Endorse", href: () => "/settings/endorse" },
  read: { needs: "client.read", label: "The client", href: (clientId) => (clientId === null ? "/clients" : `/clients/${clientId}`) },
  // Another request with other bounds takes the place of the connection.
  replaces: { needs: "client.connect", label: "Ask", href: (clientId) => clientId && `/clients/${clientId}/connect?step=bounds` },
  enrol: { needs: "signing_key.read", label: "Signing keys", href: () => "/settings/signing-keys" },
  end: { needs: "matrix.read", label: "Set it", href: () => "/matrix?q=state%3Ablocked" },
  rules: { needs: "request.read", label: "Rules", href: () => "/requests" },
  link: { needs: "technician.read", label: "Technicians", href: () => "/technicians" },
};

export function leadOf(way: WayOut, clientId: string | null, opens: (permission: Permission) => boolean): Lead | null {
  const door = way.do === null ? undefined : doors[way.do];
  const href = door && opens(door.needs) ? door.href(clientId) : null;
  return door && href ? { href, label: door.label } : null;
}

export const shownFinding = (finding: Finding, clientId: string | null, opens: (permission: Permission) => boolean): ShownFinding => ({ ...finding, ways: finding.ways.map((way) => ({ ...way, lead: leadOf(way, clientId, opens) })) });
