/** Asking one vault for what can be shown later and to others: its signed list of rows, and its statement on what we manage there. */
import { tryText } from "../protocol/bytes.ts";
import type { SignedStatement } from "../protocol/messages.ts";
import { verifySigned } from "../protocol/signed.ts";
import type { Raw, VaultClient } from "../vault/client.ts";
import type { Page } from "./certificate.ts";
import type { Sighting } from "./judge.ts";

/** As it is kept: the pages of the list verbatim, and the statement. */
export type Evidence = { list: Page[]; statement: SignedStatement };
export type Looked = { kind: "seen"; shows: ReadonlySet<string>; sighting: Omit<Sighting, "shows">; evidence: Evidence } | { kind: "nothing"; words: string };

function pageOf({ body, answer, nonce, target }: Raw): Page | null {
  const text = tryText(body);
  return text === null ? null : { answer, body: text, nonce, target };
}

/**
 * One look at a vault. Nothing unless the whole list is signed by its primary, shows our own row, and is followed by a statement of the
 * same epoch, under the same key, that is no older than the list.
 */
export async function lookAt(client: Pick<VaultClient, "access" | "signedAgents" | "statement">, managerUid: string | null): Promise<Looked> {
  const { result, pages } = await client.signedAgents();
  if (result.kind !== "answered") return { kind: "nothing", words: result.words };
  if (result.mode !== "primary" || result.value.unchanged) return { kind: "nothing", words: "A backup answers, which may lag." };
  const { agents, revision } = result.value;
  // A list that leaves out the row with whose token it was asked is no whole list.
  if (!agents.some(({ uid }) => uid === managerUid)) return { kind: "nothing", words: "Its list of rows does not show our own, with whose token it was asked." };
  const statement = await client.statement();
  if (statement.kind !== "answered") return { kind: "nothing", words: statement.words };
  const { statement: said, signature } = statement.value;
  if (said.vault !== client.access.vaultId || said.manager !== managerUid || said.epoch !== result.epoch || said.revision < revision || !(await verifySigned("statement", said, signature, client.access.publicKey))) {
    return { kind: "nothing", words: "Its statement does not fit its list of rows." };
  }
  const list = pages.map(pageOf);
  if (list.some((page) => page === null)) return { kind: "nothing", words: "Its list of rows is no text." };
  // A row that only one of the two shows is there.
  const shows = new Set([...agents, ...said.agents].map(({ uid }) => uid));
  return { kind: "seen", shows, sighting: { mode: result.mode, epoch: result.epoch, revision, at: result.at }, evidence: { list: list as Page[], statement: statement.value } };
}
