import "server-only";
import { getServerSession } from "next-auth";
import { cookies, headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, localOperator, personActor, type Actor } from "./actor.ts";
import type { Ended } from "./judge-session.ts";
import { authOptions, sessionCookie, type Use } from "./next-auth.ts";
import type { Permission } from "./permission.ts";

/** Who is at the door: a person in a live session, somebody whose session is over, or nobody. */
export type Visitor = { kind: "person"; actor: Actor; idleEndsAt: Date } | { kind: "ended"; why: Ended } | { kind: "nobody" };

/**
 * A person at work calls a page by its address, or sends a form. What a page fetches by itself (refreshes, prefetches, polls)
 * is none; where a person clicks and types, the page says so by itself (app/api/session).
 */
const isActivity = (head: { get(name: string): string | null }) => head.get("next-action") !== null || head.get("sec-fetch-mode") === "navigate";

/** Asks the session's row. Throws Refusal `database_unavailable`: not being able to ask is no sign-out. */
export async function visitorWith(active: boolean): Promise<Visitor> {
  const cookie = (await cookies()).get(sessionCookie)?.value;
  if (!cookie) return { kind: "nobody" };
  // A cookie that is not ours any more (another secret, another time) names no row.
  const found: { session?: Parameters<NonNullable<Use["live"]>>[0]; why: Ended; error?: unknown } = { why: "session_expired" };
  await getServerSession(authOptions({ active, live: (session) => (found.session = session), ended: (why) => (found.why = why), failed: (error) => (found.error = error) }));
  if (found.error !== undefined) throw found.error;
  const { session } = found;
  if (!session) return { kind: "ended", why: found.why };
  const requestId = (await headers()).get("x-request-id") ?? undefined;
  const { mspId, personId, sessionId, idleEndsAt } = session;
  const stub = personActor({ mspId, personId, name: "", rights: [] });
  const person = await read(stub, ({ db }) => db.person.findUnique({ where: { mspId_personId: { mspId, personId } } }));
  return person ? { kind: "person", actor: personActor(person, sessionId, requestId), idleEndsAt } : { kind: "ended", why: "session_revoked" };
}

/** The visitor of this request, asked once per drawing of a page. */
export const currentVisitor = cache(async (): Promise<Visitor> => visitorWith(isActivity(await headers())));

/**
 * Who asks. On a local instance a browser without any session is its operator's (docs/decisions/0012-operator-and-people.md);
 * one that carries a session, over or not, is a person's.
 */
export async function currentActor(): Promise<Actor | undefined> {
  const visitor = await currentVisitor();
  if (visitor.kind === "person") return visitor.actor;
  if (visitor.kind === "ended" || !env().local) return undefined;
  return localOperator((await headers()).get("x-request-id") ?? undefined);
}

/** For server actions and route handlers: the actor, authorized. Throws Refusal `sign_in_needed`, why a session is over, `forbidden`. */
export async function actorWith(permission: Permission): Promise<Actor> {
  const actor = await currentActor();
  if (!actor) {
    const visitor = await currentVisitor();
    throw new Refusal(visitor.kind === "ended" ? visitor.why : "sign_in_needed");
  }
  // The operator is nobody where an organisation is asked for.
  if (actor.kind === "operator" && !holds(actor, permission)) throw new Refusal("sign_in_needed");
  authorize(actor, permission);
  return actor;
}

/** For pages: the actor, authorized; the 403 page without the right; the sign-in page, and back again, without a session. */
export async function pageActor(permission: Permission): Promise<Actor> {
  const actor = await currentActor();
  if (actor && holds(actor, permission)) return actor;
  if (actor?.kind === "person") forbidden();
  const visitor = await currentVisitor();
  const query = new URLSearchParams({ next: (await headers()).get("x-path") ?? "/overview", ...(visitor.kind === "ended" && { why: visitor.why }) });
  redirect(`/sign-in?${query}`);
}
