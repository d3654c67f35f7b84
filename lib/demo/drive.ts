/**
 * The worker's side of a claimed demo: its people, roles and clients are brought in and connected, until every vault was read
 * once. Held under a lease that is renewed while it lives, so that a worker that was killed is followed by another; every step
 * finds what is there already, so that whoever comes next goes on.
 */
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { holds, personActor, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { createLog } from "../log.ts";
import { record } from "../record/record.ts";
import { buyPortfolio } from "./billing.ts";
import { importPeople } from "./people.ts";
import { connectClient, HeldUp, heldUpBy } from "./portfolio.ts";
import { makeRoles } from "./roles.ts";
import { worldAt, type PortfolioClient, type World } from "./world.ts";

const log = createLog("worker");

type Held = { msp_id: string; lease_until: Date };
/** What a run needs, and whether it still holds the demo. */
type Run = { actor: Actor; demo: string; world: World; db: Database; held: () => boolean };

/** Another worker holds the demo by now, or this one is to stop. */
class LostLease extends Error {
  override name = "LostLease";
}

const stillHeld = ({ held }: Run) => {
  if (!held()) throw new LostLease();
};

const lookEveryMs = 250;

/** Looks again and again until it is so, as long as limits.demoWaitMs. */
async function until(run: Run, isSo: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + limits.demoWaitMs;
  for (;;) {
    stillHeld(run);
    if (await isSo()) return true;
    if (performance.now() > end) return false;
    await pause(lookEveryMs);
  }
}

/** Runs over the items, a few at a time; what fails does not keep the others. */
async function sideBySide<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<{ item: T; error: unknown }[]> {
  const failed: { item: T; error: unknown }[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]!;
      try {
        await work(item);
      } catch (error) {
        failed.push({ item, error });
      }
    }
  }));
  return failed;
}

const standing = (client: PortfolioClient): client is PortfolioClient & { address: string } => client.address !== null;

/** Connects every client whose vault stands; those whose vault is still being made are waited for. */
async function connectAll(run: Run, roles: readonly string[]): Promise<void> {
  const done = new Set<string>();
  const all = await until(run, async () => {
    const { clients } = await run.world.portfolio(run.demo);
    const open = clients.filter(standing).filter(({ id }) => !done.has(id));
    const failed = await sideBySide(open, limits.demoConnects, async (client) => {
      stillHeld(run);
      await connectClient(client, { ...run, roles });
      done.add(client.id);
    });
    const first = failed[0];
    if (first) {
      if (failed.some(({ error }) => error instanceof LostLease)) throw new LostLease();
      for (const { item, error } of failed) log.warn({ err: error, client: item.id }, "a client of the demo is not connected");
      throw new HeldUp(`${first.item.name}: ${heldUpBy(first.error)}`);
    }
    return done.size === clients.length;
  });
  if (!all) throw new HeldUp("Some vaults of the demo are still being made.");
}

/** Marks a stage once, with the seconds since connecting began. Returns nothing when an earlier run did. */
async function mark({ actor, db }: Run, stage: "connected" | "read", count: number): Promise<void> {
  const { mspId } = actor;
  await write(actor, async (tx) => {
    const [row] = stage === "connected"
      ? await tx.db.$queryRaw<{ seconds: number }[]>`update demo set connected_at = now() where msp_id = ${mspId}::uuid and connected_at is null returning extract(epoch from now() - started_at)::float8 as seconds`
      : await tx.db.$queryRaw<{ seconds: number }[]>`update demo set read_at = now() where msp_id = ${mspId}::uuid and read_at is null returning extract(epoch from now() - started_at)::float8 as seconds`;
    if (!row) {
      tx.replayed = true; // an earlier run left the record
      return;
    }
    const seconds = Math.round(row.seconds * 10) / 10;
    await record(tx, stage === "connected" ? { action: "demo.connected", fields: { clients: count, seconds } } : { action: "demo.read", fields: { vaults: count, seconds } });
  }, db);
}

