import type { Vault } from "../vault.ts";
import type { Agent } from "../store/rows.ts";
import { isIPv6 } from "node:net";
import { record } from "./write.ts";

const HOUR = 3_600;

/** The part of an address that stands for one household or company: /24, or /48 for IPv6. Keeps a scan from filling the log. */
export function addressPrefix(ip: string): string {
  const plain = ip.startsWith("::ffff:") ? ip.slice(7) : ip;
  if (!isIPv6(plain)) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  const [left = ""] = plain.split("::");
  const groups = left.split(":");
  return `${[0, 1, 2].map((i) => groups[i] || "0").join(":")}::/48`;
}

/**
 * Metadata calls and unknown tokens leave one event per agent (or address prefix) and hour, at the first call (PROTOCOL
 * 9). The table keeps a restart from writing a second one; the map keeps the rest of the hour free of writes.
 */
export function markCall(vault: Vault, who: Agent | "anonymous", ip: string): void {
  const hour = Math.floor(vault.now() / HOUR);
  const key = who === "anonymous" ? addressPrefix(ip) : `#${who.id}`;
  if (vault.marked.get(key) === hour) return;
  const stored = vault.db.get("SELECT hour FROM calls WHERE who = ?", key)?.hour as number | undefined;
  if (stored !== hour) {
    vault.write(false, () => {
      vault.db.run("DELETE FROM calls WHERE hour < ?", hour);
      vault.db.run("INSERT INTO calls (who, hour) VALUES (?, ?) ON CONFLICT (who) DO UPDATE SET hour = excluded.hour", key, hour);
      record(vault, {
        actor: who,
        action: "calls.marked",
        outcome: who === "anonymous" ? "denied" : "success",
        reason: who === "anonymous" ? "unknown_token" : null,
        ip: who === "anonymous" ? key : ip,
      });
    });
  }
  if (vault.marked.size > 10_000) vault.marked.clear();
  vault.marked.set(key, hour);
}
