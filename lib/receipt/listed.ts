import { Prisma } from "#prisma/generated/client.ts";

/**
 * Of a receipt `e` and its vault's reading `r`, in a query: whether that reading holds what the receipt says was done. Told by the vault's
 * own count (PROTOCOL 3, `revision`): a reading may be under way while a vault acts, so its time says nothing. A new epoch's list says
 * what it kept.
 */
export const isListed = Prisma.sql`coalesce((r.epoch, r.revision) >= (e.epoch, e.revision), false)`;
