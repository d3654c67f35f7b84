// Operations on entries (PROTOCOL 4). Titles, tags and values never reach the log.
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { EntryCreate, EntryUpdate } from "#lib/protocol/messages.ts";
import { parseScopes } from "#lib/protocol/scopes.ts";
import type { Row } from "../store/database.ts";
import { openContent, sealEntry, type EntryContent } from "../store/entry.ts";
import type { Vault } from "../vault.ts";
import type { Applied, ChangeContext } from "./context.ts";
import { refuseEntry } from "./rules.ts";

function judge(context: ChangeContext, before: string, after: EntryUpdate | null): void {
  const manager = context.managerCaller();
  if (manager === null) return;
  const refusal = refuseEntry(manager.grant, before, after, (scope) => context.isForeignId(manager.uid, scope));
  if (refusal !== null) throw new ProtocolError(refusal);
}

function writeScopes(vault: Vault, id: number, scopes: string): void {
  vault.db.run("DELETE FROM entry_scopes WHERE entry_id = ?", id);
  for (const scope of parseScopes(scopes)!) vault.db.run("INSERT INTO entry_scopes (scope, entry_id) VALUES (?, ?)", scope, id);
}

/** The row, its precondition met. A uid that is not this row's is `stale`, a missing row 404. */
function target(context: ChangeContext, id: number): Row {
  const row = context.vault.db.get("SELECT * FROM entries WHERE id = ?", id);
  const wanted = context.op.if?.uid;
  if (row === undefined) throw new ProtocolError(wanted !== undefined && !context.wasHere(wanted) ? "stale" : "not_found");
  if (wanted !== undefined && wanted !== row.uid) throw new ProtocolError("stale");
  return row;
}

export function createEntry(context: ChangeContext, body: EntryCreate): Applied {
  const { vault, now } = context;
  judge(context, "", body);
  const { uid } = context.draft();
  const revision = context.revision();
  const content: EntryContent = { title: body.title, tags: body.tags ?? [], fields: body.fields };
  vault.countSeal();
  const { l1, l2 } = sealEntry(vault.keys, vault.id, uid, revision, content);
  vault.db.run("INSERT INTO uids (uid) VALUES (?)", uid);
  vault.db.run("INSERT INTO entries (uid, scopes, l1, l2, revision, updated_at) VALUES (?, ?, ?, ?, ?, ?)", uid, body.scopes, l1, l2, revision, now);
  const id = vault.db.get("SELECT id FROM entries WHERE uid = ?", uid)!.id as number;
  writeScopes(vault, id, body.scopes);
  return { result: { status: "created", entry_id: id, uid }, event: { action: "entry.create", target: { kind: "entry", id: uid }, meta: { entry: id } } };
}

export function updateEntry(context: ChangeContext, id: number, body: EntryUpdate): Applied {
  const { vault, now } = context;
  // A manager without entries learns nothing about which exist.
  judge(context, "", null);
  const row = target(context, id);
  judge(context, row.scopes as string, body);
  context.assertFresh(row.revision as number);
  const uid = row.uid as string;
  const before = openContent(vault.keys, vault.id, row);
  const after: EntryContent = { title: body.title ?? before.title, tags: body.tags ?? before.tags, fields: body.fields ?? before.fields };
  const scopes = body.scopes ?? (row.scopes as string);
  const event: Applied["event"] = { action: "entry.update", target: { kind: "entry", id: uid }, meta: { entry: id, members: Object.keys(body).sort() } };
  if (scopes === row.scopes && JSON.stringify(before) === JSON.stringify(after)) return { result: { status: "unchanged", entry_id: id, uid }, event };
  const revision = context.revision();
  vault.countSeal();
  const { l1, l2 } = sealEntry(vault.keys, vault.id, uid, revision, after);
  vault.db.run("UPDATE entries SET scopes = ?, l1 = ?, l2 = ?, revision = ?, updated_at = ? WHERE id = ?", scopes, l1, l2, revision, now, id);
  writeScopes(vault, id, scopes);
  return { result: { status: "changed", entry_id: id, uid }, event };
}

export function deleteEntry(context: ChangeContext, id: number): Applied {
  const { vault } = context;
  judge(context, "", null);
  const row = target(context, id);
  context.assertFresh(row.revision as number);
  context.revision();
  vault.db.run("DELETE FROM entries WHERE id = ?", id);
  const uid = row.uid as string;
  return { result: { status: "deleted", entry_id: id, uid }, event: { action: "entry.delete", target: { kind: "entry", id: uid }, meta: { entry: id } } };
}
