/** Expansion: `expand[]=latest_invoice.payments`, `expand[]=data.customer`: ids become the objects that they name (Stripe API, Expanding). */
import { wrong } from "./problem.ts";
import type { Store } from "./store.ts";
import type { Kind } from "./objects.ts";

type Node = { [name: string]: unknown };

/** Which member names an object of which kind. */
const named: Readonly<Record<string, Kind>> = { customer: "customer", latest_invoice: "invoice", invoice: "invoice", subscription: "subscription", product: "product", price: "price", payment_intent: "payment_intent", default_payment_method: "payment_method", refund: "refund" };
const deepest = 4;

export function expand(store: Store, thing: Node, paths: readonly string[]): void {
  for (const path of paths) {
    const parts = path.split(".");
    if (parts.length > deepest) throw wrong("expand", `You cannot expand more than 4 levels of a property: ${path}`);
    walk(store, thing, parts, path);
  }
}

function walk(store: Store, node: Node, [part, ...rest]: readonly string[], path: string): void {
  if (part === undefined) return;
  // Payments of an invoice are no part of it unless they are asked for.
  if (part === "payments" && node.object === "invoice" && node.payments === undefined) {
    const data = [...store.of("invoice_payment").values()].filter(({ invoice }) => invoice === node.id).map((one) => structuredClone(one));
    node.payments = { object: "list", data, has_more: false, url: `/v1/invoice_payments?invoice=${String(node.id)}` };
  }
  const value = node[part];
  if (value === undefined) throw wrong("expand", `This property cannot be expanded (${path}).`);
  if (value === null) return;
  if (typeof value === "string") {
    const kind = named[part];
    if (!kind) throw wrong("expand", `This property cannot be expanded (${path}).`);
    node[part] = structuredClone(store.get(kind, value));
  }
  for (const next of Array.isArray(node[part]) ? (node[part] as Node[]) : [node[part] as Node]) walk(store, next, rest, path);
}
