/**
 * The sandbox over HTTP: the API under /v1 with keys, idempotency and errors as Stripe has them, the hosted pages, and under
 * /_sandbox what a test may ask for (docs/stripe.md).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Faults } from "./faults.ts";
import { decodeForm } from "./form.ts";
import { hosted } from "./pages.ts";
import { Problem } from "./problem.ts";
import { answer } from "./routes.ts";
import { drawn, Store } from "./store.ts";
import { run } from "./time.ts";
import { Webhooks } from "./webhooks.ts";
import { apiVersion, shown, type World } from "./world.ts";

export type Options = {
  /** Secret key that callers must show. */
  readonly key: string;
  readonly webhook?: { url: string; secret: string };
  readonly file?: string;
  readonly port?: number;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** Whether real time works on objects without a test clock. */
  readonly ticks?: boolean;
};

type Kept = { call: string; body: string; status: number; answer: string } | { call: string; body: string; underway: true };
const bodyBytes = 1_000_000;
/** Stripe keeps them for at least a day; so many are kept here. */
const keptKeys = 50_000;

const faultShape = z.object({ match: z.string(), answer: z.union([z.number().int(), z.literal("drop")]).optional(), after: z.boolean().optional(), delayMs: z.number().optional(), times: z.number().int().optional() });
const webhookShape = z.object({ hold: z.literal(true).optional(), release: z.enum(["as it happened", "reversed", "shuffled"]).optional(), copies: z.number().int().min(1).max(5).optional() });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyBytes) throw new Problem(413, "Request body too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

export class StripeSandbox {
  readonly store: Store;
  readonly world: World;
  readonly webhooks: Webhooks;
  readonly faults = new Faults();
  /** Calls of the API that were answered, oldest first: "POST /v1/customers". */
  readonly calls: string[] = [];
  readonly #late = new Set<Promise<void>>();
  readonly #options: Options;
  readonly #keys = new Map<string, Kept>();
  readonly #server: Server;
  #ticker: NodeJS.Timeout | undefined;
  /** A moment that stands in for real time; null: real time. */
  #standing: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.store = new Store(options.file);
    const now = options.now ?? Date.now;
    this.webhooks = new Webhooks(options.webhook, (event) => {
      event.pending_webhooks = 0;
      this.store.put(event);
    });
    this.world = { store: this.store, origin: "", real: () => this.#standing ?? Math.floor(now() / 1_000), tell: (event) => this.webhooks.send(event), request: { id: null, key: null } };
    if (![...this.store.of("billing_portal.configuration").values()].some(({ is_default }) => is_default)) {
      const off = { enabled: false };
      this.store.put({ id: `bpc_${drawn()}`, object: "billing_portal.configuration", created: this.world.real(), livemode: false, metadata: {}, test_clock: null, active: true, is_default: true, updated: this.world.real(), features: { customer_update: off, invoice_history: { enabled: true }, payment_method_update: { enabled: true }, subscription_cancel: off, subscription_update: { enabled: true } } });
    }
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => void this.#server.listen(this.#options.port ?? 0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    (this.world as { origin: string }).origin = `http://localhost:${port}`;
    // What was said and not heard before a restart is said again.
    for (const event of this.store.of("event").values()) if (event.pending_webhooks > 0) this.webhooks.send(event);
    if (this.#options.ticks ?? true) this.#ticker = setInterval(() => this.tick(), 1_000);
    return port;
  }

  /** Real time works on what has no test clock, and on clocks that follow it. */
  tick(): void {
    const now = this.world.real();
    run(this.world, null, now, () => undefined);
    for (const clock of this.store.of("test_helpers.test_clock").values()) {
      if (!clock.inner_follows || clock.frozen_time >= now || now - clock.frozen_time > 86_400) continue;
      run(this.world, clock.id, now, (at) => void (clock.frozen_time = Math.max(clock.frozen_time, at)));
      clock.frozen_time = now;
      this.store.put(clock);
    }
    this.store.flush();
  }

  /**
   * Stands at this moment from now on, or follows real time again (null); on the way forward everything happens in its order. For
   * tests, and for the demo's past.
   */
  travel(to: number | null): void {
    const from = this.world.real();
    this.#standing = from;
    const end = to ?? Math.floor((this.#options.now ?? Date.now)() / 1_000);
    run(this.world, null, end, (at) => void (this.#standing = Math.max(from, at)));
    this.#standing = to;
    this.store.flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.webhooks.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.webhooks.settled();
    this.webhooks.stop();
    this.store.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    const method = request.method ?? "GET";
    try {
      const body = await bodyOf(request);
      if (pathname.startsWith("/v1/")) await this.#api(request, response, method, pathname, body || search.slice(1));
      else if (pathname.startsWith("/_sandbox/")) this.#control(response, method, pathname, body);
      else {
        const page = hosted(this.world, method, pathname, new URLSearchParams(body));
        this.store.flush();
        if (!page) response.writeHead(404).end();
        else response.writeHead(page.status, { ...(page.to && { location: page.to }), ...(page.type && { "content-type": page.type }), "cache-control": "no-store", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" }).end(page.body);
      }
    } catch (error) {
      this.#fail(response, error);
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    const problem = error instanceof Problem ? error : error instanceof RangeError ? new Problem(400, error.message) : new Problem(500, `The sandbox failed: ${String(error)}`, { type: "api_error" });
    if (!response.headersSent) response.writeHead(problem.status, { "content-type": "application/json" });
    response.end(JSON.stringify(problem.body()));
  }

  #authorize(request: IncomingMessage): void {
    const given = request.headers.authorization ?? "";
    const key = given.startsWith("Basic ") ? Buffer.from(given.slice(6), "base64").toString().replace(/:$/, "") : given.replace(/^Bearer /, "");
    if (key !== this.#options.key) throw new Problem(401, `Invalid API Key provided: ${"*".repeat(8)}`);
  }

  async #held(late: Promise<void>): Promise<void> {
    this.#late.add(late);
    await late;
    this.#late.delete(late);
  }

  /** Until every call that was held back has been worked. */
  async settled(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  async #api(request: IncomingMessage, response: ServerResponse, method: string, path: string, body: string): Promise<void> {
    this.#authorize(request);
    const call = `${method} ${path}`;
    const fault = this.faults.take(call);
    if (fault?.delayMs) await this.#held(pause(fault.delayMs));
    if (fault && !fault.after) return this.#strike(response, fault.answer);
    const key = method === "POST" ? (request.headers["idempotency-key"] as string | undefined) : undefined;
    const before = key === undefined ? undefined : this.#keys.get(key);
    if (before) {
      if (before.call !== call || before.body !== body) throw new Problem(400, "Keys for idempotent requests can only be used with the same parameters they were first used with.", { type: "idempotency_error" });
      if ("underway" in before) throw new Problem(409, "There is currently another in-progress request using this Idempotent Key.", { type: "idempotency_error", code: "idempotency_key_in_use" });
      response.writeHead(before.status, { "content-type": "application/json", "idempotent-replayed": "true" }).end(before.answer);
      return;
    }
    const id = `req_${drawn(14)}`;
    const given = this.#answer(method, path, body, id, key);
    this.calls.push(call);
    if (this.calls.length > 50_000) this.calls.splice(0, 25_000);
    // What the first call of a key was answered is what every later one is answered, a failure too (Stripe API, Idempotent requests).
    const failed = fault && typeof fault.answer === "number" ? { status: fault.answer, answer: JSON.stringify(new Problem(fault.answer, "An error occurred while processing your request.", { type: "api_error" }).body()) } : given;
    if (key !== undefined && failed.status !== 429) {
      this.#keys.set(key, { call, body, ...failed });
      if (this.#keys.size > keptKeys) this.#keys.delete(this.#keys.keys().next().value!);
    }
    if (fault?.answer === "drop") {
      response.destroy();
      return;
    }
    response.writeHead(failed.status, { "content-type": "application/json", "request-id": id, "stripe-version": apiVersion, ...(key && { "idempotency-key": key }) }).end(failed.answer);
  }

  #answer(method: string, path: string, body: string, id: string, key: string | undefined): { status: number; answer: string } {
    this.world.request = { id, key: key ?? null };
    try {
      return { status: 200, answer: JSON.stringify(shown(answer(this.world, method, path, decodeForm(body)))) };
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof RangeError)) throw error;
      const problem = error instanceof Problem ? error : new Problem(400, error.message);
      return { status: problem.status, answer: JSON.stringify(problem.body()) };
    } finally {
      this.world.request = { id: null, key: null };
      this.store.flush();
    }
  }

  #strike(response: ServerResponse, given: number | "drop"): void {
    if (given === "drop") {
      response.destroy();
      return;
    }
    const words = given === 429 ? new Problem(429, "Too many requests hit the API too quickly.", { code: "rate_limit" }) : new Problem(given, "An error occurred while processing your request.", { type: "api_error" });
    response.writeHead(given, { "content-type": "application/json" }).end(JSON.stringify(words.body()));
  }

  #control(response: ServerResponse, method: string, path: string, body: string): void {
    const json = (value: object) => void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (method === "GET" && path === "/_sandbox/health") return json({ ok: true });
    if (method !== "POST") throw new Problem(404, "Nothing here");
    const given: unknown = JSON.parse(body || "{}");
    if (path === "/_sandbox/faults") {
      const { match, ...more } = faultShape.parse(given);
      this.faults.add({ match, ...(Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as object) });
      return json({ ok: true });
    }
    if (path === "/_sandbox/webhooks") {
      const { hold, release, copies } = webhookShape.parse(given);
      if (copies !== undefined) this.webhooks.copies = copies;
      if (hold) this.webhooks.hold();
      return json({ released: release ? this.webhooks.release(release) : 0 });
    }
    if (path === "/_sandbox/travel") {
      this.travel(z.object({ to: z.number().int().nullable() }).parse(given).to);
      return json({ now: this.world.real() });
    }
    throw new Problem(404, "Nothing here");
  }
}
