/** Pages that a priced way out leads to. Pure. */
import type { PricedWay } from "./ways.ts";

export type WayLead = { readonly href: string; readonly label: string };

/** `money`: sees what clients pay, so the move is priced for them with today's locks; else the bare price list. */
export const moveUpLead = ({ from, plan }: Extract<PricedWay, { kind: "plan" }>, money: boolean): WayLead => (money ? { href: `/billing/what-if?${new URLSearchParams({ from, to: plan }).toString()}`, label: "What if" } : { href: "/billing/plans", label: "Plans" });

/** Slots are lent beside what ends. */
export const lendLead: WayLead = { href: "/leases", label: "Endings" };
