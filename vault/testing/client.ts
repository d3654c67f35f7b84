// A client of the wire for the vault's own tests: sends a nonce always, verifies every answer, builds trees and assertions.
import { randomBytes, randomUUID } from "node:crypto";
import { request as httpRequest, Agent as HttpAgent } from "node:http";
import { b64u, utf8 } from "#lib/protocol/bytes.ts";
import { jcs, jcsBytes, type JsonObject } from "#lib/protocol/jcs.ts";
import type { Assertion, AuthBegin, Cosign, Op, SignedReceipt } from "#lib/protocol/messages.ts";
import { leafData } from "#lib/protocol/op.ts";
import { ASSERTION_HEADER } from "#lib/protocol/schema.ts";
import { ANSWER_HEADER, NONCE_HEADER, verifyAnswer } from "#lib/protocol/signed.ts";
import { buildTree, drawOrder, leafHash } from "#lib/protocol/tree.ts";
import type { SoftwareKey, Tampering } from "./authenticator.ts";

export interface Response {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers of every door
  json: any;
  /** Whether the answer carried a valid signature of the expected key for exactly this request. */
  signed: boolean;
}

export interface SendOptions {
  token?: string | null;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  nonce?: string | null;
}

const agent = new HttpAgent({ keepAlive: true, maxSockets: 64 });

/** Ends kept connections: those to a server that was stopped are dead. */
export function dropConnections(): void {
  agent.destroy();
}

/** One request by node:http, path as given. */
export function sendRaw(base: string, method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array): Promise<Omit<Response, "signed">> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    // Node frames a body of DELETE or OPTIONS only when it is told its length; unframed it would read as the next request.
    const framed = body === undefined ? headers : { ...headers, "Content-Length": String(Buffer.byteLength(body)) };
    const request = httpRequest({ host: hostname, port, method, path, headers: framed, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        let json: unknown = null;
        if (text !== "" && String(response.headers["content-type"]).includes("json")) json = JSON.parse(text);
        resolve({ status: response.statusCode!, headers: response.headers, text, json });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** What is needed to speak to one row of one vault. */
export interface Account {
  /** `http://127.0.0.1:<port>` */
  dial: string;
  vaultId: string;
  key: string;
  agentId: number;
  uid: string;
  token: string;
}

export interface ChangeOptions {
  keys: readonly SoftwareKey[];
  /** Another assertion than the honest one. */
  tampering?: Tampering;
  challenge?: string;
  cosignChallenge?: string;
  /** Last touch on the assertion before it is sent. */
  twist?: (assertion: Assertion) => unknown;
  /** The leaf that is signed, when it shall differ from what is sent. */
  leaf?: { agent?: number; key?: string; vault?: string; ops?: readonly Op[] };
  size?: number;
}

export class VaultClient {
  readonly account: Account;

  constructor(account: Account) {
    this.account = account;
  }

  as(change: Partial<Account>): VaultClient {
    return new VaultClient({ ...this.account, ...change });
  }

  async send(method: string, path: string, { token = this.account.token, headers = {}, body, nonce = b64u(randomBytes(16)) }: SendOptions = {}): Promise<Response> {
    const { dial, vaultId, key } = this.account;
    const target = `/${vaultId}${path}`;
    const all: Record<string, string> = { ...headers };
    if (token !== null) all["Authorization"] = `Bearer ${token}`;
    if (nonce !== null) all[NONCE_HEADER] = nonce;
    const answer = await sendRaw(dial, method, target, all, body);
    const header = answer.headers[ANSWER_HEADER.toLowerCase()];
    const agent = token === null ? null : this.account.agentId;
    const context = { agent: answer.status === 401 ? null : agent, body: utf8(answer.text), method, nonce: nonce ?? "", status: answer.status, target, vault: vaultId };
    const signed = typeof header === "string" && (await verifyAnswer(header, context, key)) !== null;
    return { ...answer, signed };
  }

  get(path: string, options: SendOptions = {}): Promise<Response> {
    return this.send("GET", path, options);
  }

  async begin(): Promise<AuthBegin> {
    const answer = await this.send("POST", "/auth/begin", { body: "{}" });
    if (answer.status !== 201) throw new Error(`auth/begin: ${answer.text}`);
    return answer.json as AuthBegin;
  }

  /** The assertion header over these operations, honest but for what the options say. */
  async assertion(ops: readonly Op[], options: ChangeOptions): Promise<string> {
    const challenge = options.challenge ?? (await this.begin()).challenge;
    const { agentId, key, vaultId } = this.account;
    const share = { agent: agentId, key, vault: vaultId, ops, ...options.leaf };
    const signOver = (text: string, signer: SoftwareKey): Cosign => {
      const seed = new Uint8Array(randomBytes(32));
      const order = drawOrder(1, options.size ?? 64);
      const tree = buildTree({ shares: [leafHash(leafData({ ...share, challenge: text }))], seed, order, size: options.size ?? 64 });
      return { credential_id: signer.credentialId, ...signer.get(tree.challenge, options.tampering), challenge: text, proof: tree.proof(0) };
    };
    const [first, second] = options.keys;
    const now = Math.floor(Date.now() / 1000);
    const assertion: Assertion = {
      v: 1,
      ...signOver(challenge, first!),
      ...(second === undefined ? {} : { cosign: signOver(options.cosignChallenge ?? `cosign/${now}/${now + 600}`, second) }),
    };
    return b64u(jcsBytes(options.twist === undefined ? assertion : options.twist(assertion)));
  }

  /** `POST /batch`, signed. */
  async change(ops: readonly Op[], options: ChangeOptions): Promise<Response> {
    return this.submit(ops, await this.assertion(ops, options));
  }

  /** Sends a batch with a header that was made before. */
  submit(ops: readonly Op[], header: string): Promise<Response> {
    return this.send("POST", "/batch", { body: jcs({ operations: ops }), headers: { [ASSERTION_HEADER]: header } });
  }

  /** As {@link change}; throws unless 200. */
  async must(ops: readonly Op[], options: ChangeOptions): Promise<SignedReceipt> {
    const answer = await this.change(ops, options);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return answer.json as SignedReceipt;
  }
}

export function op(method: Op["method"], path: string, body: JsonObject | object | null = null, condition: Op["if"] = null): Op {
  return { body: body as JsonObject | null, id: randomUUID(), if: condition, method, path };
}
