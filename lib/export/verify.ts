/**
 * Judges an exported file, offline and in one pass with flat memory: every line's link, the numbers, the seal, and in a JSON Lines file
 * the hash of every vault's event. Bytes are judged as they are; nothing is decoded before it is compared.
 */
import { verify as verifySignature, createPublicKey } from "node:crypto";
import { detailHash, eventHash } from "../protocol/audit.ts";
import { b64u, tryB64u, tryText } from "../protocol/bytes.ts";
import type { AuditEvent } from "../protocol/messages.ts";
import { parseCsv } from "../client/csv.ts";
import { formats, nextLink, sealMessage, settings, startLink, type Format, type Seal } from "./chain.ts";
import { csvHead, formatters, type Manifest } from "./format.ts";

export type FaultKind = "changed" | "dropped" | "added" | "moved" | "cut" | "seal" | "event" | "form";
/** `line`: the number that the line has or should have. `words` follow "Line 7 ". */
export type Fault = { readonly kind: FaultKind; readonly line: number; readonly words: string };
export type Verdict = { readonly ok: boolean; readonly faults: readonly Fault[]; /** Beyond those listed. */ readonly more: number; readonly lines: number; readonly manifest: Manifest | null; readonly seal: Seal | null };

const listed = 100;
/** A line longer than this is none of ours; the file is not read on. */
const longest = 4 * 1024 * 1024;
/** The head of a raw Ed25519 key as SubjectPublicKeyInfo (RFC 8410). */
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

/** The lines of a file, each without its "\n"; `open`: what follows the last "\n", which is nothing in a whole file. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<{ bytes: Buffer; open: boolean }> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      yield { bytes: rest.length > 0 ? Buffer.concat([rest, piece]) : Buffer.from(piece.buffer, piece.byteOffset, piece.length), open: false };
      rest = Buffer.alloc(0);
      from = at + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > longest) break;
  }
  if (rest.length > 0) yield { bytes: rest, open: true };
}

/** `whole`: without its end. `body`: up to the link. `link`: 32 bytes, or null when it is not in its place. */
type Line = { whole: Buffer; body: Buffer; link: Uint8Array<ArrayBuffer> | null; number: number };

function lineOf(raw: Buffer, format: Format): Line {
  const { mark, tail, end, number } = settings[format];
  const carriage = end === "\r\n";
  const ended = !carriage || raw.at(-1) === 13;
  const whole = carriage && ended ? raw.subarray(0, -1) : raw;
  const at = whole.length - tail.length - 43;
  const inPlace = ended && at >= mark.length && whole.subarray(at + 43).toString("latin1") === tail && whole.subarray(at - mark.length, at).toString("latin1") === mark;
  const link = inPlace ? tryB64u(whole.subarray(at, at + 43).toString("latin1"), 32) : null;
  const found = number.exec(whole.subarray(0, 64).toString("latin1"));
  return { whole, body: whole.subarray(0, Math.max(0, at)), link, number: found ? Number(found[1]) : Number.NaN };
}

/** Only the first line and the seal say what must be read; of JSON Lines every line holds a vault's event. */
const speaks = ({ whole }: Line, format: Format, first: boolean): boolean => first || format === "jsonl" || whole.includes(format === "csv" ? ",seal," : '"seal":');

/** What a line says, without its link; null when it is not of its format. */
function valueOf(line: Line, format: Format): Record<string, unknown> | null {
  const text = tryText(line.whole);
  if (text === null) return null;
  try {
    if (format !== "csv") return JSON.parse(text) as Record<string, unknown>;
    const parsed = parseCsv(text, ",");
    const cells = parsed.ok ? parsed.rows[0] : undefined;
    if (!cells || cells.length !== csvHead.length + 1) return null;
    const source = cells[csvHead.indexOf("source")];
    const more = cells[csvHead.indexOf("more")] ?? "";
    return source === "export" || source === "seal" ? { [source]: JSON.parse(more) as unknown } : {};
  } catch {
    return null;
  }
}
const memberOf = (value: Record<string, unknown> | null, format: Format, name: "export" | "seal"): unknown => (format === "ocsf" ? (value?.unmapped as Record<string, unknown> | undefined)?.[name] : value?.[name]);

function formatOf(first: Buffer): Format | null {
  const begin = first.subarray(0, 32).toString("latin1");
  if (begin.startsWith("\u00ef\u00bb\u00bfline,")) return "csv";
  if (begin.startsWith('{"line":')) return "jsonl";
  return begin.startsWith('{"metadata":') ? "ocsf" : null;
}

function signatureHolds(seal: Seal): boolean {
  const key = tryB64u(seal.key, 32);
  const signature = tryB64u(seal.signature, 64);
  if (!key || !signature) return false;
  try {
    return verifySignature(null, sealMessage(seal), createPublicKey({ key: Buffer.concat([spkiHead, key]), format: "der", type: "spki" }), signature);
  } catch {
    return false;
  }
}

const isSeal = (value: unknown): value is Seal => {
  const given = value as Partial<Seal> | null;
  return typeof given === "object" && given !== null && given.v === 1 && typeof given.export === "string" && formats.includes(given.format as Format) && Number.isSafeInteger(given.lines) && Number.isSafeInteger(given.at)
    && typeof given.link === "string" && typeof given.origin === "string" && typeof given.key === "string" && typeof given.signature === "string" && Object.keys(given).length === 9;
};

