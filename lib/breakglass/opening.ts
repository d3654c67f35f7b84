/** Opening a client's break-glass by two: one asks and says why, another releases their share to them, the first opens. Everybody hears of it. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read, type Write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { mailOwners } from "../identity/owners.ts";
import { statementOf } from "../inbox/waiting.ts";
import { limits } from "../limits.ts";
import type { InboxStatement } from "../protocol/messages.ts";
import { isText } from "../protocol/schema.ts";
import { record } from "../record/record.ts";
import type { SealedLine } from "../token/take.ts";
import { sealedShape } from "./setup.ts";
import { glassRowsIn } from "./view.ts";

type Sealed = z.output<typeof sealedShape>;
const reason = z.string().trim().min(1, "Say why.").max(120, "Keep it under 120 letters.").refine((value) => (isText as (value: unknown) => boolean)(value), "Write it in plain letters.");
export const askShape = z.object({ vaultRef: z.uuid(), reason, drill: z.enum(["yes", "no"]) });
export const releaseShape = z.strictObject({ id: z.uuid(), place: z.int().min(1).max(255), sealed: sealedShape });

type MyShare = { keyId: string; statement: InboxStatement; place: number; sealed: Sealed };

/** The actor's share of the key of today. Throws Refusal `opening_not_yours`. */
async function myShare({ db, actor: { mspId, id } }: Read): Promise<MyShare> {
  const share = await db.breakGlassShare.findFirst({ where: { mspId, custodianId: id, inboxKey: { replacedAt: null } }, include: { inboxKey: { select: { statement: true } } } });
  if (share === null) throw new Refusal("opening_not_yours");
  return { keyId: share.inboxKeyId, statement: statementOf(share.inboxKey.statement), place: share.place, sealed: { kem: share.kem === "x25519" ? "x25519" : "x-wing", enc: share.enc, ct: share.ct } };
}

async function openingIn({ db, actor: { mspId } }: Read, id: string, now: Date) {
  const row = await db.breakGlassOpening.findUnique({ where: { mspId_openingId: { mspId, openingId: id } }, include: { asker: { select: { name: true } }, handOver: true, vault: { select: { clientId: true, vaultId: true, publicKey: true, client: { select: { name: true, contactMail: true, contactName: true, msp: { select: { name: true } } } } } } } });
  if (row === null) throw new Refusal("not_found");
  if (row.closedAt !== null || row.endsAt <= now) throw new Refusal("opening_over");
  return row;
}

/** Locks one opening for whoever changes it: the second of two waits, and finds what the first left. */
const hold = (tx: Write, id: string) => tx.db.$queryRaw`select 1 from break_glass_opening where msp_id = ${tx.actor.mspId}::uuid and opening_id = ${id}::uuid for update`;

/** Every custodian of the key of today, to be mailed. */
const custodiansIn = ({ db, actor: { mspId } }: Read) => db.person.findMany({ where: { mspId, frozenAt: null, breakGlassShares: { some: { inboxKey: { replacedAt: null } } } }, select: { email: true, name: true } });

/**
 * Asks to open one client's break-glass, or to try it. Owners and custodians are mailed at once.
 * Throws Refusal `opening_not_yours`, `opening_none`, `opening_open`, `forbidden`.
 */
export async function askOpening(actor: Actor, given: z.output<typeof askShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "break_glass.open");
  const { mspId } = actor;
  const drill = given.drill === "yes";
  return write(actor, async (tx) => {
    const now = clock.now();
    await myShare(tx);
    const row = (await glassRowsIn(tx, 0, now)).find(({ vaultRef }) => vaultRef === given.vaultRef);
    // What was opened before can be opened again until it is rotated: an outage does not end with one tab.
    if (row?.handOverId == null || (row.state !== "sealed" && row.state !== "rotate")) throw new Refusal("opening_none");
    await tx.db.$executeRaw`update break_glass_opening set closed_at = ends_at, closed_by = asked_by where msp_id = ${mspId}::uuid and vault_ref = ${given.vaultRef}::uuid and closed_at is null and ends_at <= ${now}`;
    if ((await tx.db.breakGlassOpening.count({ where: { mspId, vaultRef: given.vaultRef, closedAt: null } })) > 0) throw new Refusal("opening_open");
    const id = uuid7(now.getTime());
    await tx.db.breakGlassOpening.create({ data: { mspId, openingId: id, handOverId: row.handOverId, vaultRef: given.vaultRef, drill, askedBy: actor.id, askedAt: now, reason: given.reason, endsAt: new Date(now.getTime() + limits.glassOpenSeconds * 1_000) } });
    await record(tx, { action: "break_glass.asked", target: { kind: "opening", id }, fields: { client: row.client, reason: given.reason, drill } });
    const organisation = (await tx.db.msp.findUniqueOrThrow({ where: { mspId } })).name;
    await mailOwners(tx, "glass_asked", { organisation, person: actor.name, client: row.client, reason: given.reason, drill: drill ? " It is a drill: no token is shown." : "", link: `${env().APP_ORIGIN}/break-glass` }, await custodiansIn(tx));
    return { id };
  }, db);
}

