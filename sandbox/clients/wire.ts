/** One request to a vault over its public HTTP doors, and the proof that the vault itself answered (PROTOCOL 1). */
import { randomBytes } from "node:crypto";
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { isLoopbackHost } from "../../lib/protocol/address.ts";
import { b64u } from "../../lib/protocol/bytes.ts";
import { isRecord } from "../../lib/protocol/check.ts";
import { ANSWER_HEADER, NONCE_HEADER, verifyAnswer } from "../../lib/protocol/signed.ts";

export interface Exchange {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

const TIMEOUT_MS = 10_000;
/** The largest answer of a vault is a page of a mebibyte (PROTOCOL 3); four leave room for audit pages. */
const MAX_ANSWER_BYTES = 4 * 1_048_576;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Ends kept connections, so that a process can end and a stopped server is not asked again over a dead one. */
export function dropConnections(): void {
  agent.destroy();
}

/**
 * Sends to a loopback address only: the demo's people have no business elsewhere. Names below `.localhost` are dialled as
 * 127.0.0.1, since resolvers other than a browser's do not know them. Rejects on silence, with the cause.
 */
export function exchange(url: string, { method, headers, body }: { method: string; headers: OutgoingHttpHeaders; body?: string }): Promise<Exchange> {
  const { protocol, hostname, host, port, pathname, search } = new URL(url);
  if (protocol !== "http:" || !isLoopbackHost(hostname)) return Promise.reject(new Error("the demo's people speak to this machine only"));
  return new Promise((resolve, reject) => {
    const options = { host: hostname === "[::1]" ? "::1" : "127.0.0.1", port: port === "" ? 80 : port, method, path: pathname + search, headers: { ...headers, Host: host }, agent, timeout: TIMEOUT_MS };
    const sent = httpRequest(options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error("an answer beyond 4 MiB"));
        parts.push(part);
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }));
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A refusal that the vault signed. `code` is PROTOCOL 12's. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(`${status} ${code}${detail === "" ? "" : `: ${detail}`}`);
    this.status = status;
    this.code = code;
  }
}

/** Nothing is known about the request: silence, or an answer that is not this vault's (PROTOCOL 14). */
export class Unknown extends Error {
  override readonly name = "Unknown";
}

/** What is needed to speak as one row of one vault. */
export interface Access {
  /** `<origin>/<vault id>`, as the vault names itself. */
  url: string;
  vaultId: string;
  /** The vault's public key, b64u. */
  key: string;
  agentId: number;
  uid: string;
  token: string;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Unknown("an answer that is no JSON");
  }
}

export function refusal(status: number, value: unknown): Refused {
  const { code, detail } = isRecord(value) ? value : {};
  return new Refused(status, typeof code === "string" ? code : "none", typeof detail === "string" ? detail : "");
}

/** The parsed body of a signed success. Throws {@link Refused} for a signed refusal, {@link Unknown} for everything else. */
export async function call({ url, vaultId, key, agentId, token }: Access, method: "GET" | "POST", path: string, { headers = {}, body }: { headers?: OutgoingHttpHeaders; body?: string } = {}): Promise<unknown> {
  const nonce = b64u(randomBytes(16));
  const all = { ...headers, Authorization: `Bearer ${token}`, [NONCE_HEADER]: nonce };
  let answer: Exchange;
  try {
    answer = await exchange(`${url}${path}`, { method, headers: all, ...(body === undefined ? {} : { body }) });
  } catch (cause) {
    throw new Unknown("no answer", { cause });
  }
  const header = answer.headers[ANSWER_HEADER.toLowerCase()];
  const target = new URL(url).pathname + path;
  const context = { agent: answer.status === 401 ? null : agentId, body: answer.body, method, nonce, status: answer.status, target, vault: vaultId };
  if (typeof header !== "string" || (await verifyAnswer(header, context, key)) === null) throw new Unknown("an answer without the vault's signature");
  const value = parse(answer.body);
  if (answer.status < 200 || answer.status > 299) throw refusal(answer.status, value);
  return value;
}