/** Whether a vault's event is what its own hash says; in JSON Lines only, where it stands as it was told. */
function eventFault(value: Record<string, unknown> | null): string | null {
  const event = value?.event as AuditEvent | null | undefined;
  if (!event) return null;
  try {
    if (b64u(eventHash(event)) !== event.hash) return "holds an event that is not what its vault's hash says";
    return event.detail && b64u(detailHash(event.detail)) !== event.detail_hash ? "holds a detail that is not what its vault's hash says" : null;
  } catch {
    return "holds an event that is none";
  }
}

/** `key`: the one that the file must be signed with, b64u; without it the verdict says which it was. */
export async function verifyExport(chunks: AsyncIterable<Uint8Array>, { key }: { key?: string } = {}): Promise<Verdict> {
  const faults: Fault[] = [];
  let more = 0;
  const blame = (kind: FaultKind, line: number, words: string) => void (faults.length < listed ? faults.push({ kind, line, words }) : (more += 1));
  const found: { manifest: Manifest | null; seal: Seal | null } = { manifest: null, seal: null };
  let format: Format | null = null;
  let exportId = "";
  // The link that the next line must follow: as stated, and as computed; they differ after a line whose own link was changed.
  let before: Before = { stated: null, computed: null };
  let expected = 1;
  let lines = 0;
  let ended = false;
  // The last line that did not fit, and what it should have followed: when the true one comes after it, it was an added one.
  let strange: { number: number; before: Before } | null = null;
  const missing = new Set<number>();

  for await (const { bytes, open } of linesOf(chunks)) {
    if (format === null) {
      format = formatOf(bytes);
      if (!format) return { ok: false, faults: [{ kind: "form", line: 1, words: "is not the beginning of an export of this console" }], more: 0, lines: 0, manifest: null, seal: null };
      if (format === "csv") {
        if (`${bytes.toString("latin1")}\n` !== Buffer.from(formatters.csv.head).toString("latin1")) blame("changed", 0, "(the names of the columns) was changed");
        continue;
      }
    }
    if (ended) {
      blame("added", expected, "was added after the seal");
      continue;
    }
    lines += 1;
    const line = lineOf(bytes, format);
    const value = speaks(line, format, lines === 1) ? valueOf(line, format) : null;
    if (lines === 1) {
      found.manifest = (memberOf(value, format, "export") as Manifest | undefined) ?? null;
      exportId = typeof found.manifest?.export === "string" ? found.manifest.export : "";
      before = { stated: startLink(exportId), computed: null };
    }
    const seal = memberOf(value, format, "seal");
    const follows = follow(before, line);
    let gap = false;
    if (strange && line.number === strange.number && follow(strange.before, line)) {
      faults.splice(faults.findLastIndex(({ kind, line: at }) => kind === "changed" && at === line.number), 1);
      blame("added", line.number, "was added before this one of the same number");
      expected = line.number;
    } else if (line.number > expected && Number.isSafeInteger(line.number)) {
      blame("dropped", expected, line.number === expected + 1 ? "is not there" : `to line ${line.number - 1} are not there`);
      gap = true;
      for (let gone = expected; gone < line.number && missing.size < 10_000; gone += 1) missing.add(gone);
      expected = line.number;
    } else if (line.number < expected) {
      blame(missing.has(line.number) ? "moved" : "added", line.number, missing.has(line.number) ? `stands after line ${expected - 1}` : `is there again after line ${expected - 1}`);
      continue;
    } else if (!follows) {
      blame("changed", expected, "was changed");
      strange = { number: expected, before };
    } else {
      const wrong = eventFault(value);
      if (wrong) blame("event", expected, wrong);
    }
    if (seal !== undefined) {
      ended = true;
      if (isSeal(seal)) {
        found.seal = seal;
        const { lines: promised, link } = seal;
        if (promised !== expected - 1) blame("cut", expected, `seals ${promised} lines, and ${expected - 1} stand above it`);
        // Where the last line is missing, its link is known from the seal alone; the seal's own line must follow it.
        const last = gap ? tryB64u(link, 32) : null;
        const sealed = [before.stated, before.computed].some((one) => one !== null && b64u(one) === link) || (last !== null && follow({ stated: last, computed: null }, line));
        if (!sealed) blame("seal", expected, "seals other lines than those above it");
        if (seal.export !== exportId || seal.format !== format) blame("seal", expected, "is the seal of another export");
        if (!signatureHolds(seal)) blame("seal", expected, "is not signed with the key that it names");
        if (key !== undefined && seal.key !== key) blame("seal", expected, "is signed with another key than the one given");
      } else blame("seal", expected, "is no seal of ours");
    }
    if (open) blame("cut", expected, "does not end as it was written");
    const computed = before.stated === null ? null : nextLink(before.stated, line.body);
    before = { stated: line.link ?? computed, computed };
    expected += 1;
  }
  if (!ended) blame("cut", expected, "and what follows is not there: the file ends without its seal");
  return { ok: faults.length === 0 && more === 0 && found.seal !== null, faults, more, lines, ...found };
}

/** What the next line must follow: the link that stands there, and the one that should. */
type Before = { stated: Uint8Array<ArrayBuffer> | null; computed: Uint8Array<ArrayBuffer> | null };
const follow = ({ stated, computed }: Before, { link, body }: Line): boolean => link !== null && [stated, computed].some((before) => before !== null && b64u(nextLink(before, body)) === b64u(link));
