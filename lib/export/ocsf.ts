/**
 * Our lines as events of the Open Cybersecurity Schema Framework, version 1.8.0 (schema.ocsf.io): only classes that are current in it.
 * Reads are Datastore Activity, rows and their tokens Account Change, our own work Entity Management or API Activity. Pure.
 */
import { kindOfAction } from "../audit/kind.ts";
import type { AuditLine } from "../audit/line.ts";
import { plain } from "../audit/sentence.ts";
import type { Action } from "../protocol/messages.ts";

export const ocsfVersion = "1.8.0";
/** `metadata` without its sequence, which is the number of the line. `unmapped` is never empty, so that the link can follow in it. */
export type Ocsf = { readonly metadata: Readonly<Record<string, unknown>>; readonly class_uid: number; readonly unmapped: Readonly<Record<string, unknown>>; readonly [member: string]: unknown };

type Activity = readonly [id: number, name: string];
type Class = { readonly uid: number; readonly name: string; readonly category: number; readonly categoryName: string };
const datastore: Class = { uid: 6005, name: "Datastore Activity", category: 6, categoryName: "Application Activity" };
const api: Class = { uid: 6003, name: "API Activity", category: 6, categoryName: "Application Activity" };
const account: Class = { uid: 3001, name: "Account Change", category: 3, categoryName: "Identity & Access Management" };
const authentication: Class = { uid: 3002, name: "Authentication", category: 3, categoryName: "Identity & Access Management" };
const entity: Class = { uid: 3004, name: "Entity Management", category: 3, categoryName: "Identity & Access Management" };
const eventLog: Class = { uid: 1008, name: "Event Log Activity", category: 1, categoryName: "System Activity" };
export const ocsfClasses = [datastore, api, account, authentication, entity, eventLog] as const;

const other = (name: string): Activity => [99, name];

/** A vault's actions, each in its class. */
const vaultClasses: { readonly [A in Action]: readonly [Class, Activity] } = {
  "entry.read": [datastore, [1, "Read"]], "totp.read": [datastore, other("One-time code")], "entries.list": [datastore, [8, "List"]], "entries.search": [datastore, [4, "Query"]],
  "entry.create": [datastore, [6, "Create"]], "entry.update": [datastore, [2, "Update"]], "entry.delete": [datastore, [7, "Delete"]],
  "agent.create": [account, [1, "Create"]], "agent.update": [account, other("Update")], "agent.delete": [account, [6, "Delete"]], "agent.token": [account, [3, "Password Change"]], "agent.expire": [account, [5, "Disable"]], "agent.lock": [account, [9, "Lock"]], "agent.unlock": [account, [12, "Unlock"]],
  "credential.create": [account, [10, "MFA Factor Enable"]], "credential.delete": [account, [11, "MFA Factor Disable"]],
  connect: [entity, [6, "Enroll"]], "vault.created": [entity, [1, "Create"]], "vault.restored": [entity, other("Restore")],
  "change.refused": [api, [3, "Update"]], counter_regressed: [api, other("Counter regressed")], "calls.marked": [api, [2, "Read"]],
};

/** The verb of a record's action. */
const verbs: readonly (readonly [RegExp, Activity])[] = [
  [/(^|_)(created|made|added|saved|enrolled|uploaded|imported|queued|joined)$/, [1, "Create"]],
  [/(^|_)(removed|revoked|retired|cancelled|withdrawn|dropped|ended|exited|given_up)$/, [4, "Delete"]],
  [/(^|_)(changed|renamed|edited|set|ordered|linked|confirmed|endorsed|accepted|thawed|frozen|moved)$/, [3, "Update"]],
];
function recordClass(action: string): readonly [Class, Activity] {
  if (action === "session.started") return [authentication, [1, "Logon"]];
  if (action === "session.ended") return [authentication, [2, "Logoff"]];
  const verb = action.slice(action.indexOf(".") + 1);
  const known = verbs.find(([pattern]) => pattern.test(verb));
  return known ? [entity, known[1]] : [api, other(action)];
}

const isVaultAction = (action: string): action is Action => Object.hasOwn(vaultClasses, action);
const heavy = new Set(["counter_regressed", "agent.lock", "vault.restored", "probe.saw", "vault.stopped", "dispatch.incident", "passkey.counter_regressed"]);

