/** Links to a client's own page: made by an owner, shown once, taken back at any time. */
import { database, type Database } from "../db/client.ts";
import { once } from "../db/once.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { drawSecret } from "../identity/link.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { checkpointKey } from "./checkpoint-key.ts";

/** How long a link may be open. */
export const glassDays = [30, 90, 365] as const;
export type GlassDays = (typeof glassDays)[number];

/** Times in epoch milliseconds. */
export type GlassLinkLine = { readonly id: string; readonly label: string; readonly by: string; readonly createdAt: number; readonly expiresAt: number; readonly openedAt: number | null };

/** Open links of a client, newest first. Throws Refusal `forbidden`. */
export async function listGlassLinks(actor: Actor, clientId: string, now: Date = new Date(), db: Database = database()): Promise<GlassLinkLine[]> {
  authorize(actor, "client.read");
  const rows = await read(actor, (tx) => tx.db.glassLink.findMany({ where: { mspId: actor.mspId, clientId, revokedAt: null, expiresAt: { gt: now } }, include: { person: { select: { name: true } } }, orderBy: { createdAt: "desc" }, take: limits.glassLinksOpen }), db);
  return rows.map((row) => ({ id: row.linkId, label: row.label, by: row.person.name, createdAt: row.createdAt.getTime(), expiresAt: row.expiresAt.getTime(), openedAt: row.openedAt?.getTime() ?? null }));
}

/**
 * Makes a link. The secret stands in the fragment and in this answer, nowhere else: a form sent twice is told so, since what
 * was shown cannot be shown again. Throws Refusal `forbidden`, `not_found`, `invalid` at the limit, `already_sent`.
 */
export async function makeGlassLink(actor: Actor, { clientId, label, days, key }: { clientId: string; label: string; days: GlassDays; key: string }, now: Date = new Date(), db: Database = database()): Promise<{ id: string; link: string }> {
  authorize(actor, "client.connect");
  // The key that signs what the link shows exists before the first link does.
  await checkpointKey(db);
  const { secret, sha256 } = drawSecret();
  const linkId = uuid7();
  const expiresAt = new Date(now.getTime() + days * 86_400_000);
  return write(actor, async (tx) => {
    const { mspId } = actor;
    const made = await once(tx, { key, action: "glass.link_made", input: { clientId, label, days } }, async () => {
      const client = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } }, select: { name: true } });
      if (!client) throw new Refusal("not_found");
      const open = await tx.db.glassLink.count({ where: { mspId, clientId, revokedAt: null, expiresAt: { gt: now } } });
      if (open >= limits.glassLinksOpen) throw new Refusal("invalid", { fields: { label: `At most ${limits.glassLinksOpen} links are open at once. Take some back first.` } });
      await tx.db.glassLink.create({ data: { mspId, linkId, clientId, secretSha256: sha256, label, madeBy: actor.id, expiresAt } });
      await record(tx, { action: "glass.link_made", target: { kind: "glass_link", id: linkId }, fields: { client: client.name, label, until: expiresAt.toISOString().slice(0, 10) } });
      return { linkId };
    });
    if (made.linkId !== linkId) throw new Refusal("already_sent");
    return { id: linkId, link: `${env().APP_ORIGIN}/glass#${secret}` };
  }, db);
}

/** Takes a link back, at once. Throws Refusal `forbidden`, `moved_on`. */
export async function revokeGlassLink(actor: Actor, { id }: { id: string }, now: Date = new Date(), db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { count } = await tx.db.glassLink.updateMany({ where: { mspId, linkId: id, revokedAt: null }, data: { revokedAt: now, revokedBy: actor.id } });
    if (count === 0) throw new Refusal("moved_on");
    const { label, client } = await tx.db.glassLink.findUniqueOrThrow({ where: { mspId_linkId: { mspId, linkId: id } }, select: { label: true, client: { select: { name: true } } } });
    await record(tx, { action: "glass.link_revoked", target: { kind: "glass_link", id }, fields: { client: client.name, label } });
    return { id };
  }, db);
}
