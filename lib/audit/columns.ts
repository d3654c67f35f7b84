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
/** Most texts are; they need no taming. */
const harmless = /^[\x20-\x7e]+$/;
const text = (value: string | number | null | undefined, most = 300): string => {
  if (value === null || value === undefined || value === "") return nothing;
  if (typeof value === "number") return String(value);
  return value.length <= most && harmless.test(value) ? value : tame(value, most) || nothing;
};

/** Whose an acting row is: by its number in the vault, and learnt as a log tells of new ones. `byUid` for rows that an event is about. */
export type Who = { byId: Map<number, { uid: string; personId: string | null }>; byUid: ReadonlyMap<string, string | null> };

/** 32 bytes each in base64url, as the base64 that PostgreSQL decodes: other two letters, and filled up. */
const base64 = (hashes: readonly string[]): string => hashes.join(`=${separator}`).replaceAll("-", "+").replaceAll("_", "/") + (hashes.length > 0 ? "=" : "");

/** Order as in lib/audit/store.ts. Times are milliseconds. */
export function columnsOf(events: readonly Checked[], ids: readonly string[], { byId, byUid }: Who): string[] {
  const columns: string[][] = Array.from({ length: 20 }, () => []);
  const hashes: [string[], string[], string[]] = [[], [], []];
  for (let i = 0; i < events.length; i++) {
    const { event, at, skewed, fault, detail } = events[i]!;
    const said = detail === null ? null : event.detail;
    const target = said?.target ?? null;
    const actor = event.actor.agent_id === null ? undefined : byId.get(event.actor.agent_id);
    const row = [
      ids[i]!, String(at), skewed ? "t" : "f", String(event.epoch), String(event.seq), String(event.at), event.actor.kind, text(event.actor.agent_id), actor?.uid ?? nothing, actor?.personId ?? nothing,
      text(said?.name, names), event.action, event.outcome, text(target?.kind, 40), text(target?.id, names), (typeof target?.id === "string" && byUid.get(target.id)) || nothing, text(said?.reason, names), text(said?.ip, 64),
      detail ?? nothing, fault ?? nothing,
    ];
    for (let c = 0; c < row.length; c++) columns[c]!.push(row[c]!);
    hashes[0].push(event.detail_hash);
    hashes[1].push(event.prev);
    hashes[2].push(event.hash);
  }
  return [...columns.map((column) => column.join(separator)), ...hashes.map(base64)];
}
