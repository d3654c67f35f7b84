/**
 * Many made-up vaults behind one port, each with its own key: whatever they are told to say, they sign properly. For what a real
 * vault never says, and for more vaults than a test or a benchmark wants to keep in files.
 */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { b64u, utf8 } from "../../protocol/bytes.ts";
import { FEATURES } from "../../protocol/messages.ts";
import { ANSWER_HEADER, answerMessage, encodeAnswer, NONCE_HEADER, signedMessage } from "../../protocol/signed.ts";
import { newToken } from "../../protocol/token.ts";

export const MANAGER = { id: 3, uid: b64u(new Uint8Array(16).fill(3)) };
const uidOf = (n: number): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(n, 12);
  return b64u(bytes);
};

export type Account = { vaultId: string; publicKey: string; token: string };
/** What a vault says at a door instead of the usual; undefined: the usual. A string and bytes are sent as they stand. */
export type Say = (vault: number, path: string) => { status?: number; body: unknown; headers?: Record<string, string>; /** The vault's clock, milliseconds. */ at?: number } | "hang" | undefined;
export type SignedVaults = { port: number; accounts: readonly Account[]; /** Whatever it is told to sign; b64u. */ sign(vault: number, message: Uint8Array): string; close(): Promise<void> };

/** A row as `/agents` lists it; `change` may hold anything. */
export const rowOf = (id: number, name: string, change: object = {}): object => ({
  id, uid: uidOf(id), scope: id.toString(16).padStart(4, "0"), name, kind: "human", scopes: "0010", all_access: false, admin: false, managed_by: MANAGER.uid, created_at: 1_790_000_000, expires_at: null, claim_by: null,
  last_used_at: null, limits: null, locked: false, hand_over: "sealed", sealed_to: b64u(new Uint8Array(32).fill(1)), revision: 5, ...change,
});
export const ownRow = rowOf(MANAGER.id, "Quillmoor IT", { uid: MANAGER.uid, scopes: "", admin: true, managed_by: uidOf(1) });

/** `/vault`, as the reference vault says it. */
export const infoOf = ({ vaultId, publicKey }: Account, change: object = {}): object => ({
  protocol: 1, vault_id: vaultId, name: "Acme", public_key: publicKey, backup_key: null, mode: "primary", epoch: 1, epoch_revision: 0, revision: 7, replicated: null, features: FEATURES, kems: ["x25519", "x-wing"],
  limits: { tokens: { used: 13, limit: 26 }, devices: { used: 3, limit: null } }, expires_at: null, paid_until: null,
  grant: { scopes: "any", all_access: "leased", max_lease: null, max_agents: 60, entries: false, cosign: 1, signer_delay: 86_400, audit: "own" }, now: Math.floor(Date.now() / 1_000), ...change,
});

/** @param delay milliseconds before each answer */
export async function openSignedVaults(count: number, { say = () => undefined, delay = () => 0, rows = 12 }: { say?: Say; delay?: () => number; rows?: number } = {}): Promise<SignedVaults> {
  const keys: KeyObject[] = [];
  const accounts: Account[] = [];
  for (let i = 0; i < count; i++) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    keys.push(privateKey);
    accounts.push({ vaultId: `v${i}`, publicKey: publicKey.export({ format: "jwk" }).x!, token: newToken() });
  }
  const agents = JSON.stringify({ revision: 7, next: null, agents: [rowOf(1, "Acme", { admin: true, all_access: true, managed_by: null, scopes: "" }), ownRow, ...Array.from({ length: rows }, (_, i) => rowOf(10 + i, `Technician ${i}`))] });
  const scopes = JSON.stringify({ revision: 7, scopes: Array.from({ length: 8 }, (_, i) => ({ scope: `001${i}`, entries: 10 * i, agents: [uidOf(10)], name: null })) });
  const usual = (vault: number, path: string): { status: number; body: string } => {
    if (path === "/vault") return { status: 200, body: JSON.stringify(infoOf(accounts[vault]!)) };
    if (path === "/agents") return { status: 200, body: agents };
    if (path === "/scopes") return { status: 200, body: scopes };
    if (path === "/entries" || path.startsWith("/search")) return { status: 200, body: '{"entries":[],"next":null}' };
    return { status: 403, body: '{"code":"denied","status":403,"title":"Denied"}' };
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [, id = "", path = ""] = /^\/v(\d+)(\/.*)$/.exec(request.url!) ?? [];
    const vault = Number(id);
    const said = say(vault, path);
    if (said === "hang") return;
    const { status = 200, body, headers = {} } = said === undefined ? { ...usual(vault, path), headers: path === "/agents" ? { ETag: `"7.${Math.floor(Date.now() / 3_600_000)}"` } : {} } : said;
    const bytes = body instanceof Uint8Array ? body : utf8(typeof body === "string" ? body : JSON.stringify(body));
    const at = (said === undefined ? undefined : said.at) ?? Date.now();
    const context = { agent: status === 401 ? null : MANAGER.id, body: bytes, method: request.method!, nonce: request.headers[NONCE_HEADER.toLowerCase()] as string, status, target: request.url!, vault: `v${vault}` };
    const signature = b64u(sign(null, signedMessage("answer", answerMessage(context, { at, epoch: 1, mode: "primary" })), keys[vault]!));
    response.writeHead(status, { "Content-Type": "application/json", "Content-Length": bytes.length, ...headers, [ANSWER_HEADER]: encodeAnswer({ at, epoch: 1, mode: "primary", signature }) }).end(bytes);
  };
  const server: Server = createServer((request, response) => {
    request.resume();
    const wait = delay();
    if (wait === 0) answer(request, response);
    else setTimeout(answer, wait, request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", 4_096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accounts,
    sign: (vault, message) => b64u(sign(null, message, keys[vault]!)),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
