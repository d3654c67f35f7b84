/** How far a claimed demo has come, as the page shows it. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";

/** Times in epoch milliseconds. Counts are of vaults. */
export type DemoProgress = {
  demo: string;
  claimedAt: number;
  startedAt: number | null;
  hasSigningKey: boolean;
  /** Clients of the portfolio; null until they are known. */
  clients: number | null;
  members: number;
  inboxKeys: { made: number; endorsed: number };
  asked: number;
  connected: number;
  confirmed: number;
  read: number;
  /** Vaults a second since connecting began; null before and after. */
  perSecond: number | null;
  connectedAt: number | null;
  readAt: number | null;
  /** What holds it up now, in words. */
  words: string | null;
  /** Replies that were refused: of whom, why. */
  refused: { name: string; words: string }[];
};

async function refusedOf({ db, actor: { mspId } }: Read): Promise<{ name: string; words: string }[]> {
  const rows = await db.connectRequest.findMany({
    where: { mspId, repliedAt: null, cancelledAt: null, refusedAt: { not: null }, vault: { state: "asking" } },
    select: { refusedWords: true, vault: { select: { client: { select: { name: true } } } } }, take: 10,
  });
  return rows.map(({ refusedWords, vault }) => ({ name: vault.client.name, words: refusedWords ?? "" }));
}

/** Pure: a rate is known once something came, and is over when all is there. */
export function rateOf(connected: number, startedAt: Date | null, connectedAt: Date | null, now: Date): number | null {
  if (startedAt === null || connectedAt !== null || connected === 0) return null;
  return connected / Math.max(1, (now.getTime() - startedAt.getTime()) / 1_000);
}

/** Null for an organisation that is no demo. */
export async function demoProgress(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<DemoProgress | null> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const now = clock.now();
  return read(actor, async (tx) => {
    const demo = await tx.db.demo.findUnique({ where: { mspId } });
    if (!demo) return null;
    const states = new Map((await tx.db.vault.groupBy({ by: ["state"], where: { mspId }, _count: true })).map(({ state, _count }) => [state, _count]));
    const confirmed = states.get("connected") ?? 0;
    const connected = confirmed + (states.get("unconfirmed") ?? 0);
    const counting = { endorsed: { some: { endorsement: { signingKey: { removedAt: null } } } } };
    const inForce = { mspId, replacedAt: null, person: { frozenAt: null } };
    return {
      demo: demo.demo, claimedAt: demo.claimedAt.getTime(), startedAt: demo.startedAt?.getTime() ?? null, clients: demo.clients,
      hasSigningKey: (await tx.db.signingKey.count({ where: { mspId, removedAt: null } })) > 0,
      members: await tx.db.person.count({ where: { mspId } }),
      inboxKeys: { made: await tx.db.inboxKey.count({ where: inForce }), endorsed: await tx.db.inboxKey.count({ where: { ...inForce, ...counting } }) },
      asked: [...states.values()].reduce((sum, count) => sum + count, 0),
      connected, confirmed, perSecond: rateOf(connected, demo.startedAt, demo.connectedAt, now),
      read: await tx.db.reading.count({ where: { mspId, readAt: { not: null } } }),
      connectedAt: demo.connectedAt?.getTime() ?? null, readAt: demo.readAt?.getTime() ?? null,
      // While a worker is at it, what held up the run before is no news.
      words: demo.readAt === null && (demo.leaseUntil === null || demo.leaseUntil <= now) ? demo.words : null, refused: await refusedOf(tx),
    };
  }, db);
}

/** Whether the actor's organisation is a demo: every page of it says so. Null for none. */
export async function demoOf(actor: Actor, db: Database = database()): Promise<{ demo: string; settled: boolean } | null> {
  authorize(actor, "organisation.read");
  const row = await read(actor, (tx) => tx.db.demo.findUnique({ where: { mspId: actor.mspId }, select: { demo: true, readAt: true } }), db);
  return row && { demo: row.demo, settled: row.readAt !== null };
}
