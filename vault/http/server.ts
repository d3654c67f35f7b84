// The host's HTTP server: finds the vault, carries out what is due, hands the request to its door, signs the answer.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { utf8 } from "#lib/protocol/bytes.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { ANSWER_HEADER, answerMessage, encodeAnswer, isNonce, NONCE_HEADER } from "#lib/protocol/signed.ts";
import { BACKUP_KEY_HEADER, encodeBackupKey } from "#lib/protocol/backup-key.ts";
import { markCall } from "../audit/mark.ts";
import type { ReplicaDoor } from "../failover/primary.ts";
import { REPLICA_PATH, REPLICA_TYPE } from "../failover/wire.ts";
import type { Host } from "../host.ts";
import { carryOutDue } from "../lease.ts";
import { MAX_HEADER_BYTES, REQUEST_TIMEOUT_MS } from "../limits.ts";
import { asset } from "../page/assets.ts";
import { registerPage } from "../page/register.ts";
import { authenticate } from "../read/authenticate.ts";
import type { Registrar } from "../register/register.ts";
import { sqliteFailure } from "../store/database.ts";
import { PlainError } from "../store/plain-error.ts";
import type { Vault } from "../vault.ts";
import { problem, type Reply } from "./answer.ts";
import { looseObject, readBody } from "./body.ts";
import { doorOf, isServedByBackup, type Call } from "./doors.ts";
import { Query } from "./query.ts";

export interface ServerOptions {
  http: Server;
  host: Host;
  registrar: Registrar;
  /** Where a backup asks, on a primary that is followed. */
  replica: ReplicaDoor | null;
}

/** A reply and, where a vault answers, who asked: what the signature covers. */
interface Answered {
  reply: Reply;
  signer: { vault: Vault; agent: number | null } | null;
}

const notFound = (): Reply => problem(new ProtocolError("not_found"));

export class VaultServer {
  readonly #host: Host;
  readonly #registrar: Registrar;
  readonly #replica: ReplicaDoor | null;
  readonly #http: Server;
  #closing = false;

  constructor({ http, host, registrar, replica }: ServerOptions) {
    this.#replica = replica;
    this.#http = http;
    this.#host = host;
    this.#registrar = registrar;
  }