async function driveOne(run: Run): Promise<void> {
  const { actor, demo, world, db } = run;
  const { clients, roles } = await world.portfolio(demo);
  await importPeople(actor, await world.people(demo), clients.length, systemClock, db);
  stillHeld(run);
  await makeRoles(actor, roles, db);
  await connectAll(run, roles.map(({ name }) => name));
  await mark(run, "connected", clients.length);
  const wanted = { mspId: actor.mspId, readAt: { not: null } };
  const allRead = await until(run, async () => (await read(actor, (tx) => tx.db.reading.count({ where: wanted }), db)) >= clients.length);
  if (!allRead) throw new HeldUp("Some vaults have not been read yet.");
  // Not a reason to hold the demo up: its money is there a little later, or not at all where there is no sandbox to buy from.
  await buyPortfolio(actor, { stillHeld: () => stillHeld(run), db }).catch((error: unknown) => {
    if (error instanceof LostLease) throw error;
    log.warn({ err: error }, "the demo's subscriptions were not all bought");
  });
  await mark(run, "read", clients.length);
}

/** Renews the lease as long as it runs. `held` turns false when another took it. */
function holding({ msp_id: mspId, lease_until: first }: Held, db: Database) {
  let lease: Date | null = first;
  let renewing = Promise.resolve();
  const renew = async () => {
    if (lease === null) return;
    try {
      const [row] = await db.$queryRaw<{ lease: Date | null }[]>`select demo_hold(${mspId}::uuid, ${lease}::timestamptz, ${limits.demoLeaseSeconds}::int) as lease`;
      lease = row?.lease ?? null;
    } catch (error) {
      log.warn({ err: error }, "the demo's lease could not be renewed"); // tried again before it ends
    }
  };
  const timer = setInterval(() => void (renewing = renew()), (limits.demoLeaseSeconds * 1_000) / 3);
  return {
    held: () => lease !== null,
    /** `words`: what holds it up; null when it is done. */
    letGo: async (words: string | null): Promise<void> => {
      clearInterval(timer);
      await renewing;
      if (lease !== null) await db.$queryRaw`select demo_let_go(${mspId}::uuid, ${lease}::timestamptz, ${words === null ? 0 : limits.demoPauseSeconds}::int, ${words})`;
    },
  };
}

/** Whoever claimed it, with the rights that they have now: what is made here is recorded as theirs. */
async function claimer(mspId: string, db: Database): Promise<{ actor: Actor; demo: string }> {
  const nobody = personActor({ mspId, personId: "00000000-0000-0000-0000-000000000000", name: "", rights: [] });
  return read(nobody, async (tx) => {
    const { demo, claimedBy } = await tx.db.demo.findUniqueOrThrow({ where: { mspId } });
    const person = await tx.db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId: claimedBy } } });
    const actor = personActor(person);
    if (person.frozenAt !== null || !holds(actor, "client.connect")) throw new HeldUp("Whoever claimed the demo may not connect clients any more.");
    return { actor, demo };
  }, db);
}

/**
 * Takes up every claimed demo that is not settled.
 * @param signal the worker stops: what was begun for a client is ended, nothing more is begun
 * @returns when to come again; null when nothing is left to do
 */
export async function driveDue({ world = worldAt(), db = database(), signal }: { world?: World; db?: Database; signal?: AbortSignal } = {}): Promise<{ nextDue: Date | null }> {
  const due = await db.$queryRaw<Held[]>`select msp_id, lease_until from demo_work(${limits.demoLeaseSeconds}::int)`;
  for (const one of due) {
    const { held, letGo } = holding(one, db);
    let words: string | null = null;
    try {
      await driveOne({ ...(await claimer(one.msp_id, db)), world, db, held: () => held() && signal?.aborted !== true });
    } catch (error) {
      words = error instanceof LostLease ? null : heldUpBy(error);
      if (error instanceof LostLease) log.info({ msp: one.msp_id }, signal?.aborted ? "connecting the demo stops, to be gone on with" : "another worker connects the demo");
      else log.warn({ err: error, msp: one.msp_id }, "the demo is held up");
    }
    await letGo(words);
  }
  const [next] = await db.$queryRaw<{ at: Date | null }[]>`select demo_next_due() as at`;
  return { nextDue: next?.at ?? null };
}
