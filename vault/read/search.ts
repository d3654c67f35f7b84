import type { EntryPage } from "#lib/protocol/messages.ts";
import { record } from "../audit/write.ts";
import { MAX_ENTRIES_PAGE } from "../limits.ts";
import { openL1, summary } from "../store/entry.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { auditedRead, visibleEntries } from "./gate.ts";
import { rank } from "./rank.ts";

/** `GET /search?q=`: the best 500 of what the caller may see, over titles, tags, labels and L1 values. Never L2. */
export function searchEntries(vault: Vault, agent: Agent, query: string, ip: string): EntryPage {
  return auditedRead(vault, agent, "entries.search", ip, () => {
    const rows = visibleEntries(vault, agent, 0, Number.MAX_SAFE_INTEGER);
    const opened = rows.map((row) => openL1(vault.keys, vault.id, row));
    const searchable = opened.map(({ title, tags, fields }) => ({
      title,
      tags,
      rest: fields.flatMap(({ label, tier, value }) => (tier === "L1" ? [label, value ?? ""] : [label])),
    }));
    const found = rank(query, searchable).slice(0, MAX_ENTRIES_PAGE);
    record(vault, { actor: agent, action: "entries.search", ip, meta: { count: found.length } });
    return { entries: found.map((i) => summary(rows[i]!, opened[i]!)), next: null };
  });
}
