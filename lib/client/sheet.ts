/** A sheet of clients: which column is what, and what is to be said of each row. Pure. */
import { planIds, planOf } from "../billing/plan.ts";
import type { JudgedAddress } from "../vault/address.ts";
import { parseCsv } from "./csv.ts";
import { clientShape, nameKey, tidy, type ClientInput } from "./shape.ts";

export const columns = ["name", "aliases", "tags", "region", "contactName", "contactPhone", "contactMail", "plan", "address"] as const;
export type Column = (typeof columns)[number];
export type Cells = Record<Column, string>;

const heads: Readonly<Record<string, Column>> = {
  name: "name", client: "name", company: "name", "other names": "aliases", aliases: "aliases", alias: "aliases", place: "aliases", town: "aliases", tags: "tags", tag: "tags", region: "region",
  contact: "contactName", "contact name": "contactName", phone: "contactPhone", telephone: "contactPhone", "contact phone": "contactPhone", mail: "contactMail", email: "contactMail", "e-mail": "contactMail", "contact mail": "contactMail",
  plan: "plan", address: "address", vault: "address", "vault address": "address", url: "address",
};
/** The head of the sheet that we offer as an example. */
export const exampleHead = ["name", "other names", "tags", "region", "contact", "phone", "mail", "plan", "address"] as const;

export type SheetRow = { position: number; cells: Cells };
export type ReadSheet = { ok: true; rows: SheetRow[]; ignored: string[] } | { ok: false; words: string };

const bad = (words: string): ReadSheet => ({ ok: false, words });
const blank = (): Cells => ({ name: "", aliases: "", tags: "", region: "", contactName: "", contactPhone: "", contactMail: "", plan: "", address: "" });

/** Our own downloads come back with the apostrophe that keeps formulas away (csv.ts). */
const plain = (cell: string) => tidy(/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

/** @param most rows that are taken; more is refused whole, since half a sheet is worse than none */
export function readSheet(text: string, most: number): ReadSheet {
  const parsed = parseCsv(text);
  if (!parsed.ok) return bad(`In line ${parsed.line} a quotation mark is opened and never closed.`);
  const [head = [], ...lines] = parsed.rows;
  const named = head.map((title) => heads[tidy(title).toLowerCase()]);
  const twice = named.find((column, at) => column !== undefined && named.indexOf(column) !== at);
  if (twice) return bad(`Two columns mean the same: ${head.filter((_, at) => named[at] === twice).join(" and ")}.`);
  if (!named.includes("name") || !named.includes("address")) return bad("The first line must name the columns; name and address must be among them.");
  const rows = lines.flatMap((line, index): SheetRow[] => {
    const cells = blank();
    named.forEach((column, at) => {
      if (column) cells[column] = plain(line[at] ?? "");
    });
    return Object.values(cells).every((cell) => cell === "") ? [] : [{ position: index + 2, cells }];
  });
  if (rows.length === 0) return bad("There is no client below the first line.");
  if (rows.length > most) return bad(`It holds ${rows.length.toLocaleString("en")} clients; at most ${most.toLocaleString("en")} are taken at once. Bring it in parts.`);
  return { ok: true, rows, ignored: head.filter((title, at) => named[at] === undefined && tidy(title) !== "") };
}

/** "Team 10", "team-10" and "T10" are one plan. Empty stays empty: it is then asked for. */
export function planOfCell(cell: string): string | null {
  const wanted = cell.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return planIds.find((id) => [id, planOf(id).name, planOf(id).code].some((one) => one.toLowerCase().replaceAll(/[^a-z0-9]/g, "") === wanted)) ?? null;
}

export const verdicts = ["new", "same_name", "same_address", "twice", "wrong_address", "unknown_plan", "wrong"] as const;
export type Verdict = { kind: "new"; input: ClientInput; address: string } | { kind: Exclude<(typeof verdicts)[number], "new">; words: string };

export type Known = {
  /** Clients that are here, not ended. */
  clients: readonly { name: string; aliases: readonly string[] }[];
  /** Address of a vault to the name of its client. */
  addresses: ReadonlyMap<string, string>;
};

const no = (kind: Exclude<(typeof verdicts)[number], "new">, words: string): Verdict => ({ kind, words });

function judgeCells(cells: Cells, judgeAddress: (text: string) => JudgedAddress): Verdict {
  const plan = planOfCell(cells.plan);
  if (plan === null) return no("unknown_plan", cells.plan === "" ? "No plan is written." : `“${cells.plan}” is no plan.`);
  const parsed = clientShape.safeParse({ ...cells, plan });
  if (!parsed.success) return no("wrong", parsed.error.issues.map(({ message }) => message)[0] ?? "Part of it cannot be read.");
  const address = judgeAddress(cells.address);
  return address.ok ? { kind: "new", input: parsed.data, address: address.url } : no("wrong_address", address.words);
}

/** One verdict per row, in order. Whatever stands twice in the sheet is refused at its second place. */
export function judgeSheet(rows: readonly SheetRow[], known: Known, judgeAddress: (text: string) => JudgedAddress): Verdict[] {
  const addresses = new Map<string, number>();
  const names = new Map<string, { aliases: Set<string>; position: number }[]>();
  const here = new Map<string, Set<string>[]>();
  for (const { name, aliases } of known.clients) here.set(nameKey(name), [...(here.get(nameKey(name)) ?? []), new Set(aliases.map(nameKey))]);
  /** Whether nothing in `aliases` tells it from one whose aliases these are (create.ts, isSameClient). */
  const isSame = (aliases: readonly string[], theirs: ReadonlySet<string>) => aliases.every((alias) => theirs.has(nameKey(alias)));
  return rows.map(({ cells, position }) => {
    const judged = judgeCells(cells, judgeAddress);
    if (judged.kind !== "new") return judged;
    const { input, address } = judged;
    const holder = known.addresses.get(address);
    if (holder !== undefined) return no("same_address", `This is the vault of ${holder}.`);
    const key = nameKey(input.name);
    if ((here.get(key) ?? []).some((theirs) => isSame(input.aliases, theirs))) return no("same_name", "A client of this name is here. If it is another one, write under other names what tells the two apart.");
    const line = addresses.get(address) ?? names.get(key)?.find(({ aliases }) => isSame(input.aliases, aliases))?.position;
    if (line !== undefined) return no("twice", `It stands in line ${line} already.`);
    addresses.set(address, position);
    names.set(key, [...(names.get(key) ?? []), { aliases: new Set(input.aliases.map(nameKey)), position }]);
    return judged;
  });
}
