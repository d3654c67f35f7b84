/**
 * What is decided of a request before any of our pages sees it, in order: which house, whose origin, how large, how often,
 * does the database answer. Pure but for the two questions it is handed.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { FailureCode } from "../errors.ts";
import { limits } from "../limits.ts";
import { limitKey } from "./address.ts";
import { houseOf } from "./house.ts";
import type { Verdict } from "./limiter.ts";
import { changes, isOwnOrigin } from "./origin.ts";

export type Judged = { pass: true } | { pass: false; code: FailureCode; retryAfter?: number };

export type Questions = {
  limiter: { change(key: string): Promise<Verdict>; read(key: string): Promise<Verdict> };
  databaseAnswers(): Promise<boolean>;
};

const pass: Judged = { pass: true };
const refuse = (code: FailureCode, retryAfter?: number): Judged => ({ pass: false, code, ...(retryAfter !== undefined && { retryAfter }) });

/** Nothing of ours is called by other methods; the framework answers some of them oddly. */
const methods = new Set(["GET", "HEAD", "POST"]);

/**
 * A path as a browser sends it. Dots, empty segments and whole addresses are resolved by the framework behind us, so what is
 * judged here would not be what is served there.
 */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || path.includes("//") || path.includes("\\")) return false;
  const parsed = URL.parse(path, "http://localhost");
  return parsed?.pathname === path && !/%(2e|2f|5c)/i.test(path);
}

/** Probes ask by address and port, whatever the Host; they show no tenant's data and change nothing. */
const probes = new Set(["/api/health", "/api/ready"]);
const isAsset = (path: string) => path.startsWith("/_next/static/") || path === "/icon.svg";

export async function judge(
  request: { method: string; path: string; headers: IncomingHttpHeaders; address: string },
  origins: { APP_ORIGIN: string; SIGN_ORIGIN: string },
  questions: Questions,
): Promise<Judged> {
  const { method, path, headers } = request;
  const key = limitKey(request.address);
  const slowDown = (verdict: Verdict) => (verdict.allowed ? undefined : refuse("too_many", verdict.retryAfter));

  if (!methods.has(method)) return refuse("not_allowed");
  if (!isPlainPath(path)) return refuse("not_found");
  if (probes.has(path)) {
    if (changes(method)) return refuse("not_allowed");
    return slowDown(await questions.limiter.read(key)) ?? pass;
  }
  // The signing origin has no page yet; it answers nothing but this.
  if (houseOf(headers.host, origins) !== "console") return refuse("not_found");
  if (isAsset(path)) return changes(method) ? refuse("not_allowed") : pass;

  if (changes(method)) {
    if (!isOwnOrigin(method, headers, origins.APP_ORIGIN)) return refuse("foreign_origin");
    const length = Number(headers["content-length"] ?? Number.NaN);
    // Without a length the size could only be judged while reading; every browser names it.
    if (!(length <= limits.bodyBytes)) return refuse("too_large");
    const slow = slowDown(await questions.limiter.change(key));
    if (slow) return slow;
  } else {
    const slow = slowDown(await questions.limiter.read(key));
    if (slow) return slow;
  }
  return (await questions.databaseAnswers()) ? pass : refuse("database_unavailable", 5);
}
