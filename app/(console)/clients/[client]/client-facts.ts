import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { clientLog, type ClientLog } from "#lib/audit/client-log.ts";
import { clientMoney } from "#lib/billing/client-money.ts";
import type { LedgerLine } from "#lib/billing/ledger.ts";
import { showClient, type ClientFacts } from "#lib/client/show.ts";
import { Refusal } from "#lib/errors.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";

/** What a verb refused as not there is the 404 page: the same for what never was, is gone, or is another organisation's. */
export async function orNotFound<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  }
}

/** The id in a page's address; the 404 page for what is none. */
export const clientIdOf = async (params: Promise<{ client: string }>): Promise<string> => {
  const parsed = z.uuid().safeParse((await params).client);
  if (!parsed.success) notFound();
  return parsed.data;
};

/** Read once per drawing, for the head and for the tab beneath it. */
export const clientFacts = cache(async (actor: Actor, clientId: string): Promise<{ client: ClientFacts; now: number }> => {
  const now = new Date().getTime();
  return { client: await orNotFound(showClient(actor, clientId, now)), now };
});

/** null: money is not this person's. */
export const moneyFacts = cache(async (actor: Actor, clientId: string): Promise<LedgerLine[] | null> => (holds(actor, "billing.read") ? clientMoney(actor, clientId) : null));

/** null: the audit is not this person's. `log` null: nothing is connected. */
export const logFacts = async (actor: Actor, clientId: string): Promise<{ log: ClientLog | null } | null> => (holds(actor, "audit.read") ? { log: await clientLog(actor, clientId) } : null);
