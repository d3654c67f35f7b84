/** The way on to the vault host: one request with its bytes as they came, one answer, whole. */
import { Agent, request, type IncomingHttpHeaders } from "node:http";

export interface Asked {
  method: string;
  /** Path and query as sent. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Hop-by-hop (RFC 9110 7.6.1): between two neighbours, never passed on. The length is set anew. */
const HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length"]);

export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
}

export class Upstream {
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  /** `http://127.0.0.1:<port>` of the vault host. */
  constructor(target: string) {
    this.#target = new URL(target);
  }

  ask({ method, path, headers, body }: Asked): Promise<Answered> {
    const { hostname, port } = this.#target;
    return new Promise((resolve, reject) => {
      const sent = request({ host: hostname, port, method, path, headers: { ...passedOn(headers), "content-length": String(body.length) }, agent: this.#agent }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode!, headers: passedOn(response.headers), body: Buffer.concat(parts) }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
