/** A technician's own tokens: what waits sealed, what is used, what was taken back. The sealed bytes are fetched apart (take.ts). */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { sealedTo } from "../protocol/kem.ts";
import { statementOf } from "../inbox/waiting.ts";
import { isListed } from "../receipt/listed.ts";
import type { Letters } from "../role/letters.ts";
import { accessOf } from "../technician/access.ts";
import { tokenState, type TokenState } from "./state.ts";

/** `id`: of the hand-over; null where there is none. Times in epoch milliseconds. `openable`: its sealed bytes can be had. */
export type TokenLine = {
  readonly id: string | null; readonly vaultRef: string; readonly uid: string; readonly client: string; readonly place: string | null; readonly letters: Letters | null;
  readonly state: TokenState; readonly openable: boolean; readonly kind: "grant" | "reissue" | null; readonly from: string | null; readonly reason: string | null;
  readonly handedAt: number | null; readonly claimBy: number | null; readonly until: number | null; readonly lastUsedAt: number | null; readonly openedAt: number | null;
};

type HandedRow = {
  hand_over_id: string; vault_ref: string; uid: string; client: string; kind: "grant" | "reissue"; sealed_to: string; handed_at: Date; opened_at: Date | null; strange_at: Date | null;
  claim_by: Date | null; listed: boolean; made_by: string; frozen_title: string;
};

/** How long a token that is gone is still said to have been there. */
const goneShownMs = 7 * 86_400_000;

/** The newest hand-over of each row that was made for this person, in vaults that are still ours to work in. */
const handedTo = ({ db, actor: { mspId } }: Read, personId: string): Promise<HandedRow[]> => db.$queryRaw<HandedRow[]>`
  select distinct on (h.vault_ref, h.uid) h.hand_over_id, h.vault_ref, h.uid, c.name as client, h.kind, h.sealed_to, h.handed_at, h.opened_at, h.strange_at, h.claim_by, ${isListed} as listed, m.name as made_by, p.title as frozen_title
    from hand_over h join vault v using (msp_id, vault_ref) join client c on c.msp_id = v.msp_id and c.client_id = v.client_id
    join receipt e on e.msp_id = h.msp_id and e.receipt_id = h.receipt_id join plan p on p.msp_id = h.msp_id and p.plan_id = e.plan_id
    join person m on m.msp_id = p.msp_id and m.person_id = p.made_by left join reading r on r.msp_id = h.msp_id and r.vault_ref = h.vault_ref
   where h.msp_id = ${mspId}::uuid and h.person_id = ${personId}::uuid and v.state in ('unconfirmed', 'connected', 'stopped')
   order by h.vault_ref, h.uid, h.handed_at desc, h.hand_over_id desc`;

/** `sealed_to` of the key that this person has now, with its passkey's label; null: none. */
export async function ownSeal({ db, actor: { mspId } }: Read, personId: string): Promise<{ sealedTo: string; passkey: string } | null> {
  const key = await db.inboxKey.findFirst({ where: { mspId, personId, replacedAt: null }, select: { statement: true, passkeyLabel: true } });
  return key === null ? null : { sealedTo: sealedTo(statementOf(key.statement)), passkey: key.passkeyLabel };
}

export type MyTokens = { readonly tokens: readonly TokenLine[]; readonly keyLabel: string | null };

const inOrder: readonly TokenState[] = ["strange", "waits", "opened", "former_key", "in_use", "taken_back", "gone"];

/** One's own, the newest first within each state. Throws Refusal `forbidden`. */
export async function myTokens(actor: Actor, clock: Clock = systemClock, db: Database = database()): Promise<MyTokens> {
  authorize(actor, "token.own");
  const now = clock.now().getTime();
  const rows = (await accessOf(actor, actor.id, db)).filter(({ kind }) => kind === "ours");
  const { handed, own } = await read(actor, async (tx) => ({ handed: await handedTo(tx, actor.id), own: await ownSeal(tx, actor.id) }), db);
  const known = new Map(rows.map((row) => [`${row.vaultRef} ${row.uid}`, row]));
  const mine = own?.sealedTo ?? null;
  const lines = handed.map((one): TokenLine => {
    const row = known.get(`${one.vault_ref} ${one.uid}`) ?? null;
    known.delete(`${one.vault_ref} ${one.uid}`);
    const facts = { sealedTo: one.sealed_to, handedAt: one.handed_at.getTime(), openedAt: one.opened_at?.getTime() ?? null, strangeAt: one.strange_at?.getTime() ?? null, claimBy: one.claim_by?.getTime() ?? null };
    const state = tokenState(facts, row, { mine, listed: one.listed, now });
    return {
      id: one.hand_over_id, vaultRef: one.vault_ref, uid: one.uid, client: one.client, place: row?.place ?? null, letters: row?.letters ?? null, state, openable: ["waits", "opened", "in_use", "former_key"].includes(state) && facts.sealedTo === mine,
      kind: one.kind, from: one.made_by, reason: one.frozen_title, handedAt: facts.handedAt, claimBy: facts.claimBy, until: row?.until ?? null, lastUsedAt: row?.lastUsedAt ?? null, openedAt: facts.openedAt,
    };
  });
  const others = [...known.values()].map((row): TokenLine => ({
    id: null, vaultRef: row.vaultRef, uid: row.uid, client: row.clientName, place: row.place, letters: row.letters, state: tokenState(null, row, { mine, listed: true, now }), openable: false,
    kind: null, from: null, reason: null, handedAt: row.since, claimBy: row.claimBy, until: row.until, lastUsedAt: row.lastUsedAt, openedAt: null,
  }));
  const shown = [...lines, ...others].filter(({ state, handedAt, claimBy }) => (state !== "gone" && state !== "taken_back") || now - Math.max(claimBy ?? 0, handedAt ?? 0) < goneShownMs);
  return { tokens: shown.toSorted((a, b) => inOrder.indexOf(a.state) - inOrder.indexOf(b.state) || (b.handedAt ?? 0) - (a.handedAt ?? 0) || a.client.localeCompare(b.client)), keyLabel: own?.passkey ?? null };
}
