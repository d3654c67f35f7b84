import { describe, expect, test } from "vitest";
import { loanState } from "../lease/list.ts";
import { stateOf } from "./list.ts";
import { wantedOf, type Held } from "./wanted.ts";

const want = (held: readonly Held[], more: Partial<Parameters<typeof wantedOf>[0]> = {}) => wantedOf({ vaultRef: "v", personId: "p", scopes: ["0011", "0010"], full: false, expiresAt: 5_000, ...more }, held);
const row = (more: Partial<Held> = {}): Held => ({ uid: "u", scopes: "0010,0011", allAccess: false, expiresAt: null, ...more });

describe("what a request wants of a vault", () => {
  test("a row of its own with an end, beside what somebody has for good", () => {
    const grant = { change: "grant", vaultRef: "v", personId: "p", scopes: "0010,0011", allAccess: false, expiresAt: 5_000 };
    expect(want([])).toEqual(grant);
    expect(want([row()])).toEqual(grant);
    expect(want([row({ expiresAt: 4_000, scopes: "0010" })])).toEqual(grant);
  });
  test("a lease of the same reach is prolonged, and one that lasts longer is never cut short", () => {
    expect(want([row({ expiresAt: 4_000 })])).toEqual({ change: "alter", vaultRef: "v", uid: "u", scopes: "0010,0011", allAccess: false, expiresAt: 5_000 });
    expect(want([row({ expiresAt: 6_000 })]).change).toBe("grant");
  });
  test("full access carries no numbers", () => expect(want([], { full: true })).toMatchObject({ scopes: "", allAccess: true }));
});

describe("what became of an answer", () => {
  const plan = { tapped: true, withdrawn: false, over: false, states: ["proven"] };
  test("a yes is not given before the vault's proof", () => {
    expect(stateOf(null, null)).toBe("open");
    expect(stateOf("approved", { ...plan, tapped: false, states: [] })).toBe("planned");
    expect(stateOf("approved", { ...plan, states: ["sent"] })).toBe("running");
    expect(stateOf("approved", { ...plan, states: ["proven", "accepted"] })).toBe("running");
    expect(stateOf("approved", plan)).toBe("given");
  });
  test("a plan that was withdrawn, ran out or was refused gave nothing", () => {
    expect(stateOf("approved", { ...plan, withdrawn: true, tapped: false, states: [] })).toBe("failed");
    expect(stateOf("approved", { ...plan, over: true, tapped: false, states: [] })).toBe("failed");
    expect(stateOf("approved", { ...plan, states: ["refused"] })).toBe("failed");
    expect(stateOf("refused", null)).toBe("refused");
    expect(stateOf("withdrawn", null)).toBe("withdrawn");
  });
});

test("a lent slot is given back only by a proven plan, and one that never left is not lent", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const loan = { given: "proven", tapped: true, withdrawn: false, back: null, back_dead: false, back_plan_id: null, ends_at: new Date(now.getTime() + 1) };
  expect(loanState(loan, now)).toBe("lent");
  expect(loanState({ ...loan, ends_at: now }, now)).toBe("over");
  expect(loanState({ ...loan, ends_at: now, back_plan_id: "b" }, now)).toBe("back_planned");
  expect(loanState({ ...loan, ends_at: now, back_plan_id: "b", back_dead: true }, now)).toBe("over");
  expect(loanState({ ...loan, ends_at: now, back_plan_id: "b", back: "proven" }, now)).toBe("back");
  expect(loanState({ ...loan, given: null, tapped: false }, now)).toBe("planned");
  expect(loanState({ ...loan, given: null, tapped: false, withdrawn: true }, now)).toBe("failed");
  expect(loanState({ ...loan, given: "refused" }, now)).toBe("failed");
});
