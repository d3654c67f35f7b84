/**
 * Money as sheets for a PSA or a bookkeeper: one header, plain decimals with a point and the currency in a column of its own, days
 * as 2026-11-21. Text that a spreadsheet would run as a formula is neutralised; figures are figures. Pure.
 */
import { neutral } from "../client/csv.ts";
import type { SplitLine } from "./invoices.ts";
import type { LedgerLine } from "./ledger.ts";
import { decimal } from "./money.ts";
import { MOVE_WORDS } from "./move-words.ts";
import { planOf } from "./plan.ts";
import type { Section, Statement } from "./statement.ts";

/** Text from people, or a figure of ours, which may begin with a minus and stays one. */
export type Cell = { readonly text: string } | { readonly figure: string };

export const text = (value: string | null): Cell => ({ text: value ?? "" });
export const money = (value: number | null): Cell => (value === null ? { text: "" } : { figure: decimal(value) });
export const count = (value: number | null): Cell => (value === null ? { text: "" } : { figure: String(value) });

/** Throws a RangeError for a figure that is none: whatever comes from people must go as text. */
function written(cell: Cell): string {
  if ("figure" in cell) {
    if (!/^-?\d+(\.\d+)?$/.test(cell.figure)) throw new RangeError(`"${cell.figure}" is no figure`);
    return cell.figure;
  }
  const safe = neutral(cell.text);
  return /[",;\t\r\n]/.test(safe) || safe.startsWith("'") ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180 with CRLF, and the byte-order mark by which spreadsheets know UTF-8. */
export const sheet = (head: readonly string[], rows: readonly (readonly Cell[])[]): string => `\ufeff${[head.map(text), ...rows].map((row) => row.map(written).join(",")).join("\r\n")}\r\n`;

const named = ({ name, place }: { name: string; place: string | null }) => (place === null ? name : `${name} (${place})`);

export const invoiceHead = ["Invoice", "Client", "Client id", "Plan", "Description", "Quantity", "Unit price", "Net", "Tax", "Total", "Currency", "Invoice date", "Due date", "Paid date", "Status", "Period start", "Period end", "Purchase order", "PDF"] as const;

/** A row for each line of each invoice. */
export const invoiceSheet = (lines: readonly SplitLine[]): string =>
  sheet(invoiceHead, lines.map((line) => [
    text(line.number), text(named(line)), text(line.clientId), text(line.plan), text(line.description), count(line.quantity), money(line.unitAmount), money(line.lineNet), money(line.lineTax), money(line.lineNet + line.lineTax), text(line.currency),
    text(line.issuedOn), text(line.dueOn), text(line.paidOn), text(line.status), text(line.periodStart), text(line.periodEnd), text(line.purchaseOrder), text(line.pdfUrl),
  ]));

export const ledgerHead = ["Client", "Client id", "Plan", "Paid", "By", "Users", "Locked a year", "List a year", "Saved so far", "Currency", "Locked since", "Renews on", "Renews", "Tokens used", "Token limit"] as const;

export const ledgerSheet = (lines: readonly LedgerLine[]): string =>
  sheet(ledgerHead, lines.map((line) => [
    text(named(line)), text(line.clientId), text(planOf(line.plan).name), text(line.interval === "year" ? "annually" : "monthly"), text(line.collection === "card" ? "card" : "invoice, Net 60"), count(line.users),
    money(line.locked), money(line.list), money(line.saved), text(line.currency), text(line.since), text(line.renewsOn), text(line.renews ? "yes" : line.goesOn ? `no, goes on in ${line.goesOn.currency}, ${line.goesOn.interval === "year" ? "annually" : "monthly"}` : "no"), count(line.tokens?.used ?? null), count(line.tokens?.limit ?? null),
  ]));

export const statementHead = ["Payer", "Currency", "Day", "What", "Invoice", "Credit note", "Client", "Client id", "Amount", "Balance", "Due date"] as const;

/** A row for the opening, each movement and the closing of each payer and currency: amounts add up from one to the other, to the cent. */
export const statementSheet = ({ month, day, sections }: Statement): string =>
  sheet(statementHead, sections.flatMap(({ payer, currency, opening, closing, moves }) => {
    const row = (on: string, what: string, amount: number | null, balance: number, move: Section["moves"][number] | null) => [
      text(payer.name), text(currency), text(on), text(what), text(move?.number ?? null), text(move?.reference ?? null), text(move ? named(move) : null), text(move?.clientId ?? null), money(amount), money(balance), text(move?.dueOn ?? null),
    ];
    return [row(`${month}-01`, "Opening", null, opening, null), ...moves.map((move) => row(move.on, MOVE_WORDS[move.kind], move.amount, move.balance, move)), row(day, "Closing", null, closing, null)];
  }));
