import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSheet, delimiterOf, neutral, parseCsv, writeCsv } from "./csv.ts";

const cell = fc.string({ unit: "grapheme", maxLength: 12 });
const special = fc.constantFrom("=1+1", "+44", "-x", "@y", "\t", '"', '""', ",", ";", "\r\n", "a\nb", "'", "", "Zoë, \"the\" baker");
const rows = fc.array(fc.array(fc.oneof(cell, special), { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });
const cells = (text: string) => {
  const parsed = parseCsv(text);
  if (!parsed.ok) throw new Error(`line ${parsed.line}`);
  return parsed.rows;
};

describe("reading", () => {
  test("what was written is read again, cell by cell, but for the apostrophe that keeps formulas away", () =>
    fc.assert(fc.property(rows, (given) => {
      const read = parseCsv(writeCsv(given), ",");
      expect(read).toEqual({ ok: true, rows: given.map((row) => row.map(neutral)) });
    })));
  test("any text is read or refused, never thrown at, and no character is made up", () =>
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", '"', ",", ";", "\n", "\r", "\t"), maxLength: 60 }), (text) => {
      const read = parseCsv(text);
      return read.ok ? read.rows.flat().join("").length <= text.length : read.line > 0;
    })));
  test("commas, semicolons and tabs are told apart by the first line, outside quotes", () => {
    expect(delimiterOf("name,plan\n1;2;3;4")).toBe(",");
    expect(delimiterOf("name;plan\r\na,b;c")).toBe(";");
    expect(delimiterOf('"a,b,c,d";plan')).toBe(";");
    expect(delimiterOf("name\tplan\tx")).toBe("\t");
    expect(delimiterOf("name")).toBe(",");
  });
  test("quotes hold delimiters, quotes and line ends; lines end in any of three ways; the last needs none", () => {
    expect(cells('a,"b,""c""\r\nd"\r\ne,f\ng,h')).toEqual([["a", 'b,"c"\r\nd'], ["e", "f"], ["g", "h"]]);
    expect(cells("a,b\n")).toEqual([["a", "b"]]);
    expect(cells("a,\n,b")).toEqual([["a", ""], ["", "b"]]);
    expect(cells("a\n\nb")).toEqual([["a"], [""], ["b"]]);
    expect(cells("\ufeffa,b")).toEqual([["a", "b"]]);
  });
  test("a quotation mark that is never closed is named with its line", () => expect(parseCsv('a,b\nc,"d\ne')).toEqual({ ok: false, line: 2 }));
  test("UTF-8 and UTF-16 are read, with or without their mark; what is neither is refused rather than garbled", () => {
    const text = "name;plan\nZoë’s Bäckerei;Team 10";
    const utf16 = (big: boolean) => Uint8Array.from([0xff, 0xfe, ...[...text].flatMap((sign) => [sign.charCodeAt(0) & 0xff, sign.charCodeAt(0) >> 8])]).map((byte, at, all) => (big ? all[at ^ 1]! : byte));
    expect(decodeSheet(new TextEncoder().encode(text))).toBe(text);
    expect(decodeSheet(new TextEncoder().encode(`\ufeff${text}`))).toBe(text);
    expect(decodeSheet(utf16(false))).toBe(text);
    expect(decodeSheet(utf16(true))).toBe(text);
    expect(decodeSheet(Uint8Array.from([0x4e, 0xe4, 0x6d, 0x65]))).toBeNull();
  });
});

describe("writing", () => {
  test("no cell is ever taken for a formula by a spreadsheet", () =>
    fc.assert(fc.property(fc.oneof(cell, special), (given) => !/^[=+\-@\t\r\n]/.test(neutral(given)))));
  test("the lead apostrophe stands inside quotes, so that it survives", () => expect(writeCsv([["=1+1", "x"]])).toBe('\ufeff"\'=1+1",x\r\n'));
});
