/**
 * Which connect requests have an answer that counts. One that is only kept, because its vault could not be checked (lib/client/reply.ts),
 * carries its words, and goes on carrying them when the request ends: what nobody proved is never taken for the vault's.
 */
import type { ConnectRequest } from "#prisma/generated/client.ts";

/** The same, for a query. */
export const whereAnswered = { repliedAt: { not: null }, sealedKey: null, cancelledAt: null, refusedWords: null } as const;

export const isAnswered = ({ repliedAt, sealedKey, cancelledAt, refusedWords }: Pick<ConnectRequest, "repliedAt" | "sealedKey" | "cancelledAt" | "refusedWords">): boolean =>
  repliedAt !== null && sealedKey === null && cancelledAt === null && refusedWords === null;
