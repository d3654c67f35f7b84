/**
 * What a token had opened, and what of it was changed since, from its vault's own log (PROTOCOL 9). Pure. An entry is known by its uid
 * alone: what it is called and what stands in it, the console cannot know, and the client finds it by that uid.
 */
import type { AuditEvent } from "../protocol/messages.ts";

/** Times in epoch milliseconds, by the vault's clock. `changedAt`: the first change after the last reading. */
export type SeenEntry = { entry: string; reads: number; firstAt: number; lastAt: number; changedAt: number | null; removed: boolean };
/** `hiddenReads`: readings whose entry the client does not show us. `hiddenChanges`: changes of entries that may be any of these. */
export type Seen = { entries: SeenEntry[]; hiddenReads: number; hiddenChanges: number };

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

const times = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** What the log does not tell, in words; null: it tells all. */
export function gapWords({ hiddenReads, hiddenChanges }: Omit<Seen, "entries">): string | null {
  const words = [
    hiddenReads > 0 ? `The client does not show us which entries ${times(hiddenReads, "reading was", "readings were")} of.` : null,
    hiddenChanges > 0 ? `${times(hiddenChanges, "change", "changes")} of entries that the client does not show us: some of these may have been changed since.` : null,
  ].filter((one) => one !== null);
  return words.length === 0 ? null : words.join(" ");
}

/** What is still to be rotated: opened, and neither changed nor removed since. */
export const toRotate = <E extends { changedAt: unknown; removed: boolean }>(entries: readonly E[]): E[] => entries.filter(({ changedAt, removed }) => changedAt === null && !removed);
