// Small combinators for strict checks of JSON values. They only judge: the value that went in is the value that is used and
// hashed, so nothing can be defaulted, trimmed or normalised on the way (PROTOCOL 1). zod would copy, and weigh more than
// the rest of the signing page.
import { ProtocolError } from "./errors.ts";

/**
 * Throws ProtocolError `invalid` with the JSON pointer of the first member that is not as described. `holds` says the same without
 * naming a place, where a check is made of parts that can: pages of a thousand events are right nearly always, and a pointer to each
 * of their members would cost more than to look at it.
 */
export type Check<T> = ((value: unknown, path: string) => asserts value is T) & { readonly holds?: Holds };
type Holds = (value: unknown) => boolean;

/** `judge` names the place; it is asked only where `holds` says no. */
function quick<T>(holds: Holds | undefined, judge: (value: unknown, path: string) => void): Check<T> {
  if (holds === undefined) return judge;
  const check = (value: unknown, path: string): void => {
    if (!holds(value)) judge(value, path);
  };
  return Object.assign(check, { holds });
}

/** The type that a check vouches for. */
export type Checked<C> = C extends Check<infer T> ? T : never;

export function invalid(path: string, detail: string): never {
  throw new ProtocolError("invalid", { path, detail });
}

/** A JSON pointer (RFC 6901) one member further. */
export function pointer(path: string, member: string | number): string {
  // Each member of each answer passes here, and next to none needs escaping.
  if (typeof member === "number" || !/[~/]/.test(member)) return `${path}/${member}`;
  return `${path}/${member.replace(/~/g, "~0").replace(/\//g, "~1")}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A check from a test and the words for what was expected. */
export function that<T>(test: (value: unknown) => boolean, expected: string): Check<T> {
  return quick<T>(test, (value, path) => {
    if (!test(value)) invalid(path, expected);
  });
}

export function literal<const T extends string | number | boolean | null>(...values: readonly T[]): Check<T> {
  return that<T>((value) => values.some((one) => one === value), `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`);
}

export const boolean = that<boolean>((value) => typeof value === "boolean", "true or false");
export const string = that<string>((value) => typeof value === "string", "a string");

/** An integer from `min` to `max`, both included. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Check<number> {
  return that((value) => typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max, `an integer from ${min} to ${max}`);
}

export function pattern(form: RegExp, expected: string): Check<string> {
  return that((value) => typeof value === "string" && form.test(value), expected);
}

/** What decodes to bytes and back to itself (bytes.ts): whole groups, then two or three letters whose last leaves no bit over. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** Base64url of `min` to `max` bytes. */
export function base64url(min: number, max = min): Check<string> {
  const expected = min === max ? `base64url of ${min} bytes` : `base64url of ${min} to ${max} bytes`;
  return that((value) => {
    if (typeof value !== "string" || !BASE64URL.test(value)) return false;
    const size = Math.floor((value.length * 3) / 4);
    return size >= min && size <= max;
  }, expected);
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  const { holds } = check;
  return quick<T | null>(holds && ((value) => value === null || holds(value)), (value, path) => {
    if (value !== null) run(check, value, path);
  });
}

export function list<T>(check: Check<T>, min = 0, max = Number.MAX_SAFE_INTEGER): Check<readonly T[]> {
  const { holds } = check;
  return quick<readonly T[]>(holds && ((value) => Array.isArray(value) && value.length >= min && value.length <= max && value.every(holds)), (value, path) => {
    if (!Array.isArray(value)) invalid(path, "a list");
    if (value.length < min || value.length > max) invalid(path, `a list of ${min} to ${max}`);
    value.forEach((item, i) => run(check, item, pointer(path, i)));
  });
}

type Shape = Readonly<Record<string, Check<unknown>>>;
type Members<S extends Shape> = { [K in keyof S]: Checked<S[K]> };

/**
 * An object with every member of `required`, any of `optional`, and no other. `unknown: "allowed"` is for answers that a
 * client reads, where a later vault may say more. Unknown members are named first, then the described ones in order.
 */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- the default means: no optional members
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
  unknown: "refused" | "allowed" = "refused",
): Check<Members<R> & Partial<Members<O>>> {
  const needed = Object.entries(required);
  const further = Object.entries(optional ?? {});
  const names = new Set([...needed, ...further].map(([name]) => name));
  const known = unknown === "allowed" ? () => true : (value: object) => Object.keys(value).every((name) => names.has(name));
  const quickly = [...needed, ...further].every(([, { holds }]) => holds !== undefined);
  const holds: Holds = (value) =>
    isRecord(value) && known(value) && needed.every(([name, check]) => Object.hasOwn(value, name) && check.holds!(value[name])) && further.every(([name, check]) => !Object.hasOwn(value, name) || check.holds!(value[name]));
  return quick<Members<R> & Partial<Members<O>>>(quickly ? holds : undefined, (value, path) => {
    if (!isRecord(value)) invalid(path, "an object");
    if (unknown === "refused") {
      for (const name of Object.keys(value)) if (!names.has(name)) invalid(pointer(path, name), "unknown member");
    }
    for (const [name, check] of needed) {
      if (!Object.hasOwn(value, name)) invalid(pointer(path, name), "missing");
      run(check, value[name], pointer(path, name));
    }
    for (const [name, check] of further) {
      if (Object.hasOwn(value, name)) run(check, value[name], pointer(path, name));
    }
  });
}

/** Calls a check whose type TypeScript cannot follow as an assertion (it wants an explicitly annotated name). */
export function run<T>(check: Check<T>, value: unknown, path: string): asserts value is T {
  const explicit: Check<T> = check;
  explicit(value, path);
}
