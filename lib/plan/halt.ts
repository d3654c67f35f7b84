/**
 * Kill switches: an owner freezes all bulk work, one region, or one kind of operation. While one is set, no byte of what it names leaves
 * (lib/dispatch/step.ts asks in the transaction that writes the attempt), and nothing of it is offered for a tap. Reading goes on.
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { Op } from "../protocol/messages.ts";
import type { PlanChange } from "../protocol/plan.ts";
import type { LoadedPlan } from "./load.ts";
import { isText } from "../protocol/schema.ts";
import { record } from "../record/record.ts";

/** Kinds of operation that can be frozen by themselves, as the switch names them. */
export const haltable = ["grant", "alter", "revoke", "exit", "signers", "renewal"] as const;
export type Haltable = (typeof haltable)[number];
export const haltableWords: Readonly<Record<Haltable, string>> = { grant: "new tokens", alter: "changes of reach", revoke: "removals", exit: "ends of connections", signers: "changes of signers", renewal: "renewals of our own tokens" };

/** Times in epoch milliseconds. */
export type Halt = { id: string; scope: "all" | "region" | "operation"; value: string; reason: string; by: string; at: number };
export type What = { region: string; kinds: ReadonlySet<Haltable> };

/** The switch that holds this back; null: none. Pure. */
export const haltOver = (halts: readonly Halt[], { region, kinds }: What): Halt | null =>
  halts.find(({ scope, value }) => scope === "all" || (scope === "region" ? value === region : kinds.has(value as Haltable))) ?? null;

/** "All bulk work is frozen", "Removals are frozen". */
export const haltedWords = ({ scope, value }: Pick<Halt, "scope" | "value">): string => `${scope === "all" ? "All bulk work is" : scope === "region" ? `The region ${value} is` : `${haltableWords[value as Haltable]?.replace(/^./, (letter) => letter.toUpperCase()) ?? value} are`} frozen`;

/** "All bulk work is frozen by Ines Halloran: reason". */
export const haltWords = (halt: Halt): string => `${haltedWords(halt)} by ${halt.by}: ${halt.reason}`;

const KIND: Readonly<Record<PlanChange["change"], Haltable>> = { grant: "grant", reissue: "grant", alter: "alter", revoke: "revoke", leave: "exit", enrol: "signers", strike: "signers", renew: "renewal" };
export const kindsOfChanges = (changes: readonly PlanChange[]): ReadonlySet<Haltable> => new Set(changes.map(({ change }) => KIND[change]));

/** What operations on the wire are, by method and path (PROTOCOL 4). @param managerUid our own row */
export const kindsOfOps = (ops: readonly Op[], managerUid: string | null): ReadonlySet<Haltable> =>
  new Set(ops.map(({ method, path, if: condition }): Haltable => {
    if (path.startsWith("/credential")) return "signers";
    if (path.endsWith("/token")) return condition?.uid === managerUid ? "renewal" : "grant";
    if (method === "POST") return "grant";
    if (method === "PUT") return "alter";
    return condition?.uid === managerUid ? "exit" : "revoke";
  }));

/** Switches that are set, the widest first. */
export async function haltsNow({ db, actor: { mspId } }: Pick<Read, "db" | "actor">): Promise<Halt[]> {
  const rows = await db.halt.findMany({ where: { mspId, liftedAt: null }, include: { person: { select: { name: true } } }, orderBy: [{ scope: "asc" }, { setAt: "asc" }] });
  return rows.map(({ haltId, scope, value, reason, person, setAt }) => ({ id: haltId, scope: scope === "all" || scope === "region" ? scope : "operation", value, reason, by: person.name, at: setAt.getTime() }));
}

/** Places of a plan that a kill switch holds back, and which. */
export async function frozenAt(tx: Pick<Read, "db" | "actor">, { plan, refs }: Pick<LoadedPlan, "plan" | "refs">): Promise<Map<number, Halt>> {
  const halts = await haltsNow(tx);
  if (halts.length === 0) return new Map();
  const { mspId } = tx.actor;
  const vaults = await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: [...refs] } }, select: { vaultRef: true, client: { select: { region: true } } } });
  return new Map(plan.vaults.flatMap(({ changes }, place) => {
    const region = vaults.find(({ vaultRef }) => vaultRef === refs[place])?.client.region ?? "";
    const halt = haltOver(halts, { region, kinds: kindsOfChanges(changes) });
    return halt === null ? [] : [[place, halt] as const];
  }));
}

