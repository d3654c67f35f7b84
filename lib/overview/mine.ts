/** A technician's own Overview: what they reach, what ends, what waits for them. Nobody else's rows, no money. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { roleLetters } from "../role/letters.ts";
import { dictionaryOf } from "../role/numbers.ts";
import { named, type Need } from "./needs.ts";
import { roleWords } from "./reach-words.ts";

export type MyReach = { readonly vaultRef: string; readonly uid: string; readonly clientId: string; readonly client: string; readonly place: string | null; /** "Everything", or the roles by name. */ readonly access: string; /** Opens something now: neither ended nor locked. */ readonly live: boolean; readonly until: number | null; readonly lastUsedAt: number | null; readonly claimBy: number | null };
export type Mine = { readonly needs: readonly Need[]; readonly reach: readonly MyReach[] };

const soonMs = 7 * 86_400_000;

type Row = { vault_ref: string; uid: string; locked: boolean; client_id: string; client: string; place: string | null; all_access: boolean; scopes: string; expires_at: Date | null; last_used_at: Date | null; claim_by: Date | null };

export async function mineIn({ db, actor }: Read, now: Date): Promise<Mine> {
  const rows = await db.$queryRaw<Row[]>`
    select a.vault_ref, a.uid, a.locked, v.client_id, c.name as client, c.aliases[1] as place, a.all_access, a.scopes, a.expires_at, a.last_used_at, a.claim_by
      from known_agent a join vault v using (msp_id, vault_ref) join client c using (msp_id, client_id)
     where a.msp_id = ${actor.mspId}::uuid and a.person_id = ${actor.id}::uuid and v.state in ('connected', 'unconfirmed') and not a.admin order by c.name, a.agent_id`;
  const [key] = await db.$queryRaw<{ endorsed: boolean; not_after: Date }[]>`
    select exists (select 1 from endorsed_key e where e.msp_id = k.msp_id and e.inbox_key_id = k.inbox_key_id) as endorsed, k.not_after from inbox_key k where k.msp_id = ${actor.mspId}::uuid and k.person_id = ${actor.id}::uuid and k.replaced_at is null`;
  const dictionary = await dictionaryOf({ db, actor }, [...new Set(rows.map(({ vault_ref }) => vault_ref))]);
  const reach = rows.map((row): MyReach => ({ vaultRef: row.vault_ref, uid: row.uid, clientId: row.client_id, client: row.client, place: row.place, access: roleWords(roleLetters(row.scopes, row.all_access, dictionary.get(row.vault_ref) ?? new Map())), live: !row.locked && (row.expires_at === null || row.expires_at > now), until: row.expires_at?.getTime() ?? null, lastUsedAt: row.last_used_at?.getTime() ?? null, claimBy: row.claim_by?.getTime() ?? null }));
  const keyState = key === undefined || key.not_after <= now ? "none" : key.endorsed ? "endorsed" : "waiting";
  return { needs: mineNeeds(reach, keyState, actor.id, now), reach };
}

/** Pure. */
export function mineNeeds(reach: readonly MyReach[], key: "none" | "waiting" | "endorsed", personId: string, now: Date): Need[] {
  const needs: Need[] = [];
  const at = now.getTime();
  const names = (rows: readonly MyReach[]) => named([...new Set(rows.map(({ client }) => client))]);
  const waiting = reach.filter(({ claimBy }) => claimBy !== null && claimBy > at);
  const ending = reach.filter(({ until }) => until !== null && until > at && until < at + soonMs);
  const own = `/technicians/${personId}`;
  if (key === "none") needs.push({ kind: "own_key", count: 1, what: "key of yours is missing", sentence: "Without an inbox key nobody can seal a token to you. It takes one touch.", since: null, href: "/settings/inbox-key", deed: "Make it", state: "attention" });
  if (key === "waiting") needs.push({ kind: "own_endorsement", count: 1, what: "key of yours waits for an endorsement", sentence: "An owner compares its fingerprint with you, in person or by phone.", since: null, href: "/settings/inbox-key", deed: "Read it out", state: "moving" });
  if (waiting.length > 0) needs.push({ kind: "own_tokens", count: waiting.length, what: waiting.length === 1 ? "token waits for you" : "tokens wait for you", sentence: `${names(waiting)}. Unused by its day, a vault takes it back.`, since: new Date(Math.min(...waiting.map(({ claimBy }) => claimBy!))), href: "/tokens", deed: "Open", state: "staged" });
  if (ending.length > 0) needs.push({ kind: "own_ending", count: ending.length, what: ending.length === 1 ? "access of yours ends within a week" : "accesses of yours end within a week", sentence: `${names(ending)}.`, since: new Date(Math.min(...ending.map(({ until }) => until!))), href: own, deed: "Look", state: "none" });
  return needs;
}

/** Throws Refusal `forbidden`. */
export async function readMine(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<Mine> {
  authorize(actor, "inbox_key.own");
  return read(actor, (tx) => mineIn(tx, clock.now()), db);
}
