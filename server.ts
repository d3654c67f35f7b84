/**
 * The console's HTTP server: Next behind a door of ours. The door knows what a framework handler cannot: the socket's own
 * address, the Host before any rewriting, whether the database answers (docs/decisions/0003-own-server.md). `--dev` serves
 * the pages from their sources.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import next from "next";
import pg from "pg";
import { clientAddress } from "./lib/door/address.ts";
import { loadCompressed, sendCompressed } from "./lib/door/compressed.ts";
import { commonHeaders, silentPolicy, startsWorker, strictTransport, workerPolicy } from "./lib/door/headers.ts";
import { judge, type Questions } from "./lib/door/judge.ts";
import { createLimiter } from "./lib/door/limiter.ts";
import { plainAnswer } from "./lib/door/plain.ts";
import { env, EnvironmentError, type Env } from "./lib/env.ts";
import { failure, type FailureCode } from "./lib/errors.ts";
import { errorId, requestId } from "./lib/id.ts";
import { onLeash } from "./lib/leash.ts";
import { limits } from "./lib/limits.ts";
import { createLog } from "./lib/log.ts";
import { release } from "./lib/release.ts";
import { planDoors } from "./lib/approval/house.ts";
import { createSigningHouse, loadSigningPage } from "./lib/signing/serve.ts";
import pages from "./next.config.mjs";

const log = createLog("console");
const dev = process.argv.includes("--dev");

/** Headers that only this server may set; whatever a caller wrote into them is dropped. */
const ours = /^(x-forwarded-|x-real-ip$|x-request-id$|x-nonce$|x-middleware-|forwarded$)/;

function createQuestions(pool: pg.Pool): Questions {
  let asking: Promise<boolean> | undefined;
  return {
    limiter: createLimiter(pool),
    // Requests that arrive together share one question.
    databaseAnswers: () => (asking ??= pool.query("select 1").then(() => true, () => false).finally(() => (asking = undefined))),
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, code: FailureCode, retryAfter?: number, id?: string) {
  const given = failure(code, id ? { id } : {});
  const { type, body } = plainAnswer(given, request.headers.accept, code === "database_unavailable" ? 5 : undefined);
  response.writeHead(given.status, {
    "Content-Type": type, "Content-Length": Buffer.byteLength(body), "Content-Security-Policy": silentPolicy, "Cache-Control": "no-store",
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
    // What is refused is not read: the rest of its body would be taken for the next request.
    ...(request.headers["content-length"] !== undefined && { Connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function main(settings: Env) {
  const pool = new pg.Pool({ connectionString: settings.APP_DATABASE_URL, max: 4, connectionTimeoutMillis: limits.databaseProbeMs, query_timeout: limits.databaseProbeMs, application_name: "clavitor door" });
  pool.on("error", (error) => log.warn({ err: error }, "an idle connection broke"));
  const questions = createQuestions(pool);
  const proto = new URL(settings.APP_ORIGIN).protocol.slice(0, -1);

  const app = next({ dev, dir: import.meta.dirname, hostname: "localhost", port: settings.PORT, customServer: true });
  await app.prepare();
  const render = app.getRequestHandler();
  const compressed = dev ? new Map() : loadCompressed(join(import.meta.dirname, pages.distDir!));
  const signingPage = loadSigningPage(join(import.meta.dirname, "signing/built"), join(import.meta.dirname, "app/icon.svg"), settings);
  const signing = createSigningHouse(signingPage, log, planDoors);

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const began = performance.now();
    const { method = "GET", headers, socket } = request;
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const address = clientAddress(socket.remoteAddress, headers["x-forwarded-for"]?.toString(), settings.TRUSTED_PROXIES);
    const id = requestId();
    for (const name of Object.keys(headers)) if (ours.test(name)) delete headers[name];
    Object.assign(headers, { "x-forwarded-for": address, "x-forwarded-host": headers.host, "x-forwarded-proto": proto, "x-request-id": id });
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    // Pages replace it with theirs (proxy.ts); whatever comes without one allows nothing.
    response.setHeader("Content-Security-Policy", startsWorker(path) ? workerPolicy : silentPolicy);
    if (proto === "https") response.setHeader("Strict-Transport-Security", strictTransport);
    response.setHeader("X-Request-Id", id);
    response.once("close", () => {
      const line = { request: id, method, path, status: response.statusCode, ms: Math.round(performance.now() - began), address };
      if (path.startsWith("/_next/") || path.startsWith("/api/ready") || path.startsWith("/api/health")) log.debug(line, "request");
      else log.info(line, "request");
    });
    try {
      const judged = await judge({ method, path, headers, address }, settings, questions);
      if (judged.pass && judged.signing) await signing({ request, response, route: judged.signing, visitor: { userAgent: headers["user-agent"] ?? "", address, requestId: id } });
      else if (!judged.pass) refuse(request, response, judged.code, judged.retryAfter);
      else if (!sendCompressed(compressed, path, request, response)) await render(request, response);
    } catch (error) {
      const found = errorId();
      log.error({ err: error, id: found, request: id }, "unexpected");
      if (response.headersSent) response.destroy();
      else refuse(request, response, "unexpected", undefined, found);
    }
  };

  const servers = await listen(settings, (request, response) => void answer(request, response), dev ? app.getUpgradeHandler() : undefined);
  process.send?.("ready");
  log.info({ release, origin: settings.APP_ORIGIN, signing: settings.SIGN_ORIGIN, signingPage: signingPage.version, dev }, "console serves");
  onLeash(async (why) => {
    log.info({ why }, "console stops");
    await Promise.all(servers.map(drain));
    await app.close();
    await pool.end();
  });
}

type Server = ReturnType<typeof createServer>;

/** On loopback both 127.0.0.1 and ::1, since `localhost` means either: nobody else may stand on the other one. */
async function listen({ BIND, PORT }: Env, answer: (request: IncomingMessage, response: ServerResponse) => void, upgrade?: (...given: never[]) => unknown) {
  const hosts = BIND ? [BIND] : ["127.0.0.1", "::1"];
  const opened: Server[] = [];
  for (const host of hosts) {
    // Only the development server speaks WebSocket; elsewhere an upgrade is a request like any other, judged at the door.
    const server = createServer({ headersTimeout: limits.headMs, requestTimeout: limits.requestMs, shouldUpgradeCallback: () => upgrade !== undefined }, answer);
    server.maxConnections = limits.connections;
    if (upgrade) server.on("upgrade", upgrade as never);
    const up = await new Promise<boolean>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => (host === "::1" && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(error.code ?? "") ? resolve(false) : reject(error)));
      server.listen({ port: PORT, host }, () => resolve(true));
    });
    if (up) opened.push(server);
  }
  return opened;
}

/** No new requests; those that are open are answered, for as long as limits.drainMs. */
const drain = (server: Server) =>
  new Promise<void>((resolve) => {
    const hard = setTimeout(() => server.closeAllConnections(), limits.drainMs);
    server.close(() => (clearTimeout(hard), resolve()));
    server.closeIdleConnections();
  });

try {
  await main(env());
} catch (error) {
  if (error instanceof EnvironmentError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, "console cannot go on");
  process.exit(1);
}
