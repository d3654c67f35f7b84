/**
 * Renewing our own token in many vaults, as a plan (PROTOCOL 4): each new one is drawn and stored, sealed, before its hash is part of a
 * plan, so that a lost answer loses nothing. It comes into use with the vault's receipt.
 */
import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { newToken, tokenHash } from "../protocol/token.ts";
import { sealVaultToken } from "../vault/open.ts";
import { headingOf, keepPlan, type LeftOut, type MadePlan, type PlanHeading } from "./create.ts";
import { loadFacts } from "./facts.ts";
import { freezeOwn, managerOf } from "./freeze.ts";

/** Plans of this kind that may still come into use at a vault: another one beside it would make two tokens that wait. */
const open = { kind: "renewal", withdrawnAt: null };

/**
 * Freezes the renewal for these vaults, or all that are connected. Left out, and named, are vaults that nobody confirmed and those
 * where another renewal is open. Throws Refusal `plan_empty`, `plan_too_large`, `forbidden`.
 */
export async function planRenewal(actor: Actor, { vaultRefs, ...heading }: PlanHeading & { vaultRefs?: readonly string[] | undefined }, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "plan.make");
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const now = clock.now();
    const rows = await tx.db.vault.findMany({ where: { mspId, state: "connected", client: { endedAt: null }, ...(vaultRefs && { vaultRef: { in: [...vaultRefs] } }) }, select: { vaultRef: true } });
    if (rows.length > limits.planVaults) throw new Refusal("plan_too_large");
    const facts = await loadFacts(tx, rows.map(({ vaultRef }) => vaultRef), [], now);
    const renewing = await tx.db.tokenRenewal.findMany({ where: { mspId, vaultRef: { in: rows.map(({ vaultRef }) => vaultRef) }, provenAt: null, OR: [{ plan: { ...open, notAfter: { gt: now } } }, { sentAt: { not: null }, sealedToken: { not: null } }] }, select: { vaultRef: true } });
    const taken = new Set(renewing.map(({ vaultRef }) => vaultRef));
    const words = (vaultRef: string): string | null => {
      const vault = facts.vaults.get(vaultRef)!;
      if (vault.statement === null || vault.statement.key !== vault.key) return "Nobody has confirmed which vault is this client’s.";
      if (vault.health === "lapsed") return "Its subscription has lapsed: it takes removals only.";
      return taken.has(vaultRef) ? "Another renewal of its token is open." : null;
    };
    const leftOut = rows.flatMap(({ vaultRef }): LeftOut[] => {
      const why = words(vaultRef);
      return why === null ? [] : [{ vaultRef, name: facts.vaults.get(vaultRef)!.name, findings: [{ vaultRef, weight: "blocks", code: "not_connected", words: why, ways: [] }] }];
    });
    const going = rows.filter(({ vaultRef }) => !leftOut.some((one) => one.vaultRef === vaultRef)).map(({ vaultRef }) => ({ vault: facts.vaults.get(vaultRef)!, token: newToken() }));
    if (going.length === 0) throw new Refusal("plan_empty", { detail: `${leftOut[0] === undefined ? "No vault is connected." : `${leftOut[0].name}: ${leftOut[0].findings[0]!.words}`} Nothing was frozen.` });
    const frozen = freezeOwn("renewal", going.map(({ vault, token }) => ({ vault, changes: [{ change: "renew", id: randomUUID(), token_hash: tokenHash(token), uid: managerOf(vault) }] })), headingOf(heading, now));
    const made = await keepPlan(tx, frozen, leftOut, now);
    await tx.db.tokenRenewal.createMany({ data: going.map(({ vault: { vaultRef }, token }) => ({ mspId, planId: made.planId, vaultRef, sealedToken: sealVaultToken({ mspId, vaultRef }, token), tokenHash: tokenHash(token), madeAt: now })) });
    return made;
  }, db);
}
