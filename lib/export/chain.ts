/**
 * The chain of an export: every line carries its number and the running hash of all lines up to it, so that a changed, dropped, added
 * or moved line is found and named (docs/audit-exports.md). Pure, over bytes as they stand in the file.
 *
 *   link(0)   = H("clavitor/export-start/v1\n" || export id)
 *   link(n)   = H("clavitor/export-line/v1\n" || link(n - 1) || the line's bytes before its link)
 *   seal      = Ed25519 over "clavitor/export/v1\n" || JCS(seal without signature)
 */
import { b64u, concat, utf8, type Bytes } from "../protocol/bytes.ts";
import { labelBytes, labelledHash } from "../protocol/hash.ts";
import { jcsBytes } from "../protocol/jcs.ts";

export const formats = ["csv", "jsonl", "ocsf"] as const;
export type Format = (typeof formats)[number];

export const startLink = (exportId: string): Bytes => labelledHash("export-start", utf8(exportId));
/** `before`: 32 bytes. `body`: the line up to its link. */
export const nextLink = (before: Uint8Array, body: Uint8Array): Bytes => labelledHash("export-line", before, body);

/** What ends a file. `lines`: those before it, the first one (what was asked) counted. `key`, `link`: b64u of 32 bytes; `signature` of 64. */
export type Seal = { readonly v: 1; readonly export: string; readonly format: Format; readonly lines: number; readonly link: string; readonly at: number; readonly origin: string; readonly key: string; readonly signature: string };

export const sealMessage = ({ signature: _signature, ...seal }: Omit<Seal, "signature"> & { signature?: string }): Bytes => concat(labelBytes("export"), jcsBytes(seal));

/** How a format sets a line: the link stands between `mark` and `tail`, and `numberOf` reads the line's own number from its beginning. */
export type Setting = { readonly mark: string; readonly tail: string; readonly end: string; readonly number: RegExp };
export const settings: Readonly<Record<Format, Setting>> = {
  // Led by letters: a link may begin with a minus, which a spreadsheet takes for a formula.
  csv: { mark: ",h:", tail: "", end: "\r\n", number: /^(\d{1,15}),/ },
  jsonl: { mark: ',"link":"', tail: '"}', end: "\n", number: /^\{"line":(\d{1,15}),/ },
  ocsf: { mark: ',"link":"', tail: '"}}', end: "\n", number: /^\{"metadata":\{"sequence":(\d{1,15}),/ },
};

/** Makes the lines of one file, one after another. */
export class Chain {
  private link: Bytes;
  private count = 0;
  private readonly setting: Setting;
  readonly exportId: string;
  constructor(exportId: string, format: Format, resume?: { link: Uint8Array<ArrayBuffer>; count: number }) {
    this.exportId = exportId;
    this.link = resume?.link ?? startLink(exportId);
    this.count = resume?.count ?? 0;
    this.setting = settings[format];
  }
  /** The number of the line that comes next. */
  get next(): number {
    return this.count + 1;
  }
  get state(): { link: string; count: number } {
    return { link: b64u(this.link), count: this.count };
  }
  /** `open`: the line without its mark, link and tail. @returns the whole line with its end */
  add(open: string): string {
    const { mark, tail, end } = this.setting;
    const body = `${open}${mark}`;
    this.link = nextLink(this.link, utf8(body));
    this.count += 1;
    return `${body}${b64u(this.link)}${tail}${end}`;
  }
}
