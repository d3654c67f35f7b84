/**
 * The blind probe (PROTOCOL 11): whether our own token can read anything in a vault. Three results, and what each shows is said as
 * just that. Pure but for `probeVault`, which asks.
 */
import { randomInt } from "node:crypto";
import { limits } from "../limits.ts";
import type { AgentRow } from "../protocol/messages.ts";
import { MAX_ID } from "../protocol/scopes.ts";
import type { AgentList, Result, VaultClient } from "../vault/client.ts";
import type { Directory } from "./directory.ts";

export type ProbeResult = "blind" | "not_blind" | "unproven";
export type ProbeVerdict = { result: ProbeResult; words: string | null };
/** `closed`: the vault said 402, so it takes no reads from anybody. */
export type Probed = ProbeVerdict & { closed: boolean };

/** What was asked, in words that name the place, and what came. Lists answer a count, single entries nothing or a refusal. */
export type ProbeAnswers = {
  lists: readonly { asked: string; came: Result<{ count: number }> }[];
  ones: readonly { asked: string; came: Result<null> }[];
  agents: Result<AgentList>;
};

type Own = { managerUid: string; knownSeals: ReadonlySet<string> | Directory["bySeal"] };

const seen = (asked: string, what: string): ProbeVerdict => ({ result: "not_blind", words: `Our token could read there: ${asked} ${what}.` });

/** What the list of rows says against us: our own row as it must not be, or a token of ours sealed to a stranger. */
function judgeRows(agents: readonly AgentRow[], { managerUid, knownSeals }: Own): ProbeVerdict | null {
  const own = agents.find(({ uid }) => uid === managerUid);
  if (own === undefined) return { result: "not_blind", words: "The list of rows does not show our own, so what it may do is not known." };
  if (own.scopes !== "" || own.all_access) return { result: "not_blind", words: `Our own row was widened: ${own.all_access ? "it has full access" : `it has the scopes ${own.scopes}`}.` };
  // A row handed over by the client keeps the token the client knows until it is renewed; that is shown, and no alarm.
  const strange = agents.find(({ managed_by, hand_over, sealed_to }) => managed_by === managerUid && hand_over === "sealed" && (sealed_to === null || !knownSeals.has(sealed_to)));
  return strange === undefined ? null : { result: "not_blind", words: `The token of ${strange.name} is sealed to a key that nobody here ever had.` };
}

/** Why a thing asked proves nothing, or null: it was refused as it should be. */
function unprovenBy({ asked, came }: { asked: string; came: Result<unknown> }): string | null {
  if (came.kind === "unknown") return came.words;
  if (came.kind === "refused" && came.code !== "denied") return `${asked}: ${came.words}`;
  return null;
}

function rowsUnread(agents: Result<AgentList>): string | null {
  if (agents.kind !== "answered") return agents.words;
  return agents.value.unchanged ? "The list of rows was not read." : null;
}

export function judgeProbe(answers: ProbeAnswers, own: Own): ProbeVerdict {
  const { lists, ones, agents } = answers;
  for (const { asked, came } of lists) if (came.kind === "answered" && came.value.count > 0) return seen(asked, `showed ${came.value.count} ${came.value.count === 1 ? "entry" : "entries"}`);
  for (const { asked, came } of ones) if (came.kind === "answered") return seen(asked, "was answered");
  if (agents.kind === "answered" && !agents.value.unchanged) {
    const rows = judgeRows(agents.value.agents, own);
    if (rows !== null) return rows;
  }
  // Lists are empty, not refused: a refusal shows nothing about what they would have held.
  const whys = [...lists.map(({ came }) => (came.kind === "answered" ? null : came.words)), ...ones.map(unprovenBy), rowsUnread(agents)];
  const unproven = whys.find((words) => words !== null) ?? null;
  return unproven === null ? { result: "blind", words: null } : { result: "unproven", words: unproven };
}

/** Asks everything that our token must not see. @param draw an entry's number nobody could foresee, 2 to 65534 */
export async function probeVault(client: VaultClient, own: Own, draw: () => number = () => randomInt(2, MAX_ID)): Promise<Probed> {
  const ids = [1, draw(), MAX_ID];
  const [entries, search, agents, ...ones] = await Promise.all([
    client.entries(), client.search("a"), client.agents(),
    ...ids.flatMap((id) => [client.entry(id).then((came) => ({ asked: `entry ${id}`, came })), client.totp(id).then((came) => ({ asked: `the one-time code of entry ${id}`, came }))]),
  ]);
  const verdict = judgeProbe({ lists: [{ asked: "the list of entries", came: entries }, { asked: "a search", came: search }], ones, agents }, own);
  return { ...verdict, closed: entries.kind === "refused" && entries.code === "expired" };
}

export type ProbeState = { probeResult: string | null; unprovenSince: Date | null };

/** What a probe's state calls for: "now" for a token that sees, "late" once nothing was proven for three hours (PROTOCOL 11). */
export function probeAlarm({ probeResult, unprovenSince }: ProbeState, now: Date): "now" | "late" | null {
  if (probeResult === "not_blind") return "now";
  return unprovenSince !== null && now.getTime() - unprovenSince.getTime() >= limits.probeAlarmSeconds * 1_000 ? "late" : null;
}

/** The state after another probe. `unprovenSince` begins with the first that proves nothing and ends with one that proves. */
export function afterProbe(before: ProbeState, { result }: ProbeVerdict, now: Date): { probeResult: ProbeResult; unprovenSince: Date | null } {
  return { probeResult: result, unprovenSince: result === "blind" ? null : (before.unprovenSince ?? now) };
}
