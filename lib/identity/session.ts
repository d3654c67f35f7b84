import "server-only";
import { forbidden } from "next/navigation";
import { headers } from "next/headers";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { authorize, holds, localOperator, type Actor } from "./actor.ts";
import type { Permission } from "./permission.ts";

/** Who asks. On a local instance the person at the machine is its operator; anywhere else nobody is, without a session. */
export async function currentActor(): Promise<Actor | undefined> {
  if (!env().local) return undefined;
  return localOperator((await headers()).get("x-request-id") ?? undefined);
}

/** For server actions and route handlers: the actor, authorized, or Refusal `forbidden`. */
export async function actorWith(permission: Permission): Promise<Actor> {
  const actor = await currentActor();
  if (!actor) throw new Refusal("forbidden");
  authorize(actor, permission);
  return actor;
}

/** For pages: the actor, authorized, or the 403 page. */
export async function pageActor(permission: Permission): Promise<Actor> {
  const actor = await currentActor();
  if (!actor || !holds(actor, permission)) forbidden();
  return actor;
}
