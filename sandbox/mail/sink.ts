/** An SMTP server that keeps what it takes and sends nothing on, with a page to read it. For local instances and tests only. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { listPage, mailPage } from "./page.ts";
import type { MailStore } from "./store.ts";

export type Sink = { smtpPort: number; httpPort: number; close(): Promise<void> };

/** The largest mail it takes; ours are a few kilobytes. */
const largest = 2 * 1024 * 1024;
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function createSmtp(store: MailStore): SMTPServer {
  return new SMTPServer({
    authOptional: true, disabledCommands: ["AUTH", "STARTTLS"], size: largest, banner: "mail sink", hideSize: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error("That mail is too large"), { responseCode: 552 }));
        try {
          store.add(Buffer.concat(chunks), session.envelope.rcptTo.map(({ address }) => address));
          done();
        } catch {
          done(Object.assign(new Error("The mail could not be kept"), { responseCode: 451 }));
        }
      });
    },
  });
}

function createPages(store: MailStore): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, body: string) => response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" }).end(body);
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const html = "text/html; charset=utf-8";
    const respond = async () => {
      // A name that points here is somebody else's page asking (DNS rebinding): mails may hold one-time links.
      if (!["localhost", "127.0.0.1", "[::1]"].includes(host)) return send(404, "text/plain", "not found\n");
      if (request.method !== "GET") return send(405, "text/plain", "only GET\n");
      if (path === "/health") return send(200, "text/plain", "ok\n");
      if (path === "/") return send(200, html, listPage(await store.list()));
      if (path === "/mail.json") return send(200, "application/json", JSON.stringify((await store.list()).map(({ raw: _, ...mail }) => mail)));
      const [, id, raw] = /^\/mail\/([\d-]+[0-9a-f]+)(\.eml)?$/.exec(path) ?? [];
      const mail = id ? await store.get(id) : undefined;
      if (!mail) return send(404, html, listPage([]).replace("No mail yet", "That mail is not here any more"));
      return raw ? send(200, "text/plain; charset=utf-8", mail.raw) : send(200, html, mailPage(mail));
    };
    respond().catch(() => send(500, "text/plain", "the mail could not be read\n"));
  });
}

const listening = (server: { once(event: "error", then: (error: Error) => void): unknown; listen(port: number, host: string, then: () => void): unknown }, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

/** Port 0 picks a free one. Listens on 127.0.0.1 only. */
export async function openSink(store: MailStore, ports: { smtp: number; http: number }): Promise<Sink> {
  const smtp = createSmtp(store);
  // A client that hangs up in the middle is no event for us.
  smtp.on("error", () => undefined);
  await listening(smtp, ports.smtp);
  const pages = createPages(store);
  await listening(pages, ports.http);
  return {
    smtpPort: (smtp.server.address() as AddressInfo).port,
    httpPort: (pages.address() as AddressInfo).port,
    async close() {
      pages.closeAllConnections();
      await Promise.all([new Promise((resolve) => pages.close(resolve)), new Promise<void>((resolve) => smtp.close(() => resolve()))]);
    },
  };
}
