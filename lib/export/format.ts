/** What an export's lines say, per format. The first line says what was asked and what is missing, the last is the seal. Pure. */
import { csvLine } from "../client/csv.ts";
import { kindOfAction } from "../audit/kind.ts";
import type { AuditLine } from "../audit/line.ts";
import { plain } from "../audit/sentence.ts";
import type { AuditEvent } from "../protocol/messages.ts";
import type { Format, Seal } from "./chain.ts";
import { ocsfEvent, ocsfOf, type Ocsf } from "./ocsf.ts";

/** Our own records: those about the clients in it, those about no client (sign-ins, roles, keys) as well, or none. */
export type OwnRecords = "of_clients" | "of_clients_and_none" | "not_asked";
export const ownRecordsWords: Readonly<Record<OwnRecords, string>> = {
  of_clients: "our own records about what is selected; those about no client are not in it",
  of_clients_and_none: "our own records, those about no client among them",
  not_asked: "none of our own records, which were not asked for",
};

/** What the first line says. Times in epoch milliseconds. */
export type Manifest = {
  readonly v: 1;
  readonly export: string;
  readonly format: Format;
  readonly at: number;
  readonly msp: { readonly id: string; readonly name: string; readonly origin: string };
  readonly by: string;
  /** As in the bar; "" is everything. */
  readonly query: string;
  readonly since: number | null;
  readonly until: number;
  /** What is in it, and how far each vault's log is complete; null: nothing was read yet. */
  readonly vaults: readonly { readonly client: string; readonly vault: string; readonly key: string | null; readonly complete_until: number | null; readonly missing: readonly string[] }[];
  /** Which of our own records are in it; a file of an earlier release does not say. */
  readonly own_records?: OwnRecords;
  /** Clients that were asked for and are not in it, and why. */
  readonly left_out: readonly { readonly client: string; readonly plan: string; readonly why: string }[];
};
/** `raw`: the event as its vault told it, so that its hash can be checked again. */
export type ExportLine = AuditLine & { readonly raw: AuditEvent | null };

/** Control characters and line ends as they are escaped in JSON: one record is one line of the file, whatever a vault wrote. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
export const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const csvHead = ["line", "time", "received", "source", "client", "vault", "who", "who_kind", "row", "what", "kind", "action", "outcome", "reason", "target_kind", "target", "ip", "stream", "epoch", "number", "hash", "plan", "id", "more"] as const;
const iso = (at: number): string => new Date(at).toISOString();
type Cells = Partial<Record<(typeof csvHead)[number], string>>;
const row = (cells: Cells): string => csvLine(csvHead.map((name) => oneLine(cells[name] ?? "")));

export type Formatter = {
  /** Before the first line, outside of the chain; a reader expects exactly this. */
  readonly head: string;
  /** Each without its link and what follows (chain.ts). `number` of the line. */
  manifest(number: number, manifest: Manifest): string;
  event(number: number, line: ExportLine): string;
  seal(number: number, seal: Seal): string;
};

const csv: Formatter = {
  head: `\ufeff${[...csvHead, "link"].join(",")}\r\n`,
  manifest: (number, manifest) => row({ line: String(number), time: iso(manifest.at), source: "export", what: "What was asked, and what is missing", more: JSON.stringify(manifest) }),
  event: (number, line) =>
    row({
      line: String(number), time: iso(line.at), received: iso(line.receivedAt), source: line.source, client: line.client?.name ?? "", vault: line.vaultRef ?? "", who: line.actor.name ?? "", who_kind: line.actor.kind, row: line.actor.agentId === null ? "" : String(line.actor.agentId),
      what: plain(line.parts), kind: kindOfAction(line.source, line.action)?.label ?? "", action: line.action, outcome: line.outcome, reason: line.reason ?? "", target_kind: line.target?.kind ?? "", target: line.target?.id ?? "", ip: line.ip ?? "",
      stream: line.place.stream, epoch: String(line.place.epoch), number: line.place.seq === null ? "" : String(line.place.seq), hash: line.place.hash ?? "", plan: line.planId ?? "", id: line.id, more: Object.keys(line.meta).length === 0 ? "" : JSON.stringify(line.meta),
    }),
  seal: (number, seal) => row({ line: String(number), time: iso(seal.at), source: "seal", what: "Everything above, signed", more: JSON.stringify(seal) }),
};

/** An object without its closing brace. */
const open = (value: object): string => JSON.stringify(value).slice(0, -1);

const jsonl: Formatter = {
  head: "",
  manifest: (number, manifest) => open({ line: number, export: manifest }),
  event: (number, { raw, ...line }) => open({ line: number, id: line.id, time: line.at, received: line.receivedAt, source: line.source, client: line.client, vault: line.vaultRef, actor: line.actor, what: plain(line.parts), action: line.action, outcome: line.outcome, target: line.target, reason: line.reason, ip: line.ip, meta: line.meta, place: line.place, plan: line.planId, event: raw }),
  seal: (number, seal) => open({ line: number, seal }),
};

/** An OCSF event whose last member, `unmapped`, is open for the link. */
const openOcsf = (number: number, { metadata, unmapped, ...event }: Ocsf): string => JSON.stringify({ metadata: { sequence: number, ...metadata }, ...event, unmapped }).slice(0, -2);

const ocsf: Formatter = {
  head: "",
  manifest: (number, manifest) => openOcsf(number, ocsfEvent({ at: manifest.at, uid: manifest.export, message: "What was asked, and what is missing", by: manifest.by, unmapped: { export: manifest } })),
  event: (number, line) => openOcsf(number, ocsfOf(line)),
  seal: (number, seal) => openOcsf(number, ocsfEvent({ at: seal.at, uid: seal.export, message: "Everything above, signed", by: seal.origin, unmapped: { seal } })),
};

export const formatters: Readonly<Record<Format, Formatter>> = { csv, jsonl, ocsf };
export const fileEnds: Readonly<Record<Format, { end: string; type: string }>> = { csv: { end: "csv", type: "text/csv; charset=utf-8" }, jsonl: { end: "jsonl", type: "application/x-ndjson" }, ocsf: { end: "ocsf.jsonl", type: "application/x-ndjson" } };
