/**
 * The control door of a fault proxy: JSON over HTTP on 127.0.0.1.
 *
 *   GET /rules          the rules, with what each has seen       PUT /rules [...]                  other rules instead
 *   GET /log            the last requests and what became of them   PUT /certificate {"certificate"}  what TLS shows from now on
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { run } from "../../lib/protocol/check.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import type { FaultProxy } from "./proxy.ts";
import { checkCertificateChoice, parseRules } from "./rules.ts";

export interface Control {
  port: number;
  close(): Promise<void>;
}

type Said = { status: number; value: unknown };
const ok = (value: unknown): Said => ({ status: 200, value });

async function respond(proxy: FaultProxy, request: IncomingMessage): Promise<Said> {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  // Pages in a browser have no business here: another name for this address, or a request from elsewhere.
  if (!["localhost", "127.0.0.1"].includes(host) || request.headers.origin !== undefined) return { status: 404, value: { error: "not found" } };
  const door = `${request.method} ${request.url}`;
  if (door === "GET /rules") return ok({ rules: proxy.book.rules(), certificate: proxy.certificate });
  if (door === "GET /log") return ok({ log: proxy.log() });
  if (door === "PUT /rules") {
    proxy.book.replace(parseRules(await json(request)));
    return ok({ rules: proxy.book.rules() });
  }
  if (door === "PUT /certificate") {
    const body: unknown = await json(request);
    run(checkCertificateChoice, body, "");
    if (proxy.certificate === null) return { status: 409, value: { error: "this proxy speaks no TLS" } };
    proxy.show(body.certificate);
    return ok({ certificate: proxy.certificate });
  }
  return { status: 404, value: { error: "not found" } };
}

/** Port 0 picks a free one. */
export async function openControl(proxy: FaultProxy, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    const failed = (error: unknown): Said => (error instanceof ProtocolError ? { status: 422, value: { error: error.message } } : { status: 400, value: { error: "no JSON" } });
    void respond(proxy, request)
      .catch(failed)
      .then(({ status, value }) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
