/** The one clock. Tests hand in their own; production code never calls Date.now() by itself where time decides something. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };
