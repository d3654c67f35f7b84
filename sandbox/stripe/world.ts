/** What the engine works on: the objects, the time each of them lives in, and who is told of what happens. */
import { newId, type Store } from "./store.ts";
import type { StripeEvent, Thing } from "./objects.ts";

export const apiVersion = "2026-10-28.endive";

export type World = {
  readonly store: Store;
  /** Base URL of the hosted pages. */
  readonly origin: string;
  /** Seconds since 1970, of real time. */
  readonly real: () => number;
  readonly tell: (event: StripeEvent) => void;
  /** Of the request that is being answered. */
  request: { id: string | null; key: string | null };
};

/** The time that an object lives in: its test clock's, else the real one. */
export const nowFor = (world: World, clock: string | null): number => (clock === null ? world.real() : world.store.get("test_helpers.test_clock", clock).frozen_time);

/** Without the sandbox's own members. */
export const shown = <T>(thing: T): T => JSON.parse(JSON.stringify(thing, (name, value: unknown) => (name.startsWith("inner_") ? undefined : value))) as T;

/** Stores the thing and says what happened to it, as it is at this moment. */
export function emit(world: World, type: string, thing: Thing & { test_clock?: string | null }): void {
  world.store.put(thing);
  const clock = thing.test_clock ?? null;
  const event: StripeEvent = {
    id: newId("event"), object: "event", api_version: apiVersion, created: nowFor(world, clock), data: { object: shown(thing) }, livemode: false, pending_webhooks: 1,
    request: { id: world.request.id, idempotency_key: world.request.key }, type, inner_clock: clock,
  };
  world.store.put(event);
  world.tell(event);
}
