/**
 * Sheets as comma-separated values (RFC 4180), as people's programs write and read them: commas, semicolons or tabs, UTF-8 or
 * UTF-16. Our own, since it is forty lines and no parser is installed. Pure, and for the browser too.
 */

/** The text of a file. Null when its bytes are neither UTF-8 nor UTF-16 with its mark: guessing would garble names. */
export function decodeSheet(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const label = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** What stands between the cells: whichever the first line holds most of, outside quotes. */
export function delimiterOf(text: string): "," | ";" | "\t" {
  const line = (/^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? "").replaceAll(/"(?:[^"]|"")*"/g, "");
  const count = (sign: string) => line.split(sign).length - 1;
  return ([";", "\t", ","] as const).reduce((best, sign) => (count(sign) > count(best) ? sign : best), ",");
}

export type Parsed = { ok: true; rows: string[][] } | { ok: false; line: number };

/**
 * Every line as its cells; empty lines are kept as one empty cell, so that the line numbers stay the file's. Not ok where a quote is
 * never closed: `line` is where it was opened.
 */
export function parseCsv(text: string, delimiter: string = delimiterOf(text)): Parsed {
  const rows: string[][] = [];
  let row: string[] = [];
  let line = 1;
  let at = text.startsWith("\ufeff") ? 1 : 0;
  for (;;) {
    let cell = "";
    if (text[at] === '"') {
      const opened = line;
      at += 1;
      for (;;) {
        if (at >= text.length) return { ok: false, line: opened };
        const sign = text[at]!;
        if (sign === '"' && text[at + 1] === '"') at += 1;
        else if (sign === '"') break;
        if (sign === "\n") line += 1;
        cell += sign;
        at += 1;
      }
      at += 1;
    }
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") cell += text[at++]!;
    row.push(cell);
    if (text[at] === delimiter) {
      at += 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (at >= text.length) break;
    at += 1;
    line += 1;
    if (at >= text.length) break;
  }
  return { ok: true, rows };
}

/** A cell that a spreadsheet would take for a formula is led by an apostrophe, so that it stays text (OWASP, CSV injection). */
export const neutral = (cell: string): string => (/^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(cell) ? `'${cell}` : cell);

const quoted = (cell: string) => (/[",;\t\r\n]/.test(cell) || cell.startsWith("'") ? `"${cell.replaceAll('"', '""')}"` : cell);

/** One line without its end. */
export const csvLine = (cells: readonly string[]): string => cells.map((cell) => quoted(neutral(cell))).join(",");
/** Lines with CRLF and a byte-order mark, which is how spreadsheets know that it is UTF-8. */
export const writeCsv = (rows: readonly (readonly string[])[]): string => `\ufeff${rows.map(csvLine).join("\r\n")}\r\n`;
