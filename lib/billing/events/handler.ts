import type { Actor } from "../../identity/actor.ts";
import type { Deps, Mirrored, Told } from "../mirror.ts";
import { mirrorSubscription } from "../mirror.ts";
import type { EventFacts } from "../payments.ts";

/** What came of an event; `none`: it is about nothing of ours. */
export type Handled = Mirrored | "none";
/** An event says only where to look: what is so is read again (docs/decisions/0065-read-again.md). */
export type Handler = (actor: Actor, event: EventFacts, deps: Required<Deps>, told: Told) => Promise<Handled>;

/** For events about one subscription, or an invoice of it. */
export const readSubscription: Handler = async (actor, { subscription }, deps, told) => (subscription === null ? "none" : mirrorSubscription(actor, subscription, deps, told));
