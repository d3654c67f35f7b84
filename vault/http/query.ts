import { ProtocolError } from "#lib/protocol/errors.ts";

/** The members of a query; unknown ones are ignored, a known one twice is malformed (PROTOCOL 3). */
export class Query {
  readonly #members: URLSearchParams;

  constructor(raw: string) {
    this.#members = new URLSearchParams(raw);
  }

  text(name: string): string | null {
    const all = this.#members.getAll(name);
    if (all.length > 1) throw new ProtocolError("invalid", { path: name, detail: "given twice" });
    return all[0] ?? null;
  }

  /** A decimal integer from `min` to `max`, or `absent`. Never clamped. */
  number(name: string, min: number, max: number, absent: number): number {
    const text = this.text(name);
    if (text === null) return absent;
    const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new ProtocolError("invalid", { path: name, detail: `an integer from ${min} to ${max}` });
    }
    return value;
  }
}
