/** From a drift, wherever it is shown, into one's own draft: what was wanted is staged again. Nothing acts by itself. */
import { systemClock, type Clock } from "../clock.ts";
import { driftSide, type DriftKind } from "../client/drift-words.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { backOf, type Back } from "./back.ts";
import { loadDraft, saveDraft } from "./draft.ts";
import { keysIn } from "./load.ts";
import { pack } from "./pack.ts";

type Found = { vault_ref: string; uid: string; kind: DriftKind; before: unknown; after: unknown; person_id: string | null; name: string; rows: number };

/** The drift with its technician: by its row where that stands, else by the name it had (load.ts does the same). Null: settled, or not ours. */
export async function driftBack({ db, actor }: Read, driftId: string, now: Date): Promise<{ vaultRef: string; personId: string | null; client: string; back: Back } | null> {
  const [found] = await db.$queryRaw<Found[]>`
    select d.vault_ref, d.uid, d.kind, d.before, d.after, coalesce(a.person_id, p.person_id) as person_id, c.name,
           (select count(*)::int from known_agent k where k.msp_id = d.msp_id and k.vault_ref = d.vault_ref and k.person_id = coalesce(a.person_id, p.person_id) and k.managed_by = v.manager_uid and not k.admin) as rows
      from drift d join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
      left join known_agent a on a.msp_id = d.msp_id and a.vault_ref = d.vault_ref and a.uid = d.uid
      left join lateral (select person_id from person where msp_id = d.msp_id and normalize(name, NFC) = normalize(d.before->>'name', NFC) limit 1) p on a.uid is null
     where d.msp_id = ${actor.mspId}::uuid and d.drift_id = ${driftId}::uuid and d.settled_at is null`;
  if (!found) return null;
  const scopes = await db.roleScope.findMany({ where: { mspId: actor.mspId, vaultRef: found.vault_ref, role: { retiredAt: null } }, select: { scope: true, roleId: true } });
  const roles = new Map(scopes.map(({ scope, roleId }) => [scope, roleId]));
  const given = { kind: found.kind, before: driftSide(found.before), after: driftSide(found.after) };
  return { vaultRef: found.vault_ref, personId: found.person_id, client: found.name, back: found.person_id === null ? { why: "Nobody here is linked to this row." } : backOf(given, { roles, rows: found.rows, now: Math.floor(now.getTime() / 1_000) }) };
}

/** How often a draft that moves meanwhile is tried again: two tabs of one person are two. */
const tries = 3;

/**
 * Stages what a drift took away, in one's own draft. The drift stays open until it is read to be gone.
 * @returns the client's name, for the way to its cell
 * Throws Refusal `forbidden`, `moved_on` (settled meanwhile), `not_stageable`.
 */
export async function putBack(actor: Actor, { driftId }: { driftId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ client: string }> {
  authorize(actor, "matrix.stage");
  const found = await read(actor, async (tx) => ({ drift: await driftBack(tx, driftId, clock.now()), keys: await keysIn(tx) }), db);
  if (!found.drift) throw new Refusal("moved_on");
  const { vaultRef, personId, client, back } = found.drift;
  const key = found.keys.get(vaultRef);
  if ("why" in back || personId === null || key === undefined) throw new Refusal("not_stageable");
  const cells = pack([{ row: key, person: personId, wish: back.wish }]);
  for (let n = 0; n < tries; n += 1) {
    const { revision } = await loadDraft(actor, db);
    if ((await saveDraft(actor, { revision, cells }, clock, db)).saved) return { client };
  }
  throw new Refusal("moved_on");
}
