/**
 * Writes exports, piece by piece: each piece is read by keyset, linked to the one before and kept in one transaction with the place it
 * goes on from. A worker that is killed leaves whole pieces, and the next one goes on there: no line twice, none left out.
 */
import { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { observe, read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { checkpointKey } from "../glass/checkpoint-key.ts";
import { workerFor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { createLog } from "../log.ts";
import { record } from "../record/record.ts";
import { chainRecords } from "../audit/chain-records.ts";
import { rawEvent } from "../audit/event.ts";
import { directoryOf, someEntries } from "../audit/list.ts";
import { parseCursor, writeCursor } from "../audit/line.ts";
import { parseQuery } from "../audit/query.ts";
import { selectionOf } from "../audit/select.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import { Chain, type Format } from "./chain.ts";
import { formatters, type Manifest } from "./format.ts";
import { sealOf } from "./sign.ts";

const log = createLog("export");
type Claimed = { mspId: string; exportId: string; fence: bigint };
type Step = "more" | "over";

/** Works all that is due, one export after another, for at most limits.exportRunMs. @returns when to come again; null: nothing waits */
export async function runExports({ signal, db = database(), now = () => Date.now() }: { signal?: AbortSignal; db?: Database; now?: () => number } = {}): Promise<{ nextDue: Date | null }> {
  const until = now() + limits.exportRunMs;
  const mayGoOn = (): boolean => now() < until && !signal?.aborted;
  while (mayGoOn()) {
    // eslint-disable-next-line no-await-in-loop -- one export at a time: it must not crowd out what vaults wait for
    const [claimed] = await db.$queryRaw<Claimed[]>`select msp_id as "mspId", export_id as "exportId", fence from audit_export_claim(${limits.exportLeaseSeconds}::int)`;
    if (!claimed) break;
    let step: Step = "more";
    try {
      // eslint-disable-next-line no-await-in-loop -- each piece follows the one before
      while (step === "more" && mayGoOn()) step = await writePiece(claimed, db);
    } catch (error) {
      log.error({ err: error, export: claimed.exportId }, "an export stopped; it is gone on with when its lease is over");
      break;
    }
    // eslint-disable-next-line no-await-in-loop
    if (step === "more") await observe(workerFor(claimed.mspId), ({ db: tx }) => tx.$executeRaw`update audit_export set lease_until = null where msp_id = ${claimed.mspId}::uuid and export_id = ${claimed.exportId}::uuid and fence = ${claimed.fence}`, db);
  }
  const [row] = await db.$queryRaw<{ at: Date | null }[]>`select audit_export_next_due() as at`;
  return { nextDue: row?.at ?? null };
}

/** One piece of one export, and the seal after the last. "over": done, stopped, or another worker's. */
export async function writePiece({ mspId, exportId, fence }: Claimed, db: Database = database()): Promise<Step> {
  const actor: Actor = workerFor(mspId);
  const unbegun = await read(actor, (scope) => scope.db.auditExport.count({ where: { mspId, exportId, link: null } }), db);
  if (unbegun > 0) await chainRecords(mspId, db);
  const { job, entries } = await read(actor, async (scope) => {
    const found = await scope.db.auditExport.findUnique({ where: { mspId_exportId: { mspId, exportId } } });
    if (!found || found.fence !== fence || (found.state !== "waiting" && found.state !== "running")) return { job: null, entries: [] };
    const asked = parseQuery(found.query);
    const directory = await directoryOf(scope, asked);
    const selected = selectionOf({ ...asked, terms: asked.terms.filter(({ key }) => key !== "since" && key !== "until") }, directory, mspId, found.madeAt.getTime());
    const ids = found.clientIds;
    const time = (table: "e" | "r") => [...(found.since === null ? [] : [Prisma.sql`${Prisma.raw(table)}.at >= ${found.since}`]), Prisma.sql`${Prisma.raw(table)}.at < ${found.until}`];
    const selection = {
      events: selected.events && [...selected.events, ...time("e"), Prisma.sql`e.client_id = any(${ids}::uuid[])`],
      // What is about a client whose plan leaves it out stays out, also where we are the ones who did it. Whom a record is about is known
      // once it is a leaf; all up to the export's end are, since they were chained before it began.
      records: selected.records && [...selected.records, ...time("r"), found.clientId === null ? Prisma.sql`l.position is not null and (l.client_id is null or l.client_id = any(${ids}::uuid[]))` : Prisma.sql`l.client_id = any(${ids}::uuid[])`],
    };
    return { job: found, entries: await someEntries(scope, selection, directory, { from: parseCursor(found.cursor), down: false, take: limits.exportPiece }) };
  }, db);
  if (job === null) return "over";
  const format = job.format as Format;
  const write = formatters[format];
  const chain = new Chain(exportId, format, job.link === null ? undefined : { link: fromB64u(b64u(job.link), 32), count: Number(job.lines) });
  const text: string[] = [];
  if (job.link === null) text.push(write.head, chain.add(write.manifest(chain.next, job.manifest as unknown as Manifest)));
  for (const { line, event } of entries) text.push(chain.add(write.event(chain.next, { ...line, raw: event && rawEvent(event) })));
  const last = entries.length < limits.exportPiece;
  const over = Number(job.lines) + entries.length > limits.exportLines;
  const sealed = last ? sealOf(chain, format, await checkpointKey(db), { at: Date.now(), origin: env().APP_ORIGIN }) : null;
  if (sealed) text.push(chain.add(write.seal(chain.next, sealed)));
  const bytes = Buffer.from(text.join(""));
  const { link, count } = chain.state;
  const end = entries.at(-1)?.line;
  const state = over ? "failed" : sealed ? "done" : "running";
  const words = over ? `It holds more than ${limits.exportLines.toLocaleString("en")} lines; ask for a shorter time.` : null;
  return observe(actor, async (tx) => {
    const kept = await tx.db.$executeRaw`
      update audit_export set state = ${state}, words = ${words}, lines = ${BigInt(count)}, bytes = bytes + ${BigInt(bytes.length)}, parts = parts + 1, link = ${fromB64u(link, 32)}, cursor = coalesce(${end ? writeCursor(end) : null}, cursor), key = ${sealed?.key ?? null},
             started_at = coalesce(started_at, now()), ended_at = ${state === "running" ? null : new Date()}, lease_until = now() + make_interval(secs => ${limits.exportLeaseSeconds}::int)
       where msp_id = ${mspId}::uuid and export_id = ${exportId}::uuid and fence = ${fence} and state in ('waiting', 'running')`;
    // Somebody stopped it, or another worker took it up: what was written here is nothing.
    if (kept === 0) return "over";
    await tx.db.$executeRaw`insert into audit_export_part (msp_id, export_id, part, bytes) values (${mspId}::uuid, ${exportId}::uuid, ${job.parts}, ${bytes})`;
    if (sealed && !over) await record(tx, { action: "export.done", target: { kind: "export", id: exportId }, fields: { format, lines: sealed.lines, link: sealed.link, key: sealed.key } });
    if (over) await record(tx, { action: "export.failed", target: { kind: "export", id: exportId }, fields: { words: words! } });
    return state === "running" ? "more" : "over";
  }, db);
}
