import { performance } from "node:perf_hooks";

/** The vault's sense of time; tests give their own to the host's constructor. */
export interface Clock {
  /** Wall clock, Unix milliseconds. May jump. */
  wallMs(): number;
  /** Unix milliseconds that never run backwards while the process lives (PROTOCOL 5: challenges live by this one). */
  steadyMs(): number;
}

const startedWall = Date.now();
const startedSteady = performance.now();

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  steadyMs: () => Math.floor(startedWall + performance.now() - startedSteady),
};
