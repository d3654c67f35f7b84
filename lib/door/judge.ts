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
import { signingRoute, type SigningRoute } from "./signing-house.ts";

/** `signing` is set when the request is for the signing house, and says which part of it. */
export type Judged = { pass: true; signing?: SigningRoute } | { pass: false; code: FailureCode; retryAfter?: number };

export type Questions = {
  limiter: { change(key: string): Promise<Verdict>; read(key: string): Promise<Verdict>; ceremony(key: string): Promise<Verdict>; machine(key: string): Promise<Verdict> };
  databaseAnswers(): Promise<boolean>;
};

const pass: Judged = { pass: true };
const refuse = (code: FailureCode, retryAfter?: number): Judged => ({ pass: false, code, ...(retryAfter !== undefined && { retryAfter }) });

/** Nothing of ours is called by other methods; the framework answers some of them oddly. */
const methods = new Set(["GET", "HEAD", "POST"]);

/**
 * The one door that pages of others knock at: a client's own vault page brings its reply here (PROTOCOL 10.3). It takes no cookie and
 * is guarded by the reply's number and signature alone; a browser asks first whether it may (CORS).
 */
const foreignDoor = "/api/connect/reply";

/**
 * Doors of machines: the payment provider's webhook, guarded by its signature, and points of presence, by their secret. No browser knocks
 * here, no cookie is read. A webhook is larger than a form, and comes in bursts that no person makes.
 */
const isMachineDoor = (path: string) => path === "/api/stripe/webhook" || path.startsWith("/api/hq/vault/");

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
/** Doors that visitors without a session may knock at: guessing is their one use to a stranger. */
const isCeremony = (path: string) => path.startsWith("/api/auth/") || path.startsWith("/api/ceremony/") || path === "/api/glass";
const isAsset = (path: string) => path.startsWith("/_next/static/") || path === "/icon.svg" || path === "/favicon.ico";

const slowDown = (verdict: Verdict) => (verdict.allowed ? undefined : refuse("too_many", verdict.retryAfter));
/** Without a length the size could only be judged while reading; every browser names it. */
const isSmall = (headers: IncomingHttpHeaders) => Number(headers["content-length"] ?? Number.NaN) <= limits.bodyBytes;

type Asked = { method: string; path: string; headers: IncomingHttpHeaders; address: string };

export async function judge(
  request: Asked,
  origins: { APP_ORIGIN: string; SIGN_ORIGIN: string },
  questions: Questions,
): Promise<Judged> {
  const { method, path, headers } = request;
  const key = limitKey(request.address);

  const foreign = path === foreignDoor;
  if (!methods.has(method) && !(foreign && method === "OPTIONS")) return refuse("not_allowed");
  if (!isPlainPath(path)) return refuse("not_found");
  if (probes.has(path)) {
    if (changes(method)) return refuse("not_allowed");
    return slowDown(await questions.limiter.read(key)) ?? pass;
  }
  const house = houseOf(headers.host, origins);
  if (house === "signing") return judgeSigning(request, origins.SIGN_ORIGIN, questions);
  if (house === undefined) return refuse("not_found");
  if (isAsset(path)) return changes(method) ? refuse("not_allowed") : pass;

  if (isMachineDoor(path)) {
    if (changes(method) && !(Number(headers["content-length"] ?? Number.NaN) <= limits.webhookBytes)) return refuse("too_large");
    // Whoever has neither signature nor secret is slowed down as anybody is who guesses.
    const slow = slowDown(await questions.limiter.machine(key));
    return slow ?? ((await questions.databaseAnswers()) ? pass : refuse("database_unavailable", 5));
  }
  if (changes(method)) {
    if (!foreign && !isOwnOrigin(method, headers, origins.APP_ORIGIN)) return refuse("foreign_origin");
    if (!isSmall(headers)) return refuse("too_large");
    const slow = slowDown(await questions.limiter.change(key)) ?? (isCeremony(path) ? slowDown(await questions.limiter.ceremony(key)) : undefined);
    if (slow) return slow;
  } else {
    const slow = slowDown(await questions.limiter.read(key));
    if (slow) return slow;
  }
  return (await questions.databaseAnswers()) ? pass : refuse("database_unavailable", 5);
}

/**
 * The other house. Its page and files are the same for everybody and need no database, so that a person is told by the page
 * what is wrong; its doors take JSON from its own page only.
 */
async function judgeSigning({ method, path, headers, address }: Asked, origin: string, questions: Questions): Promise<Judged> {
  const signing = signingRoute(method, path);
  if (signing === undefined) return refuse("not_found");
  const key = limitKey(address);
  if (signing.kind === "asset") return { pass: true, signing };
  if (signing.kind === "page") return slowDown(await questions.limiter.read(key)) ?? { pass: true, signing };
  if (!isOwnOrigin(method, headers, origin)) return refuse("foreign_origin");
  // A form of another page cannot send this type, and needs no preflight for the others.
  if (headers["content-type"] !== "application/json") return refuse("invalid");
  if (!isSmall(headers)) return refuse("too_large");
  const slow = slowDown(await questions.limiter.change(key));
  if (slow) return slow;
  return (await questions.databaseAnswers()) ? { pass: true, signing } : refuse("database_unavailable", 5);
}