/** Flips wait for sends in the middle of being written down, and sends wait for a flip: after a switch is set nothing starts. */
const lockName = (mspId: string) => `halt:${mspId}`;
export const shareHalts = ({ db, actor: { mspId } }: Pick<Write, "db" | "actor">): Promise<unknown> => db.$executeRaw`select pg_advisory_xact_lock_shared(hashtextextended(${lockName(mspId)}, 0))`;
const ownHalts = ({ db, actor: { mspId } }: Pick<Write, "db" | "actor">): Promise<unknown> => db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${lockName(mspId)}, 0))`;

export const haltShape = z.object({ scope: z.enum(["all", "region", "operation"]), value: z.string().trim().max(120).default(""), reason: z.string().trim().min(1, "Say why: whoever waits reads it.").max(120).refine((text) => (isText as (value: unknown) => boolean)(text)) });

/** Sets a switch. Throws Refusal `halt_set` when it is set already, `invalid` for a region or operation that is none, `forbidden`. */
export async function setHalt(actor: Actor, { scope, value, reason }: z.output<typeof haltShape>, clock: Clock = systemClock, db: Database = database()): Promise<Halt> {
  authorize(actor, "work.halt");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    await ownHalts(tx);
    const named = scope === "all" ? "" : value;
    if (scope === "operation" && !(haltable as readonly string[]).includes(named)) throw new Refusal("invalid");
    if (scope === "region" && (named === "" || (await tx.db.client.count({ where: { mspId, region: named } })) === 0)) throw new Refusal("invalid");
    if ((await tx.db.halt.count({ where: { mspId, scope, value: named, liftedAt: null } })) > 0) throw new Refusal("halt_set");
    const halt = { id: uuid7(now.getTime()), scope, value: named, reason, by: actor.name, at: now.getTime() };
    await tx.db.halt.create({ data: { mspId, haltId: halt.id, scope, value: named, reason, setBy: actor.id, setAt: now } });
    await record(tx, { action: "work.frozen", target: { kind: "halt", id: halt.id }, fields: { what: whatWords(halt), reason } });
    return halt;
  }, db);
}

const whatWords = ({ scope, value }: Pick<Halt, "scope" | "value">): string => (scope === "all" ? "all bulk work" : scope === "region" ? `the region ${value}` : (haltableWords[value as Haltable] ?? value));

/** Lifts a switch; what waits goes on at once. Throws Refusal `moved_on` when it was lifted before, `forbidden`. */
export async function liftHalt(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ what: string }> {
  authorize(actor, "work.halt");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    await ownHalts(tx);
    const halt = await tx.db.halt.findUnique({ where: { mspId_haltId: { mspId, haltId: id } } });
    const { count } = await tx.db.halt.updateMany({ where: { mspId, haltId: id, liftedAt: null }, data: { liftedAt: clock.now(), liftedBy: actor.id } });
    if (halt === null || count === 0) throw new Refusal("moved_on");
    const what = whatWords({ scope: halt.scope as Halt["scope"], value: halt.value });
    await tx.db.$executeRaw`update vault_line set next_at = now() where msp_id = ${mspId}::uuid and next_at > now()`;
    await tx.db.$executeRaw`select job_wake('dispatch_deliver')`;
    await record(tx, { action: "work.thawed", target: { kind: "halt", id }, fields: { what } });
    return { what };
  }, db);
}

/** What is set now, the widest first. Throws Refusal `forbidden`. */
export async function readHalts(actor: Actor, db: Database = database()): Promise<Halt[]> {
  authorize(actor, "halt.read");
  return read(actor, haltsNow, db);
}

/** For its page: what is set, and which regions there are. Throws Refusal `forbidden`. */
export async function showHalts(actor: Actor, db: Database = database()): Promise<{ halts: Halt[]; regions: string[]; waiting: number }> {
  authorize(actor, "halt.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const regions = await tx.db.client.findMany({ where: { mspId, region: { not: "" }, endedAt: null }, select: { region: true }, distinct: ["region"], orderBy: { region: "asc" } });
    return { halts: await haltsNow(tx), regions: regions.map(({ region }) => region), waiting: await tx.db.dispatch.count({ where: { mspId, state: "waiting" } }) };
  }, db);
}
