/** What a token had opened, and what of it was changed since, from its vault's own log (PROTOCOL 9): what the database's list is held to. Pure. */
import type { AuditEvent } from "../../protocol/messages.ts";
import type { Hidden } from "../seen.ts";

/** Times in epoch milliseconds, by the vault's clock. `changedAt`: the first change after the last reading. */
export type SeenEntry = { entry: string; reads: number; firstAt: number; lastAt: number; changedAt: number | null; removed: boolean };
export type Seen = Hidden & { entries: SeenEntry[] };

type Logged = Pick<AuditEvent, "at" | "action" | "outcome" | "actor" | "detail">;
const reads: ReadonlySet<string> = new Set(["entry.read", "totp.read"]);
const changes: ReadonlySet<string> = new Set(["entry.update", "entry.delete"]);

/** @param events of one stream, in its order. @param agentId the row's number, which a vault never gives twice (PROTOCOL 4, Ids) */
export function seenIn(events: readonly Logged[], agentId: number): Seen {
  const entries = new Map<string, SeenEntry>();
  let [hiddenReads, hiddenChanges] = [0, 0];
  for (const { at, action, outcome, actor, detail } of events) {
    if (outcome !== "success") continue;
    const target = detail?.target?.id;
    if (reads.has(action) && actor.agent_id === agentId) {
      if (typeof target !== "string") hiddenReads += 1;
      else {
        const known = entries.get(target);
        // Read again after a change: what it says now was seen too.
        entries.set(target, known === undefined ? { entry: target, reads: 1, firstAt: at, lastAt: at, changedAt: null, removed: false } : { ...known, reads: known.reads + 1, lastAt: at, changedAt: null });
      }
    } else if (changes.has(action)) {
      if (typeof target !== "string") {
        if (entries.size > 0 || hiddenReads > 0) hiddenChanges += 1;
        continue;
      }
      const known = entries.get(target);
      if (known !== undefined && known.changedAt === null) entries.set(target, { ...known, changedAt: at, removed: action === "entry.delete" });
    }
  }
  return { entries: [...entries.values()], hiddenReads, hiddenChanges };
}
