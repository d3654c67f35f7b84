/** Now and then a client changes something itself, so that the demo has real drift. Bounded, so that it never eats the demo. */
import { randomInt } from "node:crypto";
import type { OwnChange } from "./state.ts";

/** Changes that clients made by themselves in the last day; beyond this they leave things alone. */
const PER_DAY = 4;
const DAY = 86_400;

/** Whether another one may happen by itself now. Times in Unix seconds. */
export function mayDrift(changes: readonly OwnChange[], now: number): boolean {
  return changes.filter(({ at }) => at > now - DAY).length < PER_DAY;
}

/** Milliseconds until the next try: half to one and a half times the mean, so that nobody can wait for it. `random` in [0, 1). */
export function nextPause(meanSeconds: number, random: number): number {
  return Math.round(meanSeconds * (0.5 + random) * 1_000);
}

export interface Drifting {
  changes(): readonly OwnChange[];
  connectedClients(): readonly string[];
  change(client: string, kind: null): Promise<OwnChange>;
}

/** Starts it; the returned function ends it. A mean of 0 seconds leaves it off. `failed` hears of tries that came to nothing. */
export function startDrift(admins: Drifting, { meanSeconds, now, failed }: { meanSeconds: number; now: () => number; failed: (error: unknown) => void }): () => void {
  let timer: NodeJS.Timeout | undefined;
  const plan = (): void => {
    timer = setTimeout(() => void once().finally(plan), nextPause(meanSeconds, Math.random()));
    timer.unref();
  };
  let ended = false;
  const once = async (): Promise<void> => {
    const clients = admins.connectedClients();
    if (ended || clients.length === 0 || !mayDrift(admins.changes(), now())) return;
    try {
      await admins.change(clients[randomInt(clients.length)]!, null);
    } catch (error) {
      failed(error);
    }
  };
  if (meanSeconds > 0) plan();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
