/**
 * The signing house over HTTP: one page, its two files, its doors. Plain Node, since a framework's page carries scripts of
 * its own (DESIGN, The signing house). No cookie is read or set: whatever a caller sends as one is never looked at.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { z } from "zod";
import { isUnavailable } from "../db/trouble.ts";
import { signingPolicy, signingHeaders, type SigningDoor, type SigningRoute } from "../door/signing-house.ts";
import { silentPolicy } from "../door/headers.ts";
import { failure, problem, Refusal, type Failure } from "../errors.ts";
import { errorId } from "../id.ts";
import { limits } from "../limits.ts";
import type { Log } from "../log.ts";
import { confirmClients, confirmShape } from "./confirm.ts";
import { declineShape, declineWindow } from "./decline.ts";
import { endorseInboxKeys, endorseShape } from "./endorse.ts";
import { enrolShape, enrolSigningKey } from "./enrol.ts";
import { tradeShape, tradeTicket, type ApproveOffering } from "./trade.ts";
import type { Visitor } from "./window.ts";

/** Compressed once, ahead: these bytes are the same for everybody. Answers that hold a secret are never compressed (BREACH). */
type Served = { type: string; body: Buffer; gzip: Buffer };
const served = (type: string, body: Buffer): Served => ({ type, body, gzip: gzipSync(body, { level: 9 }) });
/** What signing/build.ts made, read once: what is served cannot change under a running process. */
export type SigningPage = { html: Buffer; files: ReadonlyMap<string, Served>; policy: string; version: string };

export function loadSigningPage(folder: string, icon: string, { APP_ORIGIN, SIGN_ORIGIN }: { APP_ORIGIN: string; SIGN_ORIGIN: string }): SigningPage {
  const file = (name: string) => readFileSync(join(folder, name));
  const { version, script, style } = JSON.parse(file("manifest.json").toString()) as { version: string; script: string; style: string };
  const html = file("page.html").toString().replaceAll("%CONSOLE_ORIGIN%", APP_ORIGIN);
  const files = new Map<string, Served>([
    [script, served("text/javascript; charset=utf-8", file(script))],
    [style, served("text/css; charset=utf-8", file(style))],
    ["icon.svg", served("image/svg+xml", readFileSync(icon))],
  ]);
  return { html: Buffer.from(html), files, policy: signingPolicy(SIGN_ORIGIN, { script, style }), version };
}

/** A door: what it takes, and the verb behind it. */
export type Door = (body: unknown, visitor: Visitor) => Promise<object>;
export const door = <Shape extends z.ZodType>(shape: Shape, verb: (given: z.output<Shape>, visitor: Visitor) => Promise<object>): Door => (body, visitor) => {
  const parsed = shape.safeParse(body);
  if (!parsed.success) throw new Refusal("invalid", { cause: parsed.error });
  return verb(parsed.data, visitor);
};
/** Doors of later nouns, handed in by whoever opens the house (lib/approval/house.ts): imports run one way. */
export type LaterDoors = { offering: ApproveOffering; doors: Readonly<Record<Exclude<SigningDoor, "trade" | "enrol" | "endorse" | "confirm" | "decline">, Door>> };

const doorsWith = ({ offering, doors: later }: LaterDoors): Readonly<Record<SigningDoor, Door>> => ({
  ...later,
  trade: door(tradeShape, (given, visitor) => tradeTicket(given, visitor, undefined, undefined, offering)),
  enrol: door(enrolShape, (given, visitor) => enrolSigningKey(given, visitor)),
  endorse: door(endorseShape, (given, visitor) => endorseInboxKeys(given, visitor)),
  confirm: door(confirmShape, (given, visitor) => confirmClients(given, visitor)),
  decline: door(declineShape, (given, visitor) => declineWindow(given, visitor)),
});

/** At most limits.bodyBytes; the declared length was judged at the door, this counts what comes. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limits.bodyBytes) throw new Refusal("too_large");
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts)));
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
}

export type Asking = { request: IncomingMessage; response: ServerResponse; route: SigningRoute; visitor: Visitor };

export function createSigningHouse(page: SigningPage, log: Log, later: LaterDoors): (given: Asking) => Promise<void> {
  const doors = doorsWith(later);
  const send = (given: Asking, status: number, headers: Record<string, string>, body: Buffer) => {
    given.response.writeHead(status, { ...signingHeaders, ...headers, "Content-Length": body.length });
    given.response.end(given.request.method === "HEAD" ? undefined : body);
  };
  const sendJson = (given: Asking, status: number, type: string, value: object) => send(given, status, { "Content-Type": type, "Cache-Control": "no-store", "Content-Security-Policy": silentPolicy }, Buffer.from(JSON.stringify(value)));

  /** Every failure in its one wording; what is unknown gets a number that is in the log. */
  const worded = (error: unknown, visitor: Visitor): Failure => {
    if (error instanceof Refusal) {
      if (error.failure.status >= 500) log.error({ err: error.cause ?? error, failure: error.failure.code, request: visitor.requestId }, "refused");
      return error.failure;
    }
    if (isUnavailable(error)) return failure("database_unavailable");
    const id = errorId();
    log.error({ err: error, id, request: visitor.requestId }, "unexpected");
    return failure("unexpected", { id });
  };

  return async (given) => {
    const { request, route, visitor } = given;
    if (route.kind === "page") return send(given, 200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": page.policy }, page.html);
    if (route.kind === "asset") {
      const found = page.files.get(route.name);
      if (!found) return sendJson(given, 404, "application/problem+json", problem(failure("not_found")));
      const packed = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
      const headers = { "Content-Type": found.type, "Cache-Control": "public, max-age=31536000, immutable", "Content-Security-Policy": silentPolicy, Vary: "Accept-Encoding", ...(packed && { "Content-Encoding": "gzip" }) };
      return send(given, 200, headers, packed ? found.gzip : found.body);
    }
    try {
      sendJson(given, 200, "application/json", await doors[route.door](await readBody(request), visitor));
    } catch (error) {
      const words = worded(error, visitor);
      sendJson(given, words.status, "application/problem+json", problem(words));
    }
  };
}
