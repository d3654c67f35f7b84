"use client";
import { Check } from "lucide-react";
import { Code } from "#components/ui/badge.tsx";
import { Money } from "#components/ui/money.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { features, type Family, type Limit, type Plan } from "#lib/billing/plan.ts";
import type { Currency, Price } from "#lib/billing/price-list.ts";

/** A plan with its price of one list; `currency` is the one shown. */
export type PlanRow = Plan & { readonly price: Price };

const LIMIT: Record<Exclude<Limit, number>, string> = { unlimited: "unlimited", unnamed: "–" };
const limitText = (limit: Limit) => (typeof limit === "number" ? limit.toLocaleString("en") : LIMIT[limit]);

function Amount({ minor, currency, per }: { minor: number | undefined; currency: Currency; per?: string }) {
  if (minor === undefined) return <span className="text-text-3">not published</span>;
  if (minor === 0) return <span className="text-text-3">free</span>;
  return <><Money of={{ minor, currency }} minorUnits="whenNeeded" />{per ? <span className="text-text-3"> {per}</span> : null}</>;
}

const vaultsText = (plan: Plan) => (plan.vaults === "per user" ? `from ${((plan.usersFrom ?? 0) + 1).toLocaleString("en")}` : limitText(plan.vaults));
const tokensText = (plan: Plan) => (plan.counts === "agents" && typeof plan.tokens === "number" ? `${plan.tokens} + owner` : limitText(plan.tokens));

/** The price list: what each plan holds and costs. The same data decides what fits (lib/billing). */
export function PlanTable({ plans, currency }: { plans: readonly PlanRow[]; currency: Currency }) {
  const size = (limit: Limit) => (typeof limit === "number" ? limit : Number.MAX_SAFE_INTEGER);
  const columns: Column<PlanRow>[] = [
    { id: "plan", header: "Plan", cell: (row) => <span className="flex items-center gap-2.5"><span className="font-medium">{row.name}</span>{row.code === row.name ? null : <span className="max-thumb:hidden" aria-hidden><Code>{row.code}</Code></span>}</span> },
    { id: "vaults", header: "Vaults", align: "end", cell: vaultsText, value: (row) => (row.vaults === "per user" ? (row.usersFrom ?? 0) + 1 : size(row.vaults)), hideBelow: "thumb" },
    { id: "tokens", header: "Tokens in a vault", align: "end", cell: tokensText, value: (row) => size(row.tokens) },
    { id: "devices", header: "Devices", align: "end", cell: (row) => limitText(row.devices), value: (row) => size(row.devices), hideBelow: "thumb" },
    { id: "year", header: "A year", align: "end", cell: (row) => <Amount minor={row.price.annual[currency]} currency={currency} {...(row.usersFrom !== null && { per: "a user" })} />, value: (row) => row.price.annual[currency] ?? null },
    { id: "month", header: "A month", align: "end", cell: (row) => (row.price.monthly === null ? <span className="text-text-3">{row.family === "self-hosted" ? "–" : "annual only"}</span> : <Amount minor={row.price.monthly[currency]} currency={currency} />), value: (row) => row.price.monthly?.[currency] ?? null, hideBelow: "rail" },
  ];
  return <Table label="Plans, from the smallest to the largest" columns={columns} rows={plans} rowId={(row) => row.id} loading={false} error={null} empty={<Empty title="No plan is published">There is no price list in force.</Empty>} />;
}

const FAMILIES: readonly { family: Family; name: string }[] = [
  { family: "self-hosted", name: "Self-hosted" },
  { family: "individual", name: "Personal to Pro" },
  { family: "team", name: "Team" },
  { family: "mme", name: "MME" },
  { family: "enterprise", name: "Enterprise" },
];

/** Which plan brings what. */
export function FeatureTable() {
  const columns: Column<(typeof features)[number]>[] = [
    { id: "name", header: "Feature", width: "40%", cell: (row) => <span className="block max-thumb:py-1.5">{row.name}<span className="hidden text-12 text-text-3 max-thumb:block">{row.families.length === FAMILIES.length ? "every plan" : FAMILIES.filter(({ family }) => row.families.includes(family)).map(({ name }) => name).join(", ")}</span></span> },
    ...FAMILIES.map(({ family, name }): Column<(typeof features)[number]> => ({
      id: family, header: name, hideBelow: "thumb",
      cell: (row) => (row.families.includes(family) ? <><Check className="size-4 text-text" strokeWidth={1.75} aria-hidden /><span className="sr-only">yes</span></> : <><span className="text-text-3" aria-hidden>–</span><span className="sr-only">no</span></>),
    })),
  ];
  return <Table label="Features by plan" columns={columns} rows={features} rowId={(row) => row.id} loading={false} error={null} empty={<Empty title="Nothing is listed">There is no price list in force.</Empty>} />;
}