/** 1 informational, 2 low, 4 high. */
const severityOf = ({ action, outcome }: Pick<AuditLine, "action" | "outcome">): readonly [number, string] => (heavy.has(action) ? [4, "High"] : outcome === "success" ? [1, "Informational"] : [2, "Low"]);

const typeOf = (kind: AuditLine["actor"]["kind"]): readonly [number, string] => (kind === "human" || kind === "person" || kind === "extension" ? [1, "User"] : kind === "operator" ? [2, "Admin"] : kind === "system" || kind === "worker" ? [3, "System"] : kind === "agent" ? [4, "Service"] : [0, "Unknown"]);

function userOf({ name, kind, agentId, personId }: AuditLine["actor"]): Record<string, unknown> {
  const [typeId, type] = typeOf(kind);
  return { name: name ?? (agentId === null ? kind : `row ${agentId}`), ...(personId ?? agentId ? { uid: personId ?? String(agentId) } : {}), type_id: typeId, type };
}

function base([given, activity]: readonly [Class, Activity], at: number, severity: readonly [number, string]): Record<string, unknown> {
  return {
    category_uid: given.category, category_name: given.categoryName, class_uid: given.uid, class_name: given.name, activity_id: activity[0], activity_name: activity[1], type_uid: given.uid * 100 + activity[0], type_name: `${given.name}: ${activity[1]}`,
    severity_id: severity[0], severity: severity[1], time: at, timezone_offset: 0,
  };
}
const product = { name: "Clavitor MSP", vendor_name: "Clavitor" };

/** A line as an event. */
export function ocsfOf(line: AuditLine & { raw?: unknown }): Ocsf {
  const found: readonly [Class, Activity] = line.source === "console" ? recordClass(line.action) : isVaultAction(line.action) ? vaultClasses[line.action] : [api, other(line.action)];
  const [chosen] = found;
  const user = userOf(line.actor);
  const targetName = line.target?.name ?? line.target?.id ?? "none";
  return {
    metadata: { version: ocsfVersion, product, uid: line.id, logged_time: line.receivedAt, log_name: line.place.stream, event_code: line.action, ...(line.client && { labels: [`client:${line.client.name}`] }) },
    ...base(found, line.at, severityOf(line)),
    class_uid: chosen.uid,
    status_id: line.outcome === "success" ? 1 : 2, status: line.outcome === "success" ? "Success" : "Failure", ...(line.reason !== null && { status_detail: line.reason }),
    message: plain(line.parts),
    actor: { user },
    src_endpoint: line.ip === null ? { svc_name: line.source === "console" ? "console" : "vault" } : { ip: line.ip.split("/")[0], ...(line.ip.includes("/") && { name: line.ip }) },
    ...(chosen === datastore && { database: { name: line.client?.name ?? "vault", uid: line.vaultRef ?? "", type_id: 99, type: "Credential vault" }, ...(line.target && { table: { uid: line.target.id, name: targetName } }) }),
    ...(chosen === account && { user: { name: targetName, ...(line.target && { uid: line.target.id }) } }),
    ...(chosen === authentication && { user, service: product }),
    ...(chosen === entity && { entity: { name: targetName, ...(line.target && { uid: line.target.id }), type_id: 99, type: line.target?.kind ?? kindOfAction(line.source, line.action)?.label ?? "none" } }),
    ...(chosen === api && { api: { operation: line.action, service: { name: line.source === "console" ? "console" : "vault" } } }),
    unmapped: { outcome: line.outcome, source: line.source, client: line.client?.id ?? null, vault: line.vaultRef, target: line.target, meta: line.meta, place: line.place, plan: line.planId },
  };
}

/** What the console says of the export itself: an export of an event log. */
export function ocsfEvent({ at, uid, message, by, unmapped }: { at: number; uid: string; message: string; by: string; unmapped: Readonly<Record<string, unknown>> }): Ocsf {
  return {
    metadata: { version: ocsfVersion, product, uid, log_name: "export" },
    ...base([eventLog, [3, "Export"]], at, [1, "Informational"]),
    class_uid: eventLog.uid, status_id: 1, status: "Success", message, log_name: "audit", actor: { user: { name: by } }, unmapped,
  };
}
