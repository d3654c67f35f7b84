/** In place of Stripe Tax: one rate per country of the payer, none where a business of the union states its number. Pure. */
const perMille: Readonly<Record<string, number>> = { CH: 81, DE: 190, AT: 200, FR: 200, NL: 210, GB: 200 };

export function taxOn(net: number, { country, exempt, taxIds }: { country: string | null; exempt: string; taxIds: readonly string[] }): { amount: number; reason: string } {
  if (exempt === "exempt") return { amount: 0, reason: "customer_exempt" };
  if (exempt === "reverse" || taxIds.includes("eu_vat")) return { amount: 0, reason: "reverse_charge" };
  const rate = country === null ? undefined : perMille[country];
  if (rate === undefined) return { amount: 0, reason: "not_collecting" };
  // Half a minor unit is rounded away from zero, line by line.
  return { amount: Math.sign(net) * Math.round((Math.abs(net) * rate) / 1_000), reason: "standard_rated" };
}
