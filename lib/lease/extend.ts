/** Ends moved, many at once: one plan that alters the rows and keeps their tokens. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { freezeAndKeep, type MadePlan } from "../plan/create.ts";
import type { WantedChange } from "../plan/wanted.ts";
import { isText } from "../protocol/schema.ts";
import { policyIn } from "./policy.ts";

const rows = z.string().max(250_000).transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: "This is no list." });
    return z.NEVER;
  }
}).pipe(z.array(z.strictObject({ vaultRef: z.uuid(), uid: z.string().regex(/^[A-Za-z0-9_-]{22}$/) })).min(1, "Choose a row.").max(limits.leasesListed));

const reason = z.string().trim().min(1, "Say what it is for.").max(120, "Keep it under 120 letters.").refine((value) => (isText as (value: unknown) => boolean)(value), "Write it in plain letters.");
export const extendShape = z.object({ rows, hours: z.coerce.number<string>({ error: "Choose how long." }).int().min(1, "An hour at least.").max(2_160, "Ninety days at most."), reason });

/**
 * Moves the end of each row by so many hours, counted from the end it has. What is left from now may be no longer than the
 * organisation allows for such access; the client's grant is judged with the plan.
 * Throws Refusal `lease_own`, `request_long`, `moved_on` (a row that is gone or has no end), `plan_empty`, `forbidden`.
 */
export async function extendLeases(actor: Actor, given: z.output<typeof extendShape>, clock: Clock = systemClock, db: Database = database()): Promise<MadePlan> {
  authorize(actor, "lease.extend");
  const { mspId } = actor;
  const now = clock.now();
  return write(actor, async (tx) => {
    const policy = await policyIn(tx);
    const known = await tx.db.$queryRaw<{ vault_ref: string; uid: string; name: string; person_id: string | null; scopes: string; all_access: boolean; expires_at: Date | null }[]>`
      select a.vault_ref, a.uid, a.name, a.person_id, a.scopes, a.all_access, a.expires_at from known_agent a join vault v using (msp_id, vault_ref)
       where a.msp_id = ${mspId}::uuid and a.managed_by = v.manager_uid and not a.admin
         and (a.vault_ref, a.uid) in (select g.v, g.u from unnest(${given.rows.map((one) => one.vaultRef)}::uuid[], ${given.rows.map((one) => one.uid)}::text[]) as g(v, u))`;
    const wanted = given.rows.map(({ vaultRef, uid }): WantedChange => {
      const row = known.find((one) => one.vault_ref === vaultRef && one.uid === uid);
      if (row === undefined || row.expires_at === null || row.expires_at <= now) throw new Refusal("moved_on");
      if (row.person_id === actor.id) throw new Refusal("lease_own");
      const end = row.expires_at.getTime() + given.hours * 3_600_000;
      const longest = row.all_access ? policy.longestFullHours : policy.longestHours;
      if (end - now.getTime() > longest * 3_600_000) throw new Refusal("request_long", { fields: { hours: `${row.name} would have more than ${longest} hours left${row.all_access ? " of full access" : ""}.` } });
      return { change: "alter", vaultRef, uid, scopes: row.scopes, allAccess: row.all_access, expiresAt: Math.floor(end / 1_000) };
    });
    return freezeAndKeep(tx, { title: `Extend ${wanted.length === 1 ? `the access of ${known[0]!.name}` : `${wanted.length} leases`} by ${given.hours === 1 ? "an hour" : `${given.hours} hours`}`.slice(0, 120), reason: given.reason, ticket: null }, wanted, now);
  }, db);
}
