/**
 * A proxy between console and vault that lets things go wrong by rule. Without a rule it passes on what it gets, byte for
 * byte: the vault signs path and body, so a proxy that touches nothing is never noticed.
 */
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { selfSigned, type Certificate } from "./certificate.ts";
import { Middle } from "./middle.ts";
import { RuleBook, type CertificateKind, type Fault, type Rule } from "./rules.ts";
import { Upstream, type Answered, type Asked } from "./upstream.ts";

/** What became of a request. */
export interface Passage {
  /** Unix milliseconds. */
  at: number;
  method: string;
  path: string;
  /** Null: it passed unharmed. */
  fault: Fault["kind"] | null;
  /** How often the vault host got it and answered. */
  answered: number;
}

export interface ProxyOptions {
  /** The vault host as it is dialled, `http://127.0.0.1:<port>`. */
  target: string;
  /** 0 picks one. */
  port?: number;
  rules?: readonly Rule[];
  /** With TLS, for this host name or IPv4 address; without, plain HTTP. */
  tls?: { name: string } | null;
}

const LOG_LENGTH = 1_000;
const LARGEST = 2 * 1_048_576;
const DAY = 86_400_000;

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST) throw new Error("a request beyond 2 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** "trusted": a client that was given `certificate` takes it. The others: made by nobody it knows, for another host, out of date. */
function certificates(name: string): Readonly<Record<CertificateKind, Certificate>> {
  const now = Date.now();
  const [from, to] = [new Date(now - DAY), new Date(now + 30 * DAY)];
  return {
    trusted: selfSigned({ name, from, to }),
    unknown: selfSigned({ name, from, to }),
    "wrong-name": selfSigned({ name: "other.localhost", from, to }),
    expired: selfSigned({ name, from: new Date(now - 30 * DAY), to: from }),
  };
}

export class FaultProxy {
  readonly book: RuleBook;
  readonly #upstream: Upstream;
  readonly #middle = new Middle();
  readonly #certificates: Readonly<Record<CertificateKind, Certificate>> | null;
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #log: Passage[] = [];
  readonly #closing = new AbortController();
  #certificate: CertificateKind = "trusted";

  private constructor({ target, rules = [], tls = null }: ProxyOptions) {
    this.book = new RuleBook(rules);
    this.#upstream = new Upstream(target);
    this.#certificates = tls === null ? null : certificates(tls.name);
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = this.#certificates === null ? createHttp(serve) : createHttps(this.#certificates.trusted, serve);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A client that refuses the certificate is what was wanted.
    this.#server.on("tlsClientError", () => undefined);
  }

  static async open(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** PEM of each certificate it can show, by kind; null without TLS. A client that shall trust one is given it. */
  pem(kind: CertificateKind): string | null {
    return this.#certificates?.[kind].cert ?? null;
  }

  get certificate(): CertificateKind | null {
    return this.#certificates === null ? null : this.#certificate;
  }

  /** What it shows from the next handshake on; connections that stand are ended. Throws without TLS. */
  show(kind: CertificateKind): void {
    if (this.#certificates === null) throw new Error("this proxy speaks no TLS");
    this.#certificate = kind;
    (this.#server as TlsServer).setSecureContext(this.#certificates[kind]);
    for (const socket of this.#sockets) socket.destroy();
  }

  log(): readonly Passage[] {
    return this.#log;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const fault = this.book.faultFor(method, path);
    const passage: Passage = { at: Date.now(), method, path, fault: fault?.kind ?? null, answered: 0 };
    this.#log.push(passage);
    if (this.#log.length > LOG_LENGTH) this.#log.shift();
    response.on("error", () => undefined);
    try {
      const asked: Asked = { method, path, headers, body: await readWhole(request) };
      const ask = async (): Promise<Answered> => {
        const answer = await this.#upstream.ask(asked);
        passage.answered++;
        return answer;
      };
      await this.#carryOut(fault, { asked, ask, response });
    } catch {
      // The vault host is silent, or this proxy is closing: so is the proxy. A made-up 502 would be a fault that nobody ordered.
      response.socket?.resetAndDestroy();
    }
  }

  async #carryOut(fault: Fault | null, { asked, ask, response }: { asked: Asked; ask: () => Promise<Answered>; response: ServerResponse }): Promise<void> {
    const { signal } = this.#closing;
    const reset = (): void => void response.socket?.resetAndDestroy();
    switch (fault?.kind) {
      case undefined: {
        const answer = await ask();
        this.#middle.remember(asked, answer);
        return give(response, answer);
      }
      case "delay":
        await pause(fault.ms, undefined, { signal });
        return give(response, await ask());
      case "hang":
        return;
      case "reset": {
        const answer = await ask();
        // The whole length is promised, so that the client knows that something is missing.
        head(response, answer);
        return void response.write(answer.body.subarray(0, Math.min(fault.after, Math.max(0, answer.body.length - 1))), () => reset());
      }
      case "lose":
        await ask();
        return reset();
      case "duplicate":
        await ask();
        return give(response, await ask());
      case "status": {
        const body = Buffer.from("<html><body>upstream</body></html>");
        const retry = fault.retry_after === null ? {} : { "retry-after": fault.retry_after };
        return give(response, { status: fault.status, headers: { "content-type": "text/html", ...retry }, body });
      }
      case "garbage": {
        if (fault.what === "bytes") return void response.socket?.end(Buffer.from([0x00, 0xff, 0x16, 0x03, 0x01, 0x0d, 0x0a, 0x0d, 0x0a]));
        const { status, headers, body } = await ask();
        return give(response, { status, headers, body: body.subarray(0, Math.floor(body.length / 2)) });
      }
      case "slow": {
        const answer = await ask();
        head(response, answer);
        for (let at = 0; at < answer.body.length && !response.destroyed; at += fault.bytes) {
          response.write(answer.body.subarray(at, at + fault.bytes));
          await pause(fault.every_ms, undefined, { signal });
        }
        return void response.end();
      }
      case "alter": {
        const instead = this.#middle.alter(fault.how, asked, await ask());
        return instead === null ? reset() : give(response, instead);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#upstream.close();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function head(response: ServerResponse, { status, headers, body }: Answered): void {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
}

function give(response: ServerResponse, answer: Answered): void {
  head(response, answer);
  response.end(answer.body);
}
