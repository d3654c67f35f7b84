/**
 * Events as columns for one `unnest`. Each column travels as one text whose parts a control character separates: tamed texts and
 * canonical JSON hold none, and PostgreSQL takes it apart several times as fast as an array literal. Pure.
 */
import { tame } from "../vault/tame.ts";
import type { Checked } from "./chain.ts";

export const separator = "\u001f";
/** Stands for null; an empty text is null too, since nothing is said by it. */
export const nothing = "\u001e";

const names = 120;
const text = (value: string | number | null | undefined, most = 300): string => (value === null || value === undefined || value === "" ? nothing : typeof value === "number" ? String(value) : tame(value, most) || nothing);
const hex = (b64u: string): string => Buffer.from(b64u, "base64url").toString("hex");
const time = (ms: number): string => new Date(ms).toISOString();

/** Whose an acting row is: by its number in the vault. `byUid` for rows that an event is about. */
export type Who = { byId: ReadonlyMap<number, { uid: string; personId: string | null }>; byUid: ReadonlyMap<string, string | null> };

/** Order as in lib/audit/store.ts. */
export function columnsOf(events: readonly Checked[], ids: readonly string[], { byId, byUid }: Who): string[] {
  const columns: string[][] = Array.from({ length: 23 }, () => []);
  for (const [i, { event, at, skewed, fault, detail }] of events.entries()) {
    const said = detail === null ? null : event.detail;
    const target = said?.target ?? null;
    const actor = event.actor.agent_id === null ? undefined : byId.get(event.actor.agent_id);
    const row = [
      ids[i]!, time(at), skewed ? "t" : "f", String(event.epoch), String(event.seq), String(event.at), event.actor.kind, text(event.actor.agent_id), actor?.uid ?? nothing, actor?.personId ?? nothing,
      text(said?.name, names), event.action, event.outcome, text(target?.kind, 40), text(target?.id, names), (typeof target?.id === "string" && byUid.get(target.id)) || nothing, text(said?.reason, names), text(said?.ip, 64),
      detail ?? nothing, hex(event.detail_hash), hex(event.prev), hex(event.hash), fault ?? nothing,
    ];
    for (const [c, value] of row.entries()) columns[c]!.push(value);
  }
  return columns.map((column) => column.join(separator));
}
