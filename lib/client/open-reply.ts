/** The manager's token out of a reply, and what else a reply must be besides what lib/protocol says of it. Pure but for the key. */
import { tryB64u } from "../protocol/bytes.ts";
import type { ConnectReply, ConnectRequest } from "../protocol/messages.ts";
import { connectTokenInfo, open, parseTokenPlaintext } from "../protocol/seal.ts";
import { isToken } from "../protocol/token.ts";
import { otherManager, strangeAddress, twoOnOneNumber } from "./reply-words.ts";

/** Null unless the token was sealed to this request's key, for exactly the vault, key and row that the reply names. */
export async function openReplyToken(reply: ConnectReply, request: ConnectRequest, privateKey: string): Promise<string | null> {
  const key = tryB64u(privateKey, 32);
  if (key === null) return null;
  const info = connectTokenInfo({ vault: reply.vault_id, key: reply.public_key, request: reply.request });
  const bytes = await open({ kem: request.seal_to.kem, privateKey: key }, info, reply.sealed_token);
  const plain = bytes && parseTokenPlaintext(bytes);
  if (!plain) return null;
  const fits = plain.agent === reply.agent_id && plain.key === reply.public_key && plain.uid === reply.uid && plain.vault === reply.vault_id && plain.vault_url === reply.vault_url;
  return fits && isToken(plain.token) ? plain.token : null;
}

/** What does not fit between a reply and where we asked, as a sentence, or null. */
export function misfit(reply: ConnectReply, request: ConnectRequest, address: string): string | null {
  if (reply.vault_url !== address) return strangeAddress(address, reply.vault_url);
  if (request.replaces !== null && reply.uid !== request.replaces) return otherManager;
  const scopes = reply.roles.map(({ scope }) => scope);
  const names = reply.roles.map(({ name }) => name);
  return new Set(scopes).size !== scopes.length || new Set(names).size !== names.length ? twoOnOneNumber : null;
}
