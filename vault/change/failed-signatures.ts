import { FAILED_SIGNATURES_PER_MINUTE } from "../limits.ts";

const MINUTE_MS = 60_000;

/** PROTOCOL 12: at most 20 submissions a minute per agent that fail at a signature. In memory: a restart forgives. */
export class FailedSignatures {
  readonly #failures = new Map<number, number[]>();

  /** Seconds to wait, or 0 when another submission may be judged. */
  waitSeconds(agent: number, nowMs: number): number {
    const recent = (this.#failures.get(agent) ?? []).filter((at) => at > nowMs - MINUTE_MS);
    if (recent.length === 0) this.#failures.delete(agent);
    else this.#failures.set(agent, recent);
    if (recent.length < FAILED_SIGNATURES_PER_MINUTE) return 0;
    return Math.max(1, Math.ceil((recent[0]! + MINUTE_MS - nowMs) / 1000));
  }

  record(agent: number, nowMs: number): void {
    const failures = this.#failures.get(agent);
    if (failures === undefined) this.#failures.set(agent, [nowMs]);
    else failures.push(nowMs);
  }
}
