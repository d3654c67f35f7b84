import { Prisma } from "#prisma/generated/client.ts";

/**
 * `placed`: per vault of the tenant what tells it from another of the same name, judged over all of them, so that a short list
 * says it too: the client's first alias, or the vault's own id; null where the name is enough. A common table expression.
 */
export const placed = (mspId: string): Prisma.Sql => Prisma.sql`placed as (
  select v.msp_id, v.vault_ref, case when count(*) over (partition by lower(c.name)) > 1
           then concat_ws(', ', c.aliases[1], case when count(*) over (partition by lower(c.name), c.aliases[1]) > 1 then v.vault_id end) end as place
    from vault v join client c using (msp_id, client_id)
   where v.msp_id = ${mspId}::uuid and v.state <> 'ended')`;
