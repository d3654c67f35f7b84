/** What shall go wrong, and when: rules as data, for a constructor in a test or as JSON through the control door. Pure. */
import { integer, isRecord, list, literal, nullable, object, pointer, run, string, that, type Check } from "../../lib/protocol/check.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";

/** Longest pause that a rule may ask for: an hour. Milliseconds. */
const MAX_MS = 3_600_000;

export type Fault =
  /** Waits, then passes on. */
  | { kind: "delay"; ms: number }
  /** Takes the request, passes nothing on and never answers. */
  | { kind: "hang" }
  /** Passes on, answers so many bytes of the body, then resets the connection. */
  | { kind: "reset"; after: number }
  /** Passes on and lets the vault answer, then resets the connection without a word. */
  | { kind: "lose" }
  /** Passes the same bytes on twice, one after the other, and gives the second answer. */
  | { kind: "duplicate" }
  /** Answers by itself, as a load balancer does. `retry_after` is sent as it stands, however absurd. */
  | { kind: "status"; status: number; retry_after: string | null }
  /** Answers bytes that are no HTTP, or HTTP whose JSON breaks off. */
  | { kind: "garbage"; what: "bytes" | "json" }
  /** Passes on and answers drop by drop. */
  | { kind: "slow"; bytes: number; every_ms: number }
  /**
   * The man in the middle, who has no vault's key: another body under the old signature; another body under a key of his own;
   * no signature; or the answer to an earlier request of the same method and path.
   */
  | { kind: "alter"; how: "body" | "resign" | "strip" | "replay" };

export interface Rule {
  /** Which requests; absent members match all. `path` is a regular expression over path and query. */
  match: { method?: string; path?: string };
  /** How many matching requests pass unharmed first. */
  skip: number;
  /** How many requests it then harms; null = all. */
  times: number | null;
  fault: Fault;
}

const milliseconds = integer(0, MAX_MS);
/** 1xx is no answer; 3xx is one that a client here must not follow. */
const status = integer(200, 599);
/** What can stand in a header at all. */
const headerText = that<string>((value) => typeof value === "string" && /^[\x20-\x7e]{0,200}$/.test(value), "printable ASCII");

const FAULTS: { readonly [K in Fault["kind"]]: Check<unknown> } = {
  delay: object({ kind: literal("delay"), ms: milliseconds }),
  hang: object({ kind: literal("hang") }),
  reset: object({ kind: literal("reset"), after: integer(0, 1_048_576) }),
  lose: object({ kind: literal("lose") }),
  duplicate: object({ kind: literal("duplicate") }),
  status: object({ kind: literal("status"), status, retry_after: nullable(headerText) }),
  garbage: object({ kind: literal("garbage"), what: literal("bytes", "json") }),
  slow: object({ kind: literal("slow"), bytes: integer(1, 65_536), every_ms: milliseconds }),
  alter: object({ kind: literal("alter"), how: literal("body", "resign", "strip", "replay") }),
};

const checkFault: Check<Fault> = (value, path): asserts value is Fault => {
  const kind: unknown = isRecord(value) ? value["kind"] : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(FAULTS, kind)) throw new ProtocolError("invalid", { path: pointer(path, "kind"), detail: Object.keys(FAULTS).join(", ") });
  run(FAULTS[kind as Fault["kind"]], value, path);
};

const expression = that<string>((value) => {
  if (typeof value !== "string" || value.length > 500) return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}, "a regular expression");

const checkRules: Check<readonly Rule[]> = list(object({ match: object({}, { method: string, path: expression }), skip: integer(0), times: nullable(integer(1)), fault: checkFault }), 0, 100);

/** Rules from JSON; `match`, `skip` and `times` may be left out (all, 0, all). Throws ProtocolError `invalid` with a pointer. */
export function parseRules(value: unknown): readonly Rule[] {
  const whole = Array.isArray(value) ? value.map((rule: unknown) => (isRecord(rule) ? { match: {}, skip: 0, times: null, ...rule } : rule)) : value;
  run(checkRules, whole, "");
  return whole;
}

/** Rules at work: counts what each has seen. */
export class RuleBook {
  #rules: { rule: Rule; path: RegExp | null; seen: number }[] = [];

  constructor(rules: readonly Rule[] = []) {
    this.replace(rules);
  }

  /** All counts begin anew. */
  replace(rules: readonly Rule[]): void {
    this.#rules = rules.map((rule) => ({ rule, path: rule.match.path === undefined ? null : new RegExp(rule.match.path), seen: 0 }));
  }

  rules(): readonly (Rule & { seen: number })[] {
    return this.#rules.map(({ rule, seen }) => ({ ...rule, seen }));
  }

  /** The fault for this request, from the first rule that has one for it; every rule that matches up to there counts it. */
  faultFor(method: string, path: string): Fault | null {
    for (const entry of this.#rules) {
      const { match, skip, times, fault } = entry.rule;
      if (match.method !== undefined && match.method !== method) continue;
      if (entry.path !== null && !entry.path.test(path)) continue;
      entry.seen++;
      if (entry.seen > skip && (times === null || entry.seen <= skip + times)) return fault;
    }
    return null;
  }
}

export const CERTIFICATES = ["trusted", "unknown", "wrong-name", "expired"] as const;
export type CertificateKind = (typeof CERTIFICATES)[number];
export const checkCertificateChoice = object({ certificate: literal(...CERTIFICATES) });
