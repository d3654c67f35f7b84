// Opening sealed tokens in the technician's browser (PROTOCOL 8). Their key is unwrapped once for all of them and wiped; the tokens
// live in this page's memory only. What is not sealed to this very key, or holds another row than it says, is an alarm.
import { isBaseUrl } from "#lib/protocol/address.ts";
import { isKem, sealedTo } from "#lib/protocol/kem.ts";
import type { InboxStatement, TokenPlaintext } from "#lib/protocol/messages.ts";
import { isToken } from "#lib/protocol/token.ts";
import type { SealedLine } from "#lib/token/take.ts";
import { openInboxKey, type Opener, type StoredCopy } from "#components/inbox/ceremony.ts";

export type OpenedToken = { readonly id: string; readonly client: string; readonly inside: TokenPlaintext };
export type StrangeSeal = { readonly id: string; readonly client: string; readonly why: "other_key" | "not_opened" | "other_row" };
export type OpenedAll = { readonly opened: readonly OpenedToken[]; readonly strange: readonly StrangeSeal[] };

/** One sealed token with the private half at hand. Never throws for what was sealed. */
export async function openOne(statement: InboxStatement, privateKey: Uint8Array<ArrayBuffer>, line: SealedLine): Promise<OpenedToken | StrangeSeal> {
  const { id, client, vault, key, uid, agent, sealed } = line;
  const strange = (why: StrangeSeal["why"]): StrangeSeal => ({ id, client, why });
  const { kem } = sealed;
  if (!isKem(kem) || kem !== statement.kem || line.sealedTo !== sealedTo(statement)) return strange("other_key");
  // The sealing library is fetched only by whoever opens something.
  const { open, parseTokenPlaintext, tokenInfo } = await import("#lib/protocol/seal.ts");
  const bytes = await open({ kem, privateKey }, tokenInfo({ vault, key, uid }), { ...sealed, kem });
  if (bytes === null) return strange("not_opened");
  const inside = parseTokenPlaintext(bytes);
  bytes.fill(0);
  const fits = inside !== null && inside.vault === vault && inside.key === key && inside.uid === uid && inside.agent === agent && isBaseUrl(inside.vault_url) && isToken(inside.token);
  return fits ? { id, client, inside } : strange("other_row");
}

/** All of them with one touch, or with the phrase. Throws InboxStop. */
export async function openTokens({ statement, copies }: { statement: InboxStatement; copies: readonly StoredCopy[] }, opener: Opener, lines: readonly SealedLine[]): Promise<OpenedAll> {
  const privateKey = await openInboxKey(statement, copies, opener);
  try {
    const all: (OpenedToken | StrangeSeal)[] = [];
    for (const line of lines) all.push(await openOne(statement, privateKey, line));
    return { opened: all.filter((one) => "inside" in one), strange: all.filter((one) => "why" in one) };
  } finally {
    privateKey.fill(0);
  }
}
