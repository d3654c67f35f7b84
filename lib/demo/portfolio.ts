/** One client of the demo's portfolio, brought as far as its admin can bring it; each step finds what an earlier run left. */
import { systemClock, type Clock } from "../clock.ts";
import { plans } from "../billing/plan.ts";
import { askConnect } from "../client/ask.ts";
import { createClient } from "../client/create.ts";
import { clientShape, nameKey, type ClientInput } from "../client/shape.ts";
import type { Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { code1, connectLink, requestHash } from "../protocol/connect.ts";
import type { ConnectRequest, Grant } from "../protocol/messages.ts";
import type { PortfolioClient, World } from "./world.ts";

/**
 * What is asked of every client of the demo: as much as the reference portfolio needs. Full access without an end is among it,
 * since that is what its clients gave their technicians before; the careful ones lease it instead.
 */
export const demoWant: Grant = { scopes: "any", all_access: "yes", max_lease: null, max_agents: 60, entries: false, cosign: 1, signer_delay: 86_400, audit: "all" };

/** A request that ends sooner than this is not worth an admin's tap. */
const worthTappingMs = 60_000;

/** The demo's words for a client, as a form would give them. Throws when they would not be taken from a form either. */
export function inputOf({ name, aliases, tags, region, contact, plan }: PortfolioClient): ClientInput {
  return clientShape.parse({
    name, aliases: aliases.join(","), tags: tags.join(","), region, contactName: contact.name, contactPhone: contact.phone, contactMail: contact.mail,
    plan: plans.find((one) => one.name === plan)?.id ?? plan,
  });
}

type Found = { state: "asking" | "done"; clientId: string | null; open: ConnectRequest | null };

/** What is there of a client: by the vault's address, which belongs to one client, else by name and what tells it apart. */
async function find(actor: Actor, { name, aliases }: ClientInput, address: string, now: Date, db: Database): Promise<Found> {
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const vault = await tx.db.vault.findFirst({
      where: { mspId, address, state: { not: "ended" } },
      include: { requests: { where: { repliedAt: null, cancelledAt: null, expiresAt: { gt: new Date(now.getTime() + worthTappingMs) } }, orderBy: { createdAt: "desc" }, take: 1 } },
    });
    if (vault) return { state: vault.state === "asking" ? "asking" : "done", clientId: vault.clientId, open: (vault.requests[0]?.request as ConnectRequest | undefined) ?? null };
    const namesakes = await tx.db.client.findMany({ where: { mspId, endedAt: null, name: { equals: name, mode: "insensitive" }, vaults: { none: {} } } });
    const same = namesakes.find((one) => nameKey(one.aliases.join("\n")) === nameKey(aliases.join("\n")));
    return { state: "asking", clientId: same?.clientId ?? null, open: null };
  }, db);
}

/** Why a client is not connected, as a sentence for whoever looks on. */
export class HeldUp extends Error {
  override name = "HeldUp";
}

async function whyRefused(actor: Actor, address: string, db: Database): Promise<string> {
  const request = await read(actor, (tx) => tx.db.connectRequest.findFirst({ where: { mspId: actor.mspId, vault: { address } }, orderBy: { createdAt: "desc" }, select: { refusedWords: true } }), db);
  return request?.refusedWords ?? "its reply did not reach us";
}

export type Connecting = { actor: Actor; world: World; roles: readonly string[]; clock?: Clock; db: Database };

/**
 * Makes the client, asks for the connection, hands link and code to its admin, who taps and has the reply delivered to our
 * public door. Throws HeldUp with the reason, Declined, Refusal.
 */
export async function connectClient(given: PortfolioClient & { address: string }, { actor, world, roles, clock = systemClock, db }: Connecting): Promise<void> {
  const input = inputOf(given);
  const { address } = given;
  const found = await find(actor, input, address, clock.now(), db);
  if (found.state === "done") return;
  let link: { link: string; code1: string };
  if (found.open) {
    // The very request that the admin may have tapped already: their vault takes a nonce once, and their reply is for this one.
    link = { link: connectLink(address, found.open), code1: code1(requestHash(found.open)) };
  } else {
    const clientId = found.clientId ?? (await createClient(actor, input, clock, db)).clientId;
    link = await askConnect(actor, { clientId, address, want: demoWant, roles, oneSigner: true }, clock, db);
  }
  const { delivered } = await world.connect(link);
  if (!delivered) throw new HeldUp(await whyRefused(actor, address, db));
}

/** A failure in one sentence; what nobody foresaw is not shown raw. */
export function heldUpBy(error: unknown): string {
  if (error instanceof Refusal) return error.failure.fields ? Object.values(error.failure.fields).join(" ") : error.failure.title;
  return error instanceof Error && (error.name === "HeldUp" || error.name === "Declined") ? error.message : "something went wrong; the worker’s log says what";
}
