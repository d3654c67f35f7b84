/** Reading vaults' logs for what the tokens of a board had opened: once when it is opened, and once more when the token is gone. */
import type { Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { AuditEvent } from "../protocol/messages.ts";
import { verifyChain, type ChainPoint } from "../protocol/audit.ts";
import { record } from "../record/record.ts";
import type { VaultClient } from "../vault/client.ts";
import { openVault } from "../vault/open.ts";
import type { Net } from "../vault/net.ts";
import type { BoardRow } from "./facts.ts";
import { gapWords, seenIn, toRotate } from "./seen.ts";

/** `from` in epoch milliseconds: what lies before it was not looked at. `complete`: the log was read from there to its end. */
export type Log = { events: AuditEvent[]; from: number; complete: boolean };

/**
 * The newest pages of a vault's log, back to `since`, in its order and with its chain checked. Null where the log does not come or does
 * not hold: who wants to know asks again.
 */
export async function readLog(client: Pick<VaultClient, "audit">, since: number): Promise<Log | null> {
  const head = await client.audit({ limit: 1 });
  if (head.kind !== "answered") return null;
  const { head: at, first_seq: firstSeq } = head.value;
  if (at === null) return { events: [], from: since, complete: true };
  const size = 1_000;
  let events: AuditEvent[] = [];
  // From the end to the beginning: what is asked for is the last season, and a log may hold years.
  let upTo = at.seq;
  for (let pages = 0; pages < limits.seenPages && upTo >= firstSeq; pages++) {
    const after = Math.max(firstSeq - 1, upTo - size);
    const page = await client.audit({ after, limit: upTo - after });
    if (page.kind !== "answered") return null;
    const got = page.value.events.filter(({ seq }) => seq <= upTo);
    if (got.length === 0) return null;
    events = [...got, ...events];
    upTo = after;
    if (got[0]!.at < since) break;
  }
  const first = events[0]!;
  const before: ChainPoint | null = first.seq === 1 ? null : { epoch: first.epoch, seq: first.seq - 1, hash: first.prev };
  if (!verifyChain(events, before, { firstSeq: before === null ? 1 : firstSeq }).ok) return null;
  const inside = events.filter((event) => event.at >= since);
  return { events: inside, from: first.at < since || first.seq <= firstSeq ? since : first.at, complete: first.at < since || first.seq <= firstSeq };
}

/** To be read: never, or, once all is proven, before the proof that the token is gone. */
const wantsLog = ({ facts, seen, vault }: BoardRow, closed: boolean): boolean =>
  !facts.own && facts.vault === "connected" && vault.agent !== null && (facts.health === "ok" || facts.health === "lapsed") && (seen === null || (closed && facts.absent !== null && seen.at < facts.absent.at));
/** Removals on their way come first. */
const moving: ReadonlySet<string> = new Set(["waiting", "sent", "reading"]);

type Tools = { db: Database; net: Net; now: () => Date };
const retry = new Map<string, number>();

/** Reads what is due, vault by vault; what does not come is tried again later and holds nothing up. */
export async function readSeen(worker: Actor, board: { revocationId: string; name: string; closedAt: Date | null }, rows: readonly BoardRow[], { db, net, now }: Tools): Promise<void> {
  const { mspId } = worker;
  const { revocationId, name } = board;
  if (rows.some(({ verdict: { state } }) => moving.has(state))) return;
  const due = rows.filter((row) => wantsLog(row, board.closedAt !== null) && (retry.get(`${mspId} ${row.vaultRef}`) ?? 0) <= now().getTime());
  if (due.length === 0) return;
  const byVault = [...Map.groupBy(due, ({ vaultRef }) => vaultRef)];
  const vaults = await read(worker, (tx) => tx.db.vault.findMany({ where: { mspId, vaultRef: { in: byVault.map(([ref]) => ref) } } }), db);
  const since = now().getTime() - limits.seenDays * 86_400_000;
  const hand = async () => {
    for (let next = byVault.pop(); next !== undefined; next = byVault.pop()) {
      const [ref, here] = next;
      const log = await readLog(openVault(vaults.find(({ vaultRef }) => vaultRef === ref)!, net), since);
      if (log === null) {
        retry.set(`${mspId} ${ref}`, now().getTime() + limits.revocationLookPauseMs * 4);
        continue;
      }
      await write(worker, async (tx) => {
        for (const { vaultRef, uid, agentId, client, facts } of here) {
          const seen = seenIn(log.events, agentId);
          const at = new Date(Math.max(now().getTime(), facts.absent?.at ?? 0));
          await tx.db.revocationSeen.deleteMany({ where: { mspId, revocationId, vaultRef, uid } });
          await tx.db.revocationSeen.createMany({ data: seen.entries.map(({ entry, reads, firstAt, lastAt, changedAt, removed }) => ({ mspId, revocationId, vaultRef, uid, entry, reads, firstAt: new Date(firstAt), lastAt: new Date(lastAt), changedAt: changedAt === null ? null : new Date(changedAt), removed })) });
          await tx.db.revocationRow.updateMany({ where: { mspId, revocationId, vaultRef, uid }, data: { seenAt: at, seenFrom: new Date(log.from), seenComplete: log.complete, seenWords: gapWords(seen) } });
          await record(tx, { action: "revocation.seen_read", target: { kind: "revocation", id: revocationId }, fields: { name, client, entries: seen.entries.length, unchanged: toRotate(seen.entries).length } });
        }
        // An open board shows how many logs are read (lib/matrix/listen.ts).
        await tx.db.$executeRaw`select pg_notify('known', json_build_object('msp_id', ${mspId}::text, 'vault_ref', ${ref}::text)::text)`;
      }, db);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.relayConcurrency / 6, byVault.length) }, hand));
}
