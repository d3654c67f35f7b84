/** Clients and technicians by a part of their name, for the palette: a few, the best first, of each kind only to whom it is open. */
import { z } from "zod";
import { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read, type Read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { fold } from "./fold.ts";

/** `place`: what tells it from another of its name, or the alias by which it was found. `ended`: no longer a client. */
export type FoundClient = { readonly id: string; readonly name: string; readonly place: string | null; readonly ended: boolean };
/** `works`: has the right of a technician; without it rows of theirs are left somewhere. `clients`: where they have rows, as last read. */
export type FoundTechnician = { readonly id: string; readonly name: string; readonly pod: string | null; readonly works: boolean; readonly frozen: boolean; readonly clients: number };
/** `null`: of this kind this person is told nothing. `more`: there are others; more letters find them. `may`: where these lead for them. */
export type FoundNames = {
  readonly clients: { readonly list: readonly FoundClient[]; readonly more: boolean } | null;
  readonly technicians: { readonly list: readonly FoundTechnician[]; readonly more: boolean } | null;
  readonly may: { readonly matrix: boolean; readonly audit: boolean; readonly remove: boolean };
};

/** What somebody typed, without what no name holds and a database refuses. */
export const typedName = z.string().transform((text) => text.replaceAll(/\p{Cc}+/gu, " ").trim()).pipe(z.string().min(1).max(100));

/** Of which kinds this person finds names at all; of none of them they need not ask. */
export const findsNames = (actor: Actor): { clients: boolean; technicians: boolean } => ({ clients: holds(actor, "client.read"), technicians: holds(actor, "technician.read") });

// As fold() does it, where the rows are: the marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters, and those that combine with any.
const marks = "[\u0300-\u036F\u0483-\u0489\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20F0\uFE20-\uFE2F]";
const folded = (text: Prisma.Sql): Prisma.Sql => Prisma.sql`lower(regexp_replace(normalize(${text}, NFKD), ${marks}, '', 'g'))`;

/** Rows of `table` that have a name `n` and other words `o`: every typed word in either of them; what the name begins with first. */
const matching = (words: readonly string[]) => ({
  words: Prisma.sql`words as materialized (select at, ${folded(Prisma.sql`w`)} as word from unnest(${[...words]}::text[]) with ordinality as t (w, at))`,
  where: Prisma.sql`not exists (select from words where strpos(n, word) = 0 and strpos(o, word) = 0)`,
  order: Prisma.sql`n = (select string_agg(word, ' ' order by at) from words) desc, strpos(n, (select word from words where at = 1)) = 1 desc, not exists (select from words where strpos(n, word) = 0) desc`,
});

async function clientsNamed({ db, actor: { mspId } }: Read, words: readonly string[], most: number): Promise<FoundClient[]> {
  const match = matching(words);
  const rows = await db.$queryRaw<{ client_id: string; name: string; aliases: string[]; region: string; ended: boolean; namesakes: number }[]>`
    with ${match.words}, named as (
      select client_id, name, aliases, region, ended_at is not null as ended, ${folded(Prisma.sql`name`)} as n, ${folded(Prisma.sql`array_to_string(aliases, E'\\n')`)} as o, count(*) over (partition by lower(name))::int as namesakes
        from client where msp_id = ${mspId}::uuid
    )
    select client_id::text, name, aliases, region, ended, namesakes from named where ${match.where} order by ended, ${match.order}, lower(name), client_id limit ${most}`;
  const asked = words.map(fold);
  return rows.map(({ client_id: id, name, aliases, region, ended, namesakes }) => {
    const found = aliases.find((alias) => asked.some((word) => !fold(name).includes(word) && fold(alias).includes(word)));
    return { id, name, ended, place: found ?? aliases[0] ?? (namesakes > 1 && region !== "" ? region : null) };
  });
}

async function techniciansNamed({ db, actor: { mspId } }: Read, words: readonly string[], most: number): Promise<FoundTechnician[]> {
  const match = matching(words);
  const rows = await db.$queryRaw<{ person_id: string; name: string; pod: string | null; works: boolean; frozen: boolean; clients: number }[]>`
    with ${match.words}, named as (
      select p.person_id, p.name, d.name as pod, 'technician' = any (p.rights) as works, p.frozen_at is not null as frozen, ${folded(Prisma.sql`p.name`)} as n, lower(p.email) as o
        from person p left join technician t using (msp_id, person_id) left join pod d on d.msp_id = t.msp_id and d.pod_id = t.pod_id where p.msp_id = ${mspId}::uuid
    ), counted as (
      select named.*, (select count(distinct v.client_id)::int from known_agent a join vault v using (msp_id, vault_ref)
                        where a.msp_id = ${mspId}::uuid and a.person_id = named.person_id and v.state in ('unconfirmed', 'connected', 'stopped')) as clients
        from named where ${match.where}
    )
    select person_id::text, name, pod, works, frozen, clients from counted where works or clients > 0 order by ${match.order}, lower(name), person_id limit ${most}`;
  return rows.map(({ person_id: id, ...rest }) => ({ id, ...rest }));
}

/**
 * @param typed as `typedName` leaves it
 * Throws Refusal `forbidden` (no person), `database_unavailable`.
 */
export async function findByName(actor: Actor, typed: string, db: Database = database()): Promise<FoundNames> {
  authorize(actor, "self");
  const kinds = findsNames(actor);
  const may = { matrix: holds(actor, "matrix.read"), audit: holds(actor, "audit.read"), remove: holds(actor, "revocation.open") };
  const words = typed.split(/\s+/u).filter(Boolean).slice(0, 8);
  if (words.length === 0 || (!kinds.clients && !kinds.technicians)) return { clients: kinds.clients ? { list: [], more: false } : null, technicians: kinds.technicians ? { list: [], more: false } : null, may };
  const most = limits.namesFound;
  const bound = <One>(list: readonly One[]) => ({ list: list.slice(0, most), more: list.length > most });
  return read(actor, async (tx) => {
    const technicians = kinds.technicians ? bound(await techniciansNamed(tx, words, most + 1)) : null;
    return { clients: kinds.clients ? bound(await clientsNamed(tx, words, most + 1)) : null, technicians, may };
  }, db);
}
