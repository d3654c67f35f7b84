import type { Entry, EntryPage } from "#lib/protocol/messages.ts";
import { record } from "../audit/write.ts";
import { openContent, openL1, summary, wholeEntry } from "../store/entry.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { withinLimits } from "./abuse.ts";
import { auditedRead, denied, visibleEntries, visibleEntry } from "./gate.ts";

/** `GET /entry/:id`. L2 values are opened here, L3 values leave as they came (PROTOCOL 3). */
export function readEntry(vault: Vault, agent: Agent, id: number, ip: string): Entry {
  return auditedRead(vault, agent, "entry.read", ip, (now) => {
    const row = visibleEntry(vault, agent, id);
    if (row === undefined) return denied(vault, agent, "entry.read", ip, id);
    const beyond = withinLimits(vault, agent, id, "entry.read", ip, now);
    if (beyond !== null) return beyond;
    record(vault, { actor: agent, action: "entry.read", target: { kind: "entry", id: row.uid as string }, ip });
    return wholeEntry(row, openContent(vault.keys, vault.id, row));
  });
}

/** `GET /entries`. Opens titles and tags only. */
export function listEntries(vault: Vault, agent: Agent, { after, limit }: { after: number; limit: number }, ip: string): EntryPage {
  return auditedRead(vault, agent, "entries.list", ip, () => {
    const rows = visibleEntries(vault, agent, after, limit + 1);
    const shown = rows.slice(0, limit);
    record(vault, { actor: agent, action: "entries.list", ip, meta: { count: shown.length } });
    return {
      entries: shown.map((row) => summary(row, openL1(vault.keys, vault.id, row))),
      next: rows.length > limit ? (shown.at(-1)!.id as number) : null,
    };
  });
}
