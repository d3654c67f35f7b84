/** Times and figures of the audit as they are shown; all times are UTC, as in records and proofs. */
import { calendarDate } from "#components/ui/time-text.ts";
import type { State } from "#components/ui/glyph.tsx";
import type { AuditLine } from "#lib/audit/line.ts";
import type { PullState } from "#lib/audit/strip.ts";
import type { OwnRecords } from "#lib/export/format.ts";

/** `14:01:48.204`, and with its day where that is not today's. */
export function clockTime(at: number, now: number): string {
  const iso = new Date(at).toISOString();
  return iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? iso.slice(11, 23) : `${calendarDate(at).slice(0, -5)} ${iso.slice(11, 19)}`;
}
export const shortTime = (at: number, now: number): string => clockTime(at, now).replace(/\.\d{3}$/, "");
/** `about 1,240,000` for an estimate: no more figures than it is worth. */
export function figure(count: number, exact: boolean): string {
  if (exact) return count.toLocaleString("en");
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 2);
  return `about ${(Math.round(count / scale) * scale).toLocaleString("en")}`;
}

/** What a line's mark says, and in words for whoever does not see it; null: it went as usual. */
export function markOf(line: Pick<AuditLine, "outcome" | "fault" | "skewed" | "place" | "action">): { state: State; words: string } | null {
  if (line.fault !== null) return { state: "refused", words: "Breaks its chain" };
  if (line.outcome === "denied") return { state: "refused", words: "Refused" };
  if (line.outcome === "failure") return { state: "attention", words: "Failed" };
  if (line.skewed) return { state: "attention", words: "The vault’s clock is off" };
  if (line.place.stream === "backup") return { state: "moving", words: "From the backup’s stream" };
  return line.action === "dispatch.proven" || line.action === "probe.blind_again" ? { state: "proven", words: "Proven" } : null;
}

export const auditHref = (query: string, more: Readonly<Record<string, string>> = {}): string => `/audit?${new URLSearchParams({ q: query, ...more }).toString()}`;
/** Names one line of the table in an address. */
export const openKey = ({ source, id }: Pick<AuditLine, "source" | "id">): string => `${source === "vault" ? "v" : "r"}.${id}`;

/** Which of our own records an export holds. */
export const ownRecords: Readonly<Record<OwnRecords, string>> = {
  of_clients: "those about what is selected; those about no client, such as sign-ins, are not in it",
  of_clients_and_none: "those about these clients, and those about no client, such as sign-ins",
  not_asked: "none, they were not asked for",
};

/** How the pulling of a vault’s log goes. */
export const pullWords: Readonly<Record<PullState, { state: State; words: string }>> = {
  unread: { state: "none", words: "not read yet" }, ok: { state: "proven", words: "kept up with" }, behind: { state: "moving", words: "more waits to be read" }, failover: { state: "moving", words: "the backup answers; its stream merges later" },
  silent: { state: "none", words: "no answer" }, withheld: { state: "attention", words: "gives no audit" }, broken: { state: "refused", words: "its chain does not hold" }, ended: { state: "none", words: "the connection ended" },
};
