/**
 * The relay of `/auth/begin` (PROTOCOL 5): the page chooses a nonce per vault and gets each vault's signed answer as it came.
 * The relay can withhold, and nothing else: what it altered does not verify in the page.
 */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { loadPlan } from "../plan/load.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { secretShape } from "../signing/trade.ts";
import { windowBySecret, type Visitor } from "../signing/window.ts";
import { inLanes } from "../vault/lanes.ts";
import { openVault, type OpenableVault } from "../vault/open.ts";
import { vaultNet, type Net } from "../vault/net.ts";

export const relayShape = z.strictObject({
  secret: secretShape, round: z.uuid(),
  vaults: z.array(z.strictObject({ place: z.int().min(0).max(limits.planVaults), nonce: z.string().regex(/^[A-Za-z0-9_-]{22,43}$/) })).min(1).max(limits.relayVaults),
});

/** `body` b64u, `answer` the header `Clavitor-Answer`. `words`: why there is none; ours, and proven by nothing. */
export type RelayedAnswer = { place: number; status: number; body: string; answer: string; target: string } | { place: number; words: string };

/** Throws Refusal `signing_over`, `signing_session_over`, `forbidden`, `invalid` (a place that the plan does not have). */
export async function relayBegin(given: z.output<typeof relayShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database(), net: Net = vaultNet()): Promise<{ answers: RelayedAnswer[] }> {
  const window = await windowBySecret(given.secret, ["approve", "cosign"], clock.now(), visitor, db);
  authorize(window.actor, "plan.release");
  const { mspId } = window.actor;
  const { ticketId, planId } = window.ticket;
  if (planId === null) throw new Refusal("signing_over");
  // The minute of a whole round counts from before its first question: no share is ever taken for younger than it is.
  const began = clock.now();
  const { loaded, vaults } = await read(window.actor, async (tx) => {
    const plan = await loadPlan(tx, planId);
    return { loaded: plan, vaults: await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: given.vaults.flatMap(({ place }) => plan.refs[place] ?? []) } } }) };
  }, db);
  const asked = given.vaults.map(({ place, nonce }) => {
    const vault = vaults.find(({ vaultRef }) => vaultRef === loaded.refs[place]);
    if (vault === undefined) throw new Refusal("invalid");
    return { place, nonce, vault };
  });
  const answers = await inLanes(asked, limits.relayConcurrency, ({ place, nonce, vault }) => askOne(place, nonce, vault, net));
  await write(window.actor, async (tx) => {
    // Several requests make one round; whichever commits first, the earliest question counts.
    await tx.db.$executeRaw`update signing_ticket set round = ${given.round}::uuid, round_at = case when round = ${given.round}::uuid then least(round_at, ${began}) else ${began} end
      where msp_id = ${mspId}::uuid and ticket_id = ${ticketId}::uuid and outcome is null`;
    await record(tx, { action: "challenges.asked", target: { kind: "plan", id: planId }, fields: { plan: loaded.row.title, asked: answers.length, given: answers.filter((one) => "body" in one && one.status === 201).length } });
  }, db);
  return { answers };
}

async function askOne(place: number, nonce: string, vault: OpenableVault & { state: string }, net: Net): Promise<RelayedAnswer> {
  if (vault.state !== "connected") return { place, words: "It is not connected." };
  const { result, raw } = await openVault(vault, net).begin(nonce);
  if (raw === null) return { place, words: result.kind === "unknown" ? result.words : "It gave no answer." };
  if (result.kind !== "answered") return { place, words: result.words };
  return { place, status: raw.status, body: b64u(raw.body), answer: raw.answer, target: raw.target };
}
