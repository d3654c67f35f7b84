// Which request goes where, below one vault's address. A path that is not listed is 404 before anything else is looked at.
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { Stream } from "#lib/protocol/messages.ts";
import { isChange } from "#lib/protocol/schema.ts";
import { MAX_ID } from "#lib/protocol/scopes.ts";
import { markCall } from "../audit/mark.ts";
import { readAudit, settle } from "../audit/read.ts";
import { beginChange } from "../change/begin.ts";
import { submit } from "../change/submit.ts";
import { MAX_AGENTS_PAGE, MAX_AUDIT_PAGE, MAX_ENTRIES_PAGE, MAX_QUERY_CHARS } from "../limits.ts";
import { connectPage } from "../page/connect.ts";
import { listEntries, readEntry } from "../read/entry.ts";
import { agentsTag, listAgents, listCredentials, listScopes, statementFor, vaultInfo } from "../read/metadata.ts";
import { searchEntries } from "../read/search.ts";
import { readTotp } from "../read/totp.ts";
import { beginSession, openSession, unlock } from "../session/session.ts";
import type { Agent } from "../store/rows.ts";
import type { Vault } from "../vault.ts";
import { isUseNews, noteUse } from "../read/authenticate.ts";
import { looseObject } from "./body.ts";
import { ok, type Reply } from "./answer.ts";
import type { Query } from "./query.ts";

export interface Call {
  vault: Vault;
  method: string;
  /** Below the vault's address, without the query. */
  path: string;
  query: Query;
  header: (name: string) => string | undefined;
  body: () => Promise<Buffer>;
  ip: string;
}

export interface BearerCall extends Call {
  agent: Agent;
}

export type Door =
  | { bearer: false; run(call: Call): Promise<Reply> | Reply }
  | { bearer: true; run(call: BearerCall): Promise<Reply> | Reply };

/** Metadata calls leave a mark once an hour, and count as use of the token. */
function marked({ vault, agent, ip }: BearerCall): void {
  markCall(vault, agent, ip);
  const now = vault.now();
  if (isUseNews(agent, now)) vault.write(false, () => noteUse(vault, agent, now));
}

function admin(call: BearerCall): void {
  if (!call.agent.admin) throw new ProtocolError("not_admin");
}

const MAX_SEQ = Number.MAX_SAFE_INTEGER;

function stream(query: Query): Stream {
  const text = query.text("stream") ?? "primary";
  if (text !== "primary" && text !== "backup") throw new ProtocolError("invalid", { path: "stream", detail: "primary or backup" });
  return text;
}

function metadata(judge: (call: BearerCall) => void, run: (call: BearerCall) => Reply): Door {
  return {
    bearer: true,
    run(call) {
      marked(call);
      judge(call);
      return run(call);
    },
  };
}

const anyToken = (): void => undefined;

function agents({ vault, query, header }: BearerCall): Reply {
  const page = { after: query.number("after", 0, MAX_ID, 0), limit: query.number("limit", 1, MAX_AGENTS_PAGE, MAX_AGENTS_PAGE) };
  const tag = agentsTag(vault);
  if (header("if-none-match") === tag) return { status: 304, body: "", headers: { ETag: tag } };
  return ok(listAgents(vault, page), 200, { ETag: tag });
}

const READS: Readonly<Record<string, Door>> = {
  "/vault": metadata(anyToken, ({ vault, agent }) => ok(vaultInfo(vault, agent))),
  "/agents": metadata((call) => {
    if (!call.agent.allAccess) admin(call);
  }, agents),
  "/scopes": metadata(admin, ({ vault }) => ok(listScopes(vault))),
  "/credentials": metadata(admin, ({ vault, agent }) => ok(listCredentials(vault, agent))),
  "/statement": metadata(admin, ({ vault, agent, query }) => {
    const id = query.number("for", 1, MAX_ID, 0);
    if (id === 0) throw new ProtocolError("invalid", { path: "for", detail: "missing" });
    return ok(statementFor(vault, agent, id));
  }),
  "/audit": metadata(admin, ({ vault, agent, query }) => {
    const page = { after: query.number("after", 0, MAX_SEQ, 0), limit: query.number("limit", 1, MAX_AUDIT_PAGE, MAX_AUDIT_PAGE), stream: stream(query) };
    settle(vault);
    return ok(readAudit(vault, agent, page));
  }),
  "/entries": {
    bearer: true,
    run: ({ vault, agent, query, ip }) =>
      ok(listEntries(vault, agent, { after: query.number("after", 0, MAX_SEQ, 0), limit: query.number("limit", 1, MAX_ENTRIES_PAGE, MAX_ENTRIES_PAGE) }, ip)),
  },
  "/search": {
    bearer: true,
    run({ vault, agent, query, ip }) {
      const q = query.text("q");
      if (q === null || q === "" || q.length > MAX_QUERY_CHARS) throw new ProtocolError("invalid", { path: "q", detail: `1 to ${MAX_QUERY_CHARS} characters` });
      return ok(searchEntries(vault, agent, q, ip));
    },
  },
  "/connect": { bearer: false, run: connectPage },
};

const OPEN: Readonly<Record<string, Door>> = {
  "/session/begin": { bearer: false, run: async (call) => ok(beginSession(call.vault, looseObject(await call.body())), 201) },
  "/session": { bearer: false, run: async (call) => ok(openSession(call.vault, looseObject(await call.body()), call.ip)) },
  "/l3": { bearer: false, run: async (call) => ok(unlock(call.vault, looseObject(await call.body()))) },
};

/**
 * Whether a backup answers this door (PROTOCOL 9): reads, TOTP, metadata and what a device unlocks. Not what changes the
 * vault or leads to a change, and no statement, which only the vault's own key may sign.
 */
export function isServedByBackup(method: string, path: string): boolean {
  return method === "GET" ? path !== "/statement" : path === "/l3" || path === "/session/begin";
}

const ONE = /^\/(entry|totp)\/([1-9][0-9]{0,15})$/;

function readOne(path: string): Door | null {
  const match = ONE.exec(path);
  const id = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(id)) return null;
  const read = match[1] === "entry" ? readEntry : readTotp;
  return { bearer: true, run: ({ vault, agent, ip }) => ok(read(vault, agent, id, ip)) };
}

function own(doors: Readonly<Record<string, Door>>, path: string): Door | null {
  return Object.hasOwn(doors, path) ? doors[path]! : null;
}

/** The door of a request, or null: 404. `hasQuery`: changes take none (PROTOCOL 1). */
export function doorOf(method: string, path: string, hasQuery: boolean): Door | null {
  if (method === "GET") return own(READS, path) ?? readOne(path);
  if (hasQuery) return null;
  if (method === "POST") {
    const open = own(OPEN, path);
    if (open !== null) return open;
    if (path === "/auth/begin") return { bearer: true, run: beginChange };
    if (path === "/batch") return { bearer: true, run: submit };
  }
  return isChange(method, path) ? { bearer: true, run: submit } : null;
}
