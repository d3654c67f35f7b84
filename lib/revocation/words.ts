/** What still stands open at one vault, as a person reads it. Pure. */
import type { RowFacts, RowVerdict } from "./judge.ts";

/** `lead` in bold, then the rest. Times are put in by `clock` (a time of day) and `day`, so that the words are the same everywhere. */
export type OpenWords = { lead: string; rest: string };

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"] as const;
const day = (at: number): string => {
  const date = new Date(at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]!}`;
};
const when = (at: number, now: number): string => (now - at < 20 * 3_600_000 ? clock(at) : day(at));

const stands = ({ standing }: RowVerdict): string => (standing === null ? "" : ` The signed removal stands until ${day(standing.until)} and goes in by itself.`);

/** Why a row is open. `scope`: the token's number as the vault shows it. */
export function openWords(facts: RowFacts, verdict: RowVerdict, now: number): OpenWords {
  const { health, healthSince, words } = facts;
  const since = healthSince === null ? "" : ` since ${when(healthSince, now)}`;
  switch (verdict.state) {
    case "contradiction": return { lead: "It contradicts itself.", rest: ` ${words ?? facts.shares.findLast(({ state }) => state === "incident")?.words ?? "What it signs does not fit what it signed before."} Nothing it says counts as proof until that is cleared up.` };
    case "again": return verdictAgain(facts, verdict);
    case "ended": return { lead: "Our connection has ended.", rest: " Nothing can be asked there any more. Only the client can say whether the token is gone." };
    case "reading": return { lead: "Accepted.", rest: ` ${health === "failover" ? "Its backup answers now, which may lag; " : health === "silent" ? "It does not answer now; " : ""}it is read again until its primary signs a list without the token.` };
    case "sent": return { lead: "No answer came back.", rest: ` The removal was sent${sentAt(facts)}, then silence. Unknown is not done: we ask again with the same bytes until it tells us.${stands(verdict)}` };
    case "standing":
      if (health === "failover") return { lead: `Failover${since}.`, rest: ` The backup still serves reads, so the token works there. Writes are paused.${stands(verdict)}` };
      if (health === "silent") return { lead: `Unreachable${since}.`, rest: ` The token may still work inside the client’s own network.${stands(verdict)}` };
      return { lead: "Waits for the vault.", rest: stands(verdict) || " It is asked again by itself." };
    case "waiting": return { lead: "On its way.", rest: " Signed, and next in its line." };
    case "tap": return { lead: "Another tap is needed.", rest: ` ${facts.shares.findLast(({ words: said }) => said !== null)?.words ?? "Nothing was changed there."}` };
    case "unsigned": return { lead: "Not signed yet.", rest: " It stands in a plan that waits for a tap." };
    case "unplanned": return { lead: "In no plan.", rest: ` ${facts.leftOut ?? "No plan holds its removal."}` };
    case "own": case "apart": case "absent": return { lead: "", rest: "" };
  }
}

function sentAt({ shares }: RowFacts): string {
  const at = shares.findLast(({ state }) => state === "sent")?.firstSentAt ?? null;
  return at === null ? "" : ` at ${new Date(at).toISOString().slice(11, 19)} UTC`;
}

function verdictAgain({ absent, epoch, present, health }: RowFacts, verdict: RowVerdict): OpenWords {
  if (present !== null && (absent === null || present.epoch > absent.epoch || (present.epoch === absent.epoch && present.revision >= absent.revision))) {
    const why = absent !== null && epoch !== null && epoch > absent.epoch ? "It was restored from a copy in which the token was still there." : "Its primary signed a list that shows the token although it had been removed.";
    return { lead: "The token is back.", rest: ` ${why}${verdict.standing === null ? " Another tap is needed." : stands(verdict)}` };
  }
  const from = absent === null || epoch === null ? "" : ` Its epoch rose from ${absent.epoch} to ${epoch}.`;
  return { lead: "Restored or promoted since.", rest: `${from} What was proven before counts no more; it is read again${health === "ok" || health === "lapsed" ? "." : " as soon as its primary answers."}` };
}