/** For the second: their own share, and whom to release it to. Only the other custodians are given it. */
export type ToRelease = { opening: string; /** The break-glass public key, b64u. */ key: string; share: { place: number; sealed: Sealed }; to: { id: string; name: string; statement: InboxStatement } };
/** Throws Refusal `opening_same`, `opening_not_yours`, `opening_over`, `glass_moved` (the asker's inbox key is no longer endorsed). */
export async function takeMyShare(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<ToRelease> {
  authorize(actor, "break_glass.open");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const now = clock.now();
    const row = await openingIn(tx, id, now);
    if (row.askedBy === actor.id) throw new Refusal("opening_same");
    const mine = await myShare(tx);
    const key = await tx.db.inboxKey.findFirst({ where: { mspId, personId: row.askedBy, replacedAt: null, differsAt: null, notAfter: { gt: now }, endorsed: { some: { endorsement: { signingKey: { removedAt: null } } } } }, select: { statement: true } });
    if (key === null) throw new Refusal("glass_moved");
    return { opening: id, key: mine.statement.public_key, share: { place: mine.place, sealed: mine.sealed }, to: { id: row.askedBy, name: row.asker.name, statement: statementOf(key.statement) } };
  }, db);
}

/** The second's share, sealed in their browser to the asker's inbox key for this opening alone. Throws as {@link takeMyShare}. */
export async function releaseGlassShare(actor: Actor, given: z.output<typeof releaseShape>, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "break_glass.open");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    await hold(tx, given.id);
    const row = await openingIn(tx, given.id, now);
    if (row.askedBy === actor.id) throw new Refusal("opening_same");
    const mine = await myShare(tx);
    if (mine.place !== given.place) throw new Refusal("invalid");
    if (row.releasedAt !== null) throw new Refusal("moved_on");
    await tx.db.breakGlassOpening.update({ where: { mspId_openingId: { mspId, openingId: given.id } }, data: { secondBy: actor.id, releasedAt: now, place: given.place, ...given.sealed } });
    await tx.db.breakGlassShare.updateMany({ where: { mspId, inboxKeyId: mine.keyId, custodianId: actor.id }, data: { triedAt: now } });
    await record(tx, { action: "break_glass.released", target: { kind: "opening", id: given.id }, fields: { client: row.vault.client.name, by: row.asker.name, drill: row.drill } });
    return { id: given.id };
  }, db);
}

/** For the asker: both shares, the break-glass statement, and the sealed token of this client. */
export type ToOpen = { opening: string; drill: boolean; statement: InboxStatement; mine: { place: number; sealed: Sealed }; second: { place: number; sealed: Sealed }; token: SealedLine };
/** Only once a second has released. Throws Refusal `opening_not_yours`, `opening_over`, `moved_on` (nobody has released yet). */
export async function takeOpening(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<ToOpen> {
  authorize(actor, "break_glass.open");
  return read(actor, async (tx) => {
    const row = await openingIn(tx, id, clock.now());
    if (row.askedBy !== actor.id) throw new Refusal("opening_not_yours");
    if (row.releasedAt === null || row.place === null || row.enc === null || row.ct === null) throw new Refusal("moved_on");
    const mine = await myShare(tx);
    const { handOverId, uid, agentId, kem, enc, ct, sealedTo } = row.handOver;
    const { vaultId, publicKey, client } = row.vault;
    if (vaultId === null || publicKey === null) throw new Refusal("opening_none");
    return {
      opening: id, drill: row.drill, statement: mine.statement, mine: { place: mine.place, sealed: mine.sealed }, second: { place: row.place, sealed: { kem: row.kem === "x25519" ? "x25519" : "x-wing", enc: row.enc, ct: row.ct } },
      token: { id: handOverId, client: client.name, vault: vaultId, key: publicKey, uid, agent: agentId, sealed: { kem, enc, ct }, sealedTo },
    };
  }, db);
}

/** The asker's browser opened it. A drill closes by that; a use is told to owners and to the client at once, and asks for rotation. */
export async function noteGlassOpened(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "break_glass.open");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    await hold(tx, id);
    const row = await openingIn(tx, id, now);
    if (row.askedBy !== actor.id) throw new Refusal("opening_not_yours");
    if (row.releasedAt === null) throw new Refusal("moved_on");
    if (row.openedAt !== null) {
      tx.replayed = true; // opened once more within its hour; it was told
      return { id };
    }
    await tx.db.breakGlassOpening.update({ where: { mspId_openingId: { mspId, openingId: id } }, data: { openedAt: now, ...(row.drill && { closedAt: now, closedBy: actor.id }) } });
    const mine = await myShare(tx);
    await tx.db.breakGlassShare.updateMany({ where: { mspId, inboxKeyId: mine.keyId, custodianId: actor.id }, data: { triedAt: now } });
    const { client } = row.vault;
    await record(tx, { action: "break_glass.opened", target: { kind: "opening", id }, fields: { client: client.name, drill: row.drill } });
    if (!row.drill) {
      const second = await tx.db.person.findUniqueOrThrow({ where: { mspId_personId: { mspId, personId: row.secondBy! } }, select: { name: true } });
      const data = { organisation: client.msp.name, client: client.name, what: "opened", who: `${actor.name} opened it together with ${second.name}. The reason they gave: ${row.reason}`, origin: env().APP_ORIGIN };
      await mailOwners(tx, "glass_used", data, client.contactMail === "" ? [] : [{ email: client.contactMail, name: client.contactName }]);
    }
    return { id };
  }, db);
}

/** Ends an opening before its hour: any custodian and any owner may. Nothing is released from then on. Throws Refusal `opening_over`, `forbidden`. */
export async function closeOpening(actor: Actor, { id }: { id: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "break_glass.open");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    await hold(tx, id);
    const row = await openingIn(tx, id, now);
    if (!actor.rights.includes("owner")) await myShare(tx);
    await tx.db.breakGlassOpening.update({ where: { mspId_openingId: { mspId, openingId: id } }, data: { closedAt: now, closedBy: actor.id } });
    await record(tx, { action: "break_glass.closed", target: { kind: "opening", id }, fields: { client: row.vault.client.name, drill: row.drill, how: row.openedAt !== null ? "it was opened before" : "nothing was opened" } });
    return { id };
  }, db);
}
