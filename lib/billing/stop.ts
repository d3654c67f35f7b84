/** The end of a subscription, and taking it back: cancelled or switched off for the end of its period, or renewing again before that. */
import { Refusal } from "../errors.ts";
import type { Actor } from "../identity/actor.ts";
import { ask, carriesOut, type Asking, type Outcome } from "./intent.ts";
import type { Deps } from "./mirror.ts";

/** `cancelled`: somebody wants it gone; `switched_off`: it is only not to renew by itself. Either way the lock goes with it. */
export type StopInput = Asking & { readonly because: "cancelled" | "switched_off" };

/** It lives to the end of what was paid for (SPEC section 7). Throws Refusal `moved_on` when it is so already, and what `ask` throws. */
export const stop = (actor: Actor, input: StopInput, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "stop", async (row) => {
    if (!row.renews || row.state === "opening") throw new Refusal("moved_on");
    return { input: { because: input.because }, words: input.because === "cancelled" ? "its cancellation" : "an end of automatic renewal" };
  }, deps);

/** As long as its period lasts; the lock is then as it was. Throws Refusal `moved_on`, and what `ask` throws. */
export const renewAgain = (actor: Actor, input: Asking, deps: Deps): Promise<Outcome> =>
  ask(actor, input, "renew", async (row) => {
    if (row.renews) throw new Refusal("moved_on");
    return { input: {}, words: "automatic renewal" };
  }, deps);

carriesOut("stop", async ({ intent, facts, doing, deps: { payments } }) => {
  if (!facts) return [];
  if (facts.renews && facts.status !== "ended") await payments.setRenewal(facts.id, false, (intent.input as { because: string }).because, doing);
  return [facts.id];
});

carriesOut("renew", async ({ facts, doing, deps: { payments } }) => {
  if (!facts) return [];
  if (!facts.renews && facts.status !== "ended") await payments.setRenewal(facts.id, true, null, doing);
  return [facts.id];
});
