/**
 * What came back from a vault, judged against what it signed before. Pure: it says how the vault is doing, in words, what of the
 * answer is to be kept, and whether work with it ends (PROTOCOL 9, 12, 14). Silence changes nothing but the health.
 */
import type { AgentRow, ScopeList, VaultInfo } from "../protocol/messages.ts";
import type { AgentList, Answered, Result } from "../vault/client.ts";

export type Health = "unread" | "ok" | "failover" | "lapsed" | "ended" | "silent" | "lying";

/** What was kept of earlier readings. Numbers of a primary only: what a backup said is no measure. */
export type Before = { health: Health; epoch: number | null; epochRevision: number | null; revision: number | null; agentsEtag: string | null; scopesRevision: number | null; failures: number; expiresAt: Date | null };

/** `agents` and `scopes` null: not asked, because nothing moved or because a backup answers. */
export type Seen = { info: Result<VaultInfo>; agents: Result<AgentList> | null; scopes: Result<ScopeList> | null };

export type Verdict = {
  health: Health;
  words: string | null;
  /** The primary's word on itself, to be kept; with a backup's only `mode` and `replicated` count. */
  info: VaultInfo | null;
  /** All rows, when they were read anew; null: keep what is there. */
  agents: { rows: readonly AgentRow[]; etag: string | null } | null;
  scopes: ScopeList | null;
  /** Every answer was there and held: what is known is as of now. */
  whole: boolean;
  failed: boolean;
  /** Seconds that the vault asked us to wait. */
  retryAfter: number | null;
  /** What becomes of the connection. */
  ends: "stopped" | "ended" | null;
};

const nothing = { info: null, agents: null, scopes: null, whole: false, retryAfter: null, ends: null } as const;

/** One answer that did not come is no silence yet; the next is asked for within seconds. */
const silentFrom = 2;
const silent = ({ health, failures }: Before, words: string, retryAfter: number | null): Verdict => ({
  ...nothing, health: failures + 1 >= silentFrom ? "silent" : health, words, failed: true, retryAfter,
});

const lying = (words: string): Verdict => ({ ...nothing, health: "lying", words, failed: true, ends: "stopped" });

/** What any of its answers says of the vault as a whole, when it is not an answer. */
function refused(came: Exclude<Result<unknown>, { kind: "answered" }>, before: Before): Verdict {
  if (came.kind === "unknown") return came.trouble === "wrong_key" ? lying(came.words) : silent(before, came.words, came.retryAfter);
  const { code, mode, words, retryAfter } = came;
  if (code === "unknown_token") {
    // A backup may lag behind a token that was renewed; only a primary's 401 is final (PROTOCOL 9).
    if (mode === "backup") return { ...nothing, health: "failover", words: "Its backup answers, and does not know our token. That is final only when its primary says so.", failed: true };
    const ran = before.expiresAt !== null && before.expiresAt.getTime() <= came.at;
    return { ...nothing, health: "ended", words: ran ? "Our own row in it ran out." : "It signed that our token opens nothing any more: the client ended our row.", failed: false, ends: "ended" };
  }
  if (code === "expired") return { ...nothing, health: "lapsed", words: "Its subscription has lapsed. Access can still be taken away.", failed: true, retryAfter };
  return silent(before, `It answers, but does not let itself be read: ${words}`, retryAfter);
}

/** How a primary contradicts what it signed before, with the exact place; null when it does not. */
function contradiction({ epoch, epoch_revision: start, revision }: VaultInfo, before: Before): string | null {
  if (before.epoch === null || before.revision === null) return null;
  if (epoch < before.epoch) return `Its epoch went back from ${before.epoch} to ${epoch}.`;
  if (epoch > before.epoch) return null;
  if (before.epochRevision !== null && start !== before.epochRevision) return `The beginning of its epoch ${epoch} moved from revision ${before.epochRevision} to ${start}.`;
  if (revision < before.revision) return `Its revision fell from ${before.revision} to ${revision} within epoch ${epoch}: it was set back without saying so.`;
  return null;
}

/** Whether the list of rows can only be what was read last: the tag names revision and hour (PROTOCOL 3), and neither moved. */
export const nothingMoved = (info: VaultInfo, before: Before): boolean =>
  info.mode === "primary" && info.epoch === before.epoch && info.revision === before.revision && before.scopesRevision === before.revision && before.agentsEtag === `"${info.revision}.${Math.floor(info.now / 3_600)}"`;

/** A list may be of a later revision than `/vault`, which was read first; never of an earlier one. */
function tooOld(asked: string, { value }: Answered<{ revision?: number } | AgentList>, info: VaultInfo): string | null {
  if ("revision" in value && typeof value.revision === "number" && value.revision < info.revision) return `${asked} is of revision ${value.revision}, while it had already signed ${info.revision}.`;
  return null;
}

/** The verdict on a reading, by the vault's own clock. */
export function judge({ info: came, agents, scopes }: Seen, before: Before): Verdict {
  if (came.kind !== "answered") return refused(came, before);
  const info = came.value;
  if (info.mode === "backup") {
    const lag = info.replicated === null ? "" : ` It has what the primary had at revision ${info.replicated.revision}.`;
    return { ...nothing, health: "failover", words: `Its backup answers: reads only.${lag}`, info, failed: false };
  }
  const lie = contradiction(info, before);
  if (lie !== null) return lying(lie);
  for (const [asked, list] of [["Its list of rows", agents], ["Its list of scopes", scopes]] as const) {
    if (list === null) continue;
    if (list.kind !== "answered") return refused(list, before);
    if (list.mode !== info.mode || list.epoch !== info.epoch) return silent(before, "It went over to another epoch or to its backup while it was read.", null);
    const old = tooOld(asked, list, info);
    if (old !== null) return lying(old);
  }
  const rows = agents?.kind === "answered" && !agents.value.unchanged ? { rows: agents.value.agents, etag: agents.etag } : null;
  const lapsed = info.paid_until !== null && info.paid_until <= info.now;
  return {
    health: lapsed ? "lapsed" : "ok", words: lapsed ? "Its subscription has lapsed. Access can still be taken away." : null,
    info, agents: rows, scopes: scopes?.kind === "answered" ? scopes.value : null, whole: true, failed: false, retryAfter: null, ends: null,
  };
}
