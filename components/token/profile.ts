/** Profiles: opened tokens as a file for the programs that use them. Pure; the file is made in the browser and sent nowhere. */
import type { OpenedToken } from "./open.ts";

/** `expires_at` of the row, ISO 8601; null: no end. */
type Ends = ReadonlyMap<string, number | null>;
const endOf = (ends: Ends, id: string): string | null => {
  const at = ends.get(id);
  return at == null ? null : new Date(at).toISOString();
};

/** For the browser extension: JSON (docs/tokens.md, Profiles). */
export function extensionProfile(tokens: readonly OpenedToken[], ends: Ends, now: Date): string {
  const list = tokens.map(({ id, client, inside: { agent, key, token, uid, vault, vault_url } }) => ({ name: client, vault_url, vault, key, agent, uid, token, expires_at: endOf(ends, id) }));
  return `${JSON.stringify({ kind: "clavitor-profile", v: 1, made_at: now.toISOString(), tokens: list }, null, 2)}\n`;
}

/** A name as the head of a section: letters, digits and dashes. */
const slug = (name: string): string => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "client";

/** For the command line: sections of `key = value` lines. Every value is of letters that need no quotes, but the name, which is JSON. */
export function commandLineProfile(tokens: readonly OpenedToken[], ends: Ends, now: Date): string {
  const taken = new Map<string, number>();
  const sections = tokens.map(({ id, client, inside: { agent, key, token, uid, vault, vault_url } }) => {
    const count = (taken.get(slug(client)) ?? 0) + 1;
    taken.set(slug(client), count);
    const end = endOf(ends, id);
    return [`[${slug(client)}${count === 1 ? "" : `-${count}`}]`, `name = ${JSON.stringify(client)}`, `url = ${vault_url}`, `vault = ${vault}`, `key = ${key}`, `agent = ${agent}`, `uid = ${uid}`, `token = ${token}`, ...(end === null ? [] : [`expires_at = ${end}`])].join("\n");
  });
  return `# Clavitor profile, made ${now.toISOString()}\n\n${sections.join("\n\n")}\n`;
}