  /** Binds an address. Rejects when it is taken. */
  static bind(port: number, address: string, answer: RequestListener): Promise<{ http: Server; port: number }> {
    const http = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, answer);
    http.on("clientError", refuseUnparsable);
    return new Promise((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, address, () => resolve({ http, port: (http.address() as AddressInfo).port }));
    });
  }

  /** Takes no more requests, finishes what is being answered, closes the vaults. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeIdleConnections();
    });
    this.#replica?.close();
    this.#host.close();
  }

  /** Answers one request; never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const target = request.url ?? "/";
      const path = target.split("?", 1)[0]!;
      const inVault = /^\/([A-Za-z0-9_-]{6})(\/.*)$/.exec(path);
      if (inVault !== null && this.#host.has(inVault[1]!)) {
        await this.#host.use(inVault[1]!, async (vault) => {
          this.#send(request, response, await this.#inVault(vault, request, inVault[2]!, target));
        });
      } else {
        await this.#atRoot(request, response, path);
      }
    } catch (error) {
      this.#send(request, response, { reply: this.#failure(error, request), signer: null });
    }
  }

  async #atRoot(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method === "POST" && path === "/register") return this.#register(request, response);
    this.#send(request, response, { reply: await this.#rootReply(request, path), signer: null });
  }

  /** The 201 is signed by the key that it brings (PROTOCOL 1): the client pins that key, and this proves who holds it. */
  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    assertNonce(request);
    const { id, reply } = await this.#registrar.register(looseObject(await readBody(request)));
    await this.#host.use(id, (vault) => this.#send(request, response, { reply, signer: { vault, agent: null } }));
  }

  async #rootReply(request: IncomingMessage, path: string): Promise<Reply> {
    const method = request.method ?? "GET";
    try {
      if (method === "GET" && (path === "/" || path === "/register")) return registerPage();
      if (method === "GET" && path.startsWith("/page/")) return asset(path) ?? notFound();
      if (method === "POST" && path === "/register/begin") {
        return this.#registrar.begin(looseObject(await readBody(request)));
      }
      if (method === "POST" && path === REPLICA_PATH && this.#replica !== null) {
        const answer = await this.#replica.answer(await readBody(request));
        return answer === null ? notFound() : { status: 200, body: answer, headers: { "Content-Type": REPLICA_TYPE } };
      }
      return notFound();
    } catch (error) {
      return this.#failure(error, request);
    }
  }

  async #inVault(vault: Vault, request: IncomingMessage, path: string, target: string): Promise<Answered> {
    let agent: number | null = null;
    let signs = false;
    try {
      assertNonce(request);
      signs = true;
      carryOutDue(vault);
      // Looked up before the path is judged, so that a signed 404 names its caller as every other answer does.
      const caller = authenticate(vault, header(request, "authorization"));
      agent = caller?.id ?? null;
      const method = request.method ?? "GET";
      const queryAt = target.indexOf("?");
      const door = doorOf(method, path, queryAt >= 0);
      if (door === null) throw new ProtocolError("not_found");
      const { standby } = vault.state;
      const ip = request.socket.remoteAddress ?? "unknown";
      // Without a bearer nothing stands before this rung; with one, an unknown token is 401 here as everywhere.
      if (standby !== null && !isServedByBackup(method, path) && (!door.bearer || caller !== null)) {
        throw new ProtocolError("read_only", { extra: { primary_location: `${standby.primaryOrigin}/${vault.id}` } });
      }
      const call: Call = {
        vault,
        method,
        path,
        query: new Query(queryAt < 0 ? "" : target.slice(queryAt + 1)),
        header: (name) => header(request, name),
        body: () => readBody(request),
        ip,
      };
      if (!door.bearer) return { reply: await door.run(call), signer: { vault, agent } };
      if (caller === null) {
        markCall(vault, "anonymous", ip);
        throw new ProtocolError("unknown_token");
      }
      return { reply: await door.run({ ...call, agent: caller }), signer: { vault, agent } };
    } catch (error) {
      // A token that ended while its request waited is nobody's any more.
      if (error instanceof ProtocolError && error.code === "unknown_token") agent = null;
      return { reply: this.#failure(error, request), signer: signs ? { vault, agent } : null };
    }
  }

  #failure(error: unknown, request: IncomingMessage): Reply {
    if (error instanceof ProtocolError) return problem(error);
    if (request.destroyed && !request.complete) return problem(new ProtocolError("not_canonical", { detail: "the request ended early" }));
    if (error instanceof PlainError) {
      this.#host.log({ event: "vault.unreadable", message: error.message });
      return problem(new ProtocolError("internal", { detail: "This vault cannot be opened. Whoever runs it finds the reason in its log." }));
    }
    const database = sqliteFailure(error);
    if (database !== null) {
      this.#host.log({ event: "database.failure", target: (request.url ?? "").slice(1, 7), message: database });
      return problem(new ProtocolError("internal"));
    }
    // Messages of unexpected errors can quote what they choked on, so only names and places are logged.
    const { name, stack } = error instanceof Error ? error : { name: "unknown", stack: "" };
    const where = (stack ?? "").split("\n").filter((line) => line.startsWith("    at ")).slice(0, 8).map((line) => line.trim()).join(" | ");
    this.#host.log({ event: "failure", name, where });
    return problem(new ProtocolError("internal"));
  }

  #send(request: IncomingMessage, response: ServerResponse, { reply, signer }: Answered): void {
    // HEAD is no door (404), and an answer to it has no body: what is signed is what is sent.
    const body = request.method === "HEAD" ? "" : reply.body;
    const headers: Record<string, string | number> = {
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...reply.headers,
    };
    if (reply.status !== 304) headers["Content-Length"] = Buffer.byteLength(body);
    const nonce = header(request, NONCE_HEADER);
    if (signer !== null && nonce !== undefined) {
      const { vault, agent } = signer;
      const { epoch, mode, standby } = vault.state;
      if (standby !== null) headers[BACKUP_KEY_HEADER] = encodeBackupKey(standby.backupKey, standby.certificate);
      const at = vault.nowMs();
      const context = { agent, body: typeof body === "string" ? utf8(body) : body, method: request.method ?? "GET", nonce, status: reply.status, target: request.url ?? "/", vault: vault.id };
      const signature = vault.sign("answer", answerMessage(context, { at, epoch, mode }));
      headers[ANSWER_HEADER] = encodeAnswer({ at, epoch, mode, signature });
    }
    // What was refused unread is not read on: the connection ends instead.
    const hasBody = request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
    if (this.#closing || (hasBody && !request.complete)) headers["Connection"] = "close";
    response.writeHead(reply.status, headers);
    // As text it leaves in one write together with the headers; as bytes it would be two.
    response.end(body);
  }
}

/** Throws ProtocolError `invalid`, an answer to which cannot be signed: there is nothing to bind it to. */
function assertNonce(request: IncomingMessage): void {
  const nonce = header(request, NONCE_HEADER);
  if (nonce !== undefined && !isNonce(nonce)) throw new ProtocolError("invalid", { path: NONCE_HEADER, detail: "base64url of 16 to 32 bytes" });
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(",") : value;
}

/** Requests that Node's parser refuses get the same kind of answer, unsigned. */
function refuseUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const code = error.code === "HPE_HEADER_OVERFLOW" ? "too_large" : "not_canonical";
  const { status, body, headers } = problem(new ProtocolError(code, { detail: "not an HTTP request that this server takes" }));
  const text = body as string;
  const lines = [`HTTP/1.1 ${status} Refused`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `Content-Length: ${Buffer.byteLength(text)}`, "Connection: close", "", text];
  socket.end(lines.join("\r\n"));
}

