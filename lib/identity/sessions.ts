/** A person's own sessions: list, end one, end the others, sign out. */
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";
import { authorize, type Actor } from "./actor.ts";

export type SessionLine = { id: string; agent: string; address: string; key: string | null; createdAt: Date; seenAt: Date; current: boolean };

/** Those that still open the door, the current one first; judged by the database's clock as session_judge does. */
export async function listSessions(actor: Actor): Promise<SessionLine[]> {
  authorize(actor, "self");
  const { mspId, id: personId } = actor;
  const rows = await read(actor, ({ db }) => db.$queryRaw<{ session_id: string; agent: string; address: string; label: string | null; created_at: Date; seen_at: Date }[]>`
    select s.session_id, s.agent, s.address, k.label, s.created_at, s.seen_at
      from session s left join passkey k on k.msp_id = s.msp_id and k.credential_id = s.credential_id
     where s.msp_id = ${mspId}::uuid and s.person_id = ${personId}::uuid and s.revoked_at is null and s.expires_at > now()
       and s.seen_at > now() - make_interval(secs => ${limits.sessionIdleSeconds}::int)
     order by s.session_id = ${actor.sessionId ?? null}::uuid desc, s.seen_at desc`);
  return rows.map((row) => ({ id: row.session_id, agent: row.agent, address: row.address, key: row.label, createdAt: row.created_at, seenAt: row.seen_at, current: row.session_id === actor.sessionId }));
}

async function end(actor: Actor, which: { sessionId: string | { not: string } }, how: string): Promise<number> {
  const { mspId, id: personId } = actor;
  return write(actor, async (tx) => {
    const open = await tx.db.session.findMany({ where: { mspId, personId, revokedAt: null, ...which }, select: { sessionId: true, agent: true } });
    if (open.length === 0) throw new Refusal("moved_on");
    await tx.db.session.updateMany({ where: { mspId, personId, sessionId: { in: open.map(({ sessionId }) => sessionId) } }, data: { revokedAt: new Date() } });
    for (const { sessionId, agent } of open) await record(tx, { action: "session.ended", target: { kind: "session", id: sessionId }, fields: { agent, how } });
    return open.length;
  });
}

/** Throws Refusal `moved_on` for one that is ended already, or is somebody else's: neither can be told from the other. */
export async function endSession(actor: Actor, { id }: { id: string }): Promise<{ ended: number }> {
  authorize(actor, "self");
  return { ended: await end(actor, { sessionId: id }, "from the list") };
}

export async function endOtherSessions(actor: Actor): Promise<{ ended: number }> {
  authorize(actor, "self");
  if (!actor.sessionId) throw new Refusal("sign_in_needed");
  return { ended: await end(actor, { sessionId: { not: actor.sessionId } }, "with all others") };
}

export async function signOut(actor: Actor): Promise<{ ended: number }> {
  authorize(actor, "self");
  if (!actor.sessionId) throw new Refusal("sign_in_needed");
  return { ended: await end(actor, { sessionId: actor.sessionId }, "by signing out") };
}
