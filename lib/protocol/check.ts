// Small combinators for strict checks of JSON values. They only judge: the value that went in is the value that is used and
// hashed, so nothing can be defaulted, trimmed or normalised on the way (PROTOCOL 1). zod would copy, and weigh more than
// the rest of the signing page.
import { tryB64u } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";

/** Throws ProtocolError `invalid` with the JSON pointer of the first member that is not as described. */
export type Check<T> = (value: unknown, path: string) => asserts value is T;

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
  return (value, path): asserts value is T => {
    if (!test(value)) invalid(path, expected);
  };
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

/** Base64url of `min` to `max` bytes. */
export function base64url(min: number, max = min): Check<string> {
  const expected = min === max ? `base64url of ${min} bytes` : `base64url of ${min} to ${max} bytes`;
  return that((value) => {
    const size = typeof value === "string" ? (tryB64u(value)?.length ?? -1) : -1;
    return size >= min && size <= max;
  }, expected);
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, path): asserts value is T | null => {
    if (value !== null) run(check, value, path);
  };
}

export function list<T>(check: Check<T>, min = 0, max = Number.MAX_SAFE_INTEGER): Check<readonly T[]> {
  return (value, path): asserts value is readonly T[] => {
    if (!Array.isArray(value)) invalid(path, "a list");
    if (value.length < min || value.length > max) invalid(path, `a list of ${min} to ${max}`);
    value.forEach((item, i) => run(check, item, pointer(path, i)));
  };
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
  return (value, path): asserts value is Members<R> & Partial<Members<O>> => {
    if (!isRecord(value)) invalid(path, "an object");
    if (unknown === "refused") {
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(required, name) && !(optional && Object.hasOwn(optional, name))) invalid(pointer(path, name), "unknown member");
      }
    }
    for (const [name, check] of Object.entries(required)) {
      if (!Object.hasOwn(value, name)) invalid(pointer(path, name), "missing");
      run(check, value[name], pointer(path, name));
    }
    for (const [name, check] of Object.entries(optional ?? {})) {
      if (Object.hasOwn(value, name)) run(check, value[name], pointer(path, name));
    }
  };
}

/** Calls a check whose type TypeScript cannot follow as an assertion (it wants an explicitly annotated name). */
export function run<T>(check: Check<T>, value: unknown, path: string): asserts value is T {
  const explicit: Check<T> = check;
  explicit(value, path);
}
