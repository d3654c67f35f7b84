import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { personActor } from "../identity/actor.ts";
import { Tails } from "./tail.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const owner = personActor({ mspId: "m", personId: "p", name: "Ines", rights: ["owner"] });

test("one organisation is asked once for all who follow, hears what came, and is not asked when nobody does", async () => {
  let state = "1";
  const ask = vi.fn<() => Promise<typeof state>>(async () => state);
  const tails = new Tails(ask, 1_000);
  const heard: string[] = [];
  const stop = [tails.follow(owner, () => heard.push("a")), tails.follow(owner, () => heard.push("b"))];
  await vi.advanceTimersByTimeAsync(3_100);
  expect(heard).toEqual([]);
  expect(ask).toHaveBeenCalledTimes(4);
  state = "2";
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual(["a", "b"]);
  for (const end of stop) end();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ask).toHaveBeenCalledTimes(5);
});
test("a database that was away is asked again, and what came meanwhile is heard", async () => {
  const answers = ["1", null, "2"];
  const tails = new Tails(async () => {
    const next = answers.shift();
    if (next === null) throw new Error("away");
    return next ?? "2";
  }, 1_000);
  let heard = 0;
  const end = tails.follow(owner, () => (heard += 1));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(heard).toBe(1);
  end();
});
test("who may not read the audit hears nothing, and nothing is asked for them", async () => {
  const ask = vi.fn<() => Promise<string>>(async () => "1");
  new Tails(ask, 1_000).follow(personActor({ mspId: "m", personId: "p", name: "T", rights: ["technician"] }), () => undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ask).not.toHaveBeenCalled();
});
