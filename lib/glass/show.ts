/** A client's own page: for whoever holds its link, without an account; and the same for the MSP, to see what they see. */
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, personActor, type Actor } from "../identity/actor.ts";
import { hashOfSecret } from "../identity/link.ts";
import { record } from "../record/record.ts";
import { systemClock, type Clock } from "../clock.ts";
import { checkpointKey } from "./checkpoint-key.ts";
import { glassFacts } from "./facts.ts";
import { glassMessage, type GlassAnswer } from "./statement.ts";
import { wordsOf, type AskVault, type Kept } from "./vault-words.ts";

const hourMs = 3_600_000;

/** The statement of one client, signed, beside the vaults' own words. */
async function answerFor(actor: Actor, clientId: string, until: number | null, now: Date, ask: AskVault, db: Database) {
  const { statement, rows, clientName, kept } = await read(actor, async (tx) => {
    const facts = await glassFacts(tx, clientId, { now, origin: env().APP_ORIGIN, until });
    const stored = await tx.db.vaultStatement.findMany({ where: { mspId: actor.mspId, vaultRef: { in: facts.rows.map(({ vaultRef }) => vaultRef) } } });
    return { ...facts, kept: new Map<string, Kept>(stored.map(({ vaultRef, statement: said, signature, fetchedAt }) => [vaultRef, { statement: said, signature, fetchedAt }])) };
  }, db);
  const key = await checkpointKey(db);
  const words = await wordsOf(rows, kept, ask, now.getTime());
  const answer: GlassAnswer = {
    statement, signature: key.sign(glassMessage(statement)), key: key.publicKey,
    vaults: rows.map(({ vaultRef, vaultId }) => {
      const { signed, fetched, trouble } = words.get(vaultRef)!;
      return { vault: vaultId!, fetched: Math.floor(fetched / 1000), trouble, signed };
    }),
  };
  return { answer, words, clientName };
}

/**
 * What the holder of a link sees. That it was opened, and the vaults' words of that moment, are written down at most once an
 * hour; if they cannot be, nothing is shown. Throws Refusal `glass_unknown`, `glass_over`, `record_unwritable`.
 */
export async function showGlass(secret: string, ask: AskVault, { clock = systemClock, requestId, db = database() }: { clock?: Clock; requestId?: string; db?: Database } = {}): Promise<GlassAnswer> {
  const [found] = await db.$queryRaw<{ msp_id: string; link_id: string }[]>`select msp_id, link_id from glass_link_find(${hashOfSecret(secret)})`;
  if (!found) throw new Refusal("glass_unknown");
  const { msp_id: mspId, link_id: linkId } = found;
  const visitor = personActor({ mspId, personId: linkId, name: "Visitor", rights: [] }, undefined, requestId);
  const link = await read(visitor, (tx) => tx.db.glassLink.findUniqueOrThrow({ where: { mspId_linkId: { mspId, linkId } } }), db);
  const now = clock.now();
  if (link.revokedAt !== null || link.expiresAt <= now) throw new Refusal("glass_over");
  const holder: Actor = { ...visitor, name: `Whoever has the link for ${link.label}` };
  const { answer, words, clientName } = await answerFor(holder, link.clientId, Math.floor(link.expiresAt.getTime() / 1000), now, ask, db);
  if (link.openedAt === null || now.getTime() - link.openedAt.getTime() >= hourMs) {
    await write(holder, async (tx) => {
      const first = await tx.db.$executeRaw`
        update glass_link set opened_at = ${now} where msp_id = ${mspId}::uuid and link_id = ${linkId}::uuid and revoked_at is null and (opened_at is null or opened_at <= ${new Date(now.getTime() - hourMs)})`;
      if (first !== 1) {
        // Another visit was faster, or the link was just taken back: nothing was changed here.
        tx.replayed = true;
        return;
      }
      for (const [vaultRef, { signed, fetched, fresh }] of words) {
        if (!fresh || signed === null) continue;
        await tx.db.$executeRaw`
          insert into vault_statement (msp_id, vault_ref, statement, signature, fetched_at) values (${mspId}::uuid, ${vaultRef}::uuid, ${JSON.stringify(signed.statement)}::jsonb, ${signed.signature}, ${new Date(fetched)})
          on conflict (msp_id, vault_ref) do update set statement = excluded.statement, signature = excluded.signature, fetched_at = excluded.fetched_at where vault_statement.fetched_at < excluded.fetched_at`;
      }
      await record(tx, { action: "glass.opened", target: { kind: "glass_link", id: linkId }, fields: { client: clientName } });
    }, db);
  }
  return answer;
}

/** The same page for the MSP: what the client would see now. Throws Refusal `forbidden`, `not_found`. */
export async function previewGlass(actor: Actor, clientId: string, ask: AskVault, { clock = systemClock, db = database() }: { clock?: Clock; db?: Database } = {}): Promise<GlassAnswer> {
  authorize(actor, "client.read");
  return (await answerFor(actor, clientId, null, clock.now(), ask, db)).answer;
}
