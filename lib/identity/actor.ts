import { Refusal } from "../errors.ts";
import { installation } from "../id.ts";
import { inOrder, rights, type Permission, type Right } from "./permission.ts";

/** Who does something, in which tenant. Every read and write is scoped by it, in code and by row-level security. */
export type Actor = {
  kind: "person" | "operator" | "worker";
  id: string;
  name: string;
  mspId: string;
  rights: readonly Right[];
  /** The session that a person acts in. */
  sessionId?: string;
  /** Found again in log and records. */
  requestId?: string;
};

export const holds = (actor: Actor, permission: Permission): boolean =>
  actor.rights.some((right) => (rights[right] as readonly Permission[]).includes(permission));

/** Throws Refusal `forbidden`. Called inside every door and every server action, before anything is parsed. */
export function authorize(actor: Actor, permission: Permission): void {
  if (!holds(actor, permission)) throw new Refusal("forbidden");
}

/** A member at work. `rights` as the person's row says now, not as it said at sign-in. */
export const personActor = (person: { mspId: string; personId: string; name: string; rights: readonly string[] }, sessionId?: string, requestId?: string): Actor => ({
  kind: "person",
  id: person.personId,
  name: person.name,
  mspId: person.mspId,
  rights: inOrder(person.rights),
  ...(sessionId && { sessionId }),
  ...(requestId && { requestId }),
});

/** Whoever sits at the machine of a local instance: runs the installation, belongs to no MSP, reads no MSP's rows. */
export const localOperator = (requestId?: string): Actor => ({
  kind: "operator",
  id: "local",
  name: "Operator of this machine",
  mspId: installation,
  rights: ["operator"],
  ...(requestId && { requestId }),
});

/** Whoever runs a program of ours on the server, with its settings in hand. It reads nothing; it opens one way back (SPEC 11). */
export const serverOperator = (mspId: string): Actor => ({ kind: "operator", id: "server", name: "Operator of the server", mspId, rights: [] });

/** The background process at work for one tenant. It holds no permission: it settles rows that somebody else released. */
export const workerFor = (mspId: string): Actor => ({ kind: "worker", id: "worker", name: "Background worker", mspId, rights: ["worker"] });
