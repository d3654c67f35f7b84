/** Begins an export: what it will hold and what not is decided and written down before a line of it is. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { directoryOf } from "../audit/list.ts";
import { parseQuery, windowOf, type Query } from "../audit/query.ts";
import { clientsMeant, selectionOf, type Directory } from "../audit/select.ts";
import { auditStrip } from "../audit/strip.ts";
import type { Format } from "./chain.ts";
import type { Manifest, OwnRecords } from "./format.ts";
import { scopeOf, type ExportScope } from "./scope.ts";

type Portfolio = { directory: Directory; plans: ReadonlyMap<string, string> };
async function portfolioOf(scope: Read): Promise<Portfolio> {
  const rows = await scope.db.client.findMany({ where: { mspId: scope.actor.mspId }, select: { clientId: true, plan: true } });
  return { directory: await directoryOf(scope), plans: new Map(rows.map(({ clientId, plan }) => [clientId, plan])) };
}

/** What an export of this query would hold, for the page that asks for it. Throws Refusal `forbidden`. */
export async function lookAtExport(actor: Actor, { query }: { query: string }, db: Database = database()): Promise<{ one: string | null; clients: number; leftOut: ExportScope["leftOut"]; ours: OwnRecords }> {
  authorize(actor, "audit.export");
  const { directory, plans } = await read(actor, portfolioOf, db);
  const scope = scopeFor(query, directory, plans);
  return { one: scope.one === null ? null : (directory.clients.find(({ id }) => id === scope.one)?.name ?? null), clients: scope.clients.length, leftOut: scope.leftOut, ours: ownRecordsOf(parseQuery(query), directory, actor.mspId, scope, Date.now()) };
}
function scopeFor(query: string, directory: Directory, plans: Portfolio["plans"]): ExportScope {
  const meant = clientsMeant(parseQuery(query), directory);
  return scopeOf(directory.clients.filter(({ id }) => meant.has(id)).map(({ id, name }) => ({ id, name, plan: plans.get(id) ?? "" })));
}

/** Which of our own records a query means, as run.ts takes them. */
function ownRecordsOf(asked: Query, directory: Directory, mspId: string, { one }: ExportScope, now: number): OwnRecords {
  if (selectionOf(asked, directory, mspId, now).records === null) return "not_asked";
  return one !== null || asked.terms.some(({ key, not }) => !not && (key === "client" || key === "vault")) ? "of_clients" : "of_clients_and_none";
}

/** Throws Refusal `forbidden`, `export_plan`, `export_busy`. */
export async function askExport(actor: Actor, { query, format }: { query: string; format: Format }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "audit.export");
  const { mspId } = actor;
  const now = clock.now();
  const { directory, plans } = await read(actor, portfolioOf, db);
  const scope = scopeFor(query, directory, plans);
  const asked = parseQuery(query);
  // Our own records are nobody's plan; whoever asks for them alone gets them.
  const ownOnly = asked.terms.some(({ key, value, not }) => key === "source" && (not ? value === "vault" : value === "console"));
  if (scope.clients.length === 0 && !ownOnly) throw new Refusal("export_plan", { detail: `Exporting several clients’ audit at once comes with the plan MME and those above it, and ${scope.leftOut.length === 0 ? "no client is meant" : `none of the ${scope.leftOut.length} clients meant has it`}. Nothing was started.` });
  const strip = await auditStrip(actor, clock, db);
  const id = uuid7(now.getTime());
  const { since, until } = windowOf(asked, now.getTime());
  const end = new Date(Math.min(until ?? now.getTime(), now.getTime()));
  await write(actor, async (tx) => {
    const msp = await tx.db.msp.findUniqueOrThrow({ where: { mspId }, select: { name: true } });
    await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`audit_export ${mspId}`}, 0))`;
    if ((await tx.db.auditExport.count({ where: { mspId, state: { in: ["waiting", "running"] } } })) >= limits.exportsAtOnce) throw new Refusal("export_busy");
    const keys = new Map((await tx.db.vault.findMany({ where: { mspId, clientId: { in: [...scope.clients] } }, select: { vaultRef: true, publicKey: true } })).map(({ vaultRef, publicKey }) => [vaultRef, publicKey]));
    const manifest: Manifest = {
      v: 1, export: id, format, at: now.getTime(), msp: { id: mspId, name: msp.name, origin: env().APP_ORIGIN }, by: actor.name, query, since, until: end.getTime(),
      vaults: strip.vaults.filter(({ clientId }) => scope.clients.includes(clientId)).map((vault) => ({
        client: vault.client, vault: vault.vaultRef, key: keys.get(vault.vaultRef) ?? null, complete_until: vault.completeUntil,
        missing: [
          ...(vault.completeUntil === null ? ["nothing of its log was read yet"] : vault.completeUntil < end.getTime() ? [`complete until ${new Date(vault.completeUntil).toISOString()}`] : []),
          ...(vault.state === "ok" || vault.words === null ? [] : [vault.words]),
          ...(vault.masked > 0 ? [`the details of ${vault.masked} events, which the client does not show`] : []),
          ...strip.findings.filter(({ vaultRef }) => vaultRef === vault.vaultRef).map(({ severity, words }) => `${severity}: ${words}`),
        ],
      })),
      own_records: ownRecordsOf(asked, directory, mspId, scope, now.getTime()),
      left_out: scope.leftOut,
    };
    await tx.db.auditExport.create({ data: { mspId, exportId: id, madeBy: actor.id, madeAt: now, format, query, clientId: scope.one, clientIds: [...scope.clients], since: since === null ? null : new Date(since), until: end, manifest, expiresAt: new Date(now.getTime() + limits.exportKeptDays * 86_400_000) } });
    const of = scope.one !== null ? (directory.clients.find((client) => client.id === scope.one)?.name ?? "one client") : `${scope.clients.length} clients and our own records`;
    await record(tx, { action: "export.asked", target: { kind: "export", id }, fields: { format, query: query.slice(0, 500), of } });
    await tx.db.$executeRaw`select audit_export_wake()`;
  }, db);
  return { id };
}

/** Stops one that is under way; what was written of it goes with its time. Throws Refusal `forbidden`, `export_gone`. */
export async function cancelExport(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "audit.export");
  return write(actor, async (tx) => {
    const row = await tx.db.auditExport.findUnique({ where: { mspId_exportId: { mspId: actor.mspId, exportId: id } }, select: { lines: true } });
    const { count } = await tx.db.auditExport.updateMany({ where: { mspId: actor.mspId, exportId: id, state: { in: ["waiting", "running"] } }, data: { state: "cancelled", words: `Stopped by ${actor.name}.`, endedAt: clock.now() } });
    if (!row || count === 0) throw new Refusal("export_gone");
    await record(tx, { action: "export.cancelled", target: { kind: "export", id }, fields: { lines: Number(row.lines) } });
    return { id };
  }, db);
}
