import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mayDrift, nextPause, startDrift } from "./drift.ts";
import type { OwnChange } from "./state.ts";

const at = (seconds: number): OwnChange => ({ client: "saltmarsh", kind: "rename", at: seconds, sentence: "" });

describe("drift by itself", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("four a day and no more", () => {
    const now = 1_000_000;
    expect(mayDrift([at(now - 1), at(now - 2), at(now - 3)], now)).toBe(true);
    expect(mayDrift([at(now - 1), at(now - 2), at(now - 3), at(now - 4)], now)).toBe(false);
    expect(mayDrift([at(now - 1), at(now - 2), at(now - 3), at(now - 86_401)], now)).toBe(true);
  });
  test("pauses lie between half and one and a half of the mean", () => {
    expect(nextPause(600, 0)).toBe(300_000);
    expect(nextPause(600, 0.999_999)).toBeLessThanOrEqual(900_000);
  });

  function drifting(connected: string[]): { calls: string[]; changes: OwnChange[]; stop: () => void; failures: unknown[]; fail: { next: boolean } } {
    const calls: string[] = [];
    const changes: OwnChange[] = [];
    const failures: unknown[] = [];
    const fail = { next: false };
    const admins = {
      changes: () => changes,
      connectedClients: () => connected,
      async change(client: string) {
        calls.push(client);
        if (fail.next) throw new Error("nothing there");
        changes.push(at(1_000));
        return changes.at(-1)!;
      },
    };
    const stop = startDrift(admins, { meanSeconds: 60, now: () => 1_000, failed: (error) => failures.push(error) });
    return { calls, changes, stop, failures, fail };
  }

  test("only at connected clients, up to the day's bound, and none after its end", async () => {
    const nobody = drifting([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(nobody.calls).toEqual([]);
    nobody.stop();
    const one = drifting(["saltmarsh"]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(one.calls).toEqual(Array(4).fill("saltmarsh"));
    one.changes.length = 0;
    one.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(one.calls).toHaveLength(4);
  });
  test("a try that fails is reported and does not end the next", async () => {
    const it = drifting(["saltmarsh"]);
    it.fail.next = true;
    await vi.advanceTimersByTimeAsync(91_000);
    expect(it.failures.length).toBeGreaterThan(0);
    it.fail.next = false;
    await vi.advanceTimersByTimeAsync(91_000);
    expect(it.changes.length).toBeGreaterThan(0);
    it.stop();
  });
});
