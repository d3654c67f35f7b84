/** Plans of the break-glass: a row where a client has none, a new token where one was opened, used, or sealed to an earlier key. */
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { policyIn } from "../lease/policy.ts";
import { limits } from "../limits.ts";
import { freezeAndKeep, type MadePlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { glassRowsIn } from "./view.ts";

/**
 * One plan over every client, or over those in `vaultRefs`: what is missing is made, what must be rotated is renewed. Where a grant
 * allows full access for a time only, the row ends when the grant says so. Throws Refusal `plan_empty`, `opening_none` (no key), `forbidden`.
 */
export async function planBreakGlass(actor: Actor, { vaultRefs }: { vaultRefs?: readonly string[] | undefined } = {}, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "break_glass.set");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const seat = await tx.db.person.findFirst({ where: { mspId, keptBy: { not: null } }, select: { personId: true } });
    if (seat === null) throw new Refusal("opening_none");
    const { drillDays } = await policyIn(tx);
    const only = vaultRefs === undefined ? null : new Set(vaultRefs);
    const rows = (await glassRowsIn(tx, drillDays, now)).filter(({ vaultRef }) => only === null || only.has(vaultRef)).slice(0, limits.planVaults);
    const vaults = new Map((await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: rows.map(({ vaultRef }) => vaultRef) } }, select: { vaultRef: true, granted: true, managerUid: true, agents: { where: { personId: seat.personId, admin: false }, select: { uid: true, managedBy: true } } } })).map((one) => [one.vaultRef, one]));
    const wanted = rows.flatMap(({ vaultRef, state }): WantedChange[] => {
      const vault = vaults.get(vaultRef);
      if (vault === undefined || state === "sealed" || state === "forbidden" || state === "underway") return [];
      if (state !== "none") return vault.agents.filter(({ managedBy }) => managedBy === vault.managerUid).map(({ uid }) => ({ change: "reissue", vaultRef, uid }));
      const grant = vault.granted as { all_access?: string; max_lease?: number | null } | null;
      // A minute less than the grant allows, since the tap comes later than the plan.
      const expiresAt = grant?.all_access === "leased" ? Math.floor(now.getTime() / 1_000) + Math.min(grant.max_lease ?? 30 * 86_400, 30 * 86_400) - 60 : null;
      return [{ change: "grant", vaultRef, personId: seat.personId, scopes: "", allAccess: true, expiresAt }];
    });
    if (wanted.length === 0) throw new Refusal("plan_empty", { detail: "Every client that allows it has a sealed break-glass token under the key of today, or gets it right now. Nothing was frozen." });
    const renewals = wanted.filter(({ change }) => change === "reissue").length;
    const title = renewals === wanted.length ? `Rotate the break-glass of ${renewals === 1 ? "1 client" : `${renewals} clients`}` : `Break-glass for ${wanted.length === 1 ? "1 client" : `${wanted.length} clients`}`;
    return freezeAndKeep(tx, { title, reason: "Two custodians open it together", ticket: null }, wanted, now);
  }, db);
}
