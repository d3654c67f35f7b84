/**
 * What the vault itself must say before its reply counts (PROTOCOL 10.4): a signed `/vault` under the reply's key from the address
 * asked, our signers and no others, and that the token it gave us reads nothing (PROTOCOL 11).
 */
import { jcs } from "../protocol/jcs.ts";
import type { ConnectReply, ConnectRequest, CredentialRow } from "../protocol/messages.ts";
import { probeVault } from "../known/probe.ts";
import type { Answered, Result, VaultClient } from "../vault/client.ts";
import { notBlind, otherGrantThere, otherKeysThere } from "./reply-words.ts";

/** `wait`: nothing is known, ask again later. `refuse`: the vault said so itself, signed. */
export type Checked = { kind: "stands" } | { kind: "wait"; words: string } | { kind: "refuse"; words: string };

const stands: Checked = { kind: "stands" };
const wait = (words: string): Checked => ({ kind: "wait", words });
const refuse = (words: string): Checked => ({ kind: "refuse", words });

/** A signed no that will be no tomorrow as well, against one that passes (lapsed, locked, slowed down, failing over). */
const isFinal = (status: number) => status === 401 || status === 403 || status === 404;

/** What a call comes to where an answer was needed. */
function missing<T>(result: Exclude<Result<T>, Answered<T>>): Checked {
  if (result.kind === "unknown") return wait(result.words);
  return isFinal(result.status) ? refuse(`The vault does not take the token that it gave us: ${result.words}`) : wait(result.words);
}

/** Pure. The keys that sign for our row there are the ones we asked for: no more, no less, no other bytes. */
export function sameSigners(there: readonly CredentialRow[], request: ConnectRequest, agentId: number): boolean {
  const live = there.filter(({ revoked }) => !revoked).map(({ id, public_key, rp_id, origin, signs_for }) => jcs({ id, public_key, rp_id, origin, signs_for }));
  const asked = request.signers.map(({ credential_id: id, public_key, rp_id, origin }) => jcs({ id, public_key, rp_id, origin, signs_for: agentId }));
  return jcs(live.toSorted()) === jcs(asked.toSorted());
}

/** @param knownSeals every inbox key that anybody here ever stated (lib/known/directory) */
export async function checkVault(client: VaultClient, reply: ConnectReply, request: ConnectRequest, knownSeals: ReadonlyMap<string, string>): Promise<Checked> {
  const info = await client.info();
  if (info.kind !== "answered") return missing(info);
  if (info.value.grant === null || jcs({ ...info.value.grant }) !== jcs({ ...reply.grant })) return refuse(otherGrantThere);
  const [credentials, probe] = await Promise.all([client.credentials(), probeVault(client, { managerUid: reply.uid, knownSeals })]);
  if (credentials.kind !== "answered") return missing(credentials);
  if (!sameSigners(credentials.value, request, reply.agent_id)) return refuse(otherKeysThere);
  if (probe.result === "not_blind") return refuse(`${notBlind} ${probe.words ?? ""}`.trim());
  return probe.result === "blind" ? stands : wait(`That we read nothing there is not proven yet. ${probe.words ?? ""}`.trim());
}

/** The same reply, member by member. */
export const sameReply = (one: ConnectReply, other: ConnectReply): boolean => jcs(one) === jcs(other);
