import { expect, test } from "vitest";
import { ACTIONS } from "../protocol/messages.ts";
import { recordActions } from "../record/action.ts";
import { kindOfAction } from "./kind.ts";
import { plain, tellEvent, tellRecord, type Told } from "./sentence.ts";

const told: Told = { action: "entry.read", outcome: "success", actor: { kind: "human", agentId: 7, name: "Priya Raman" }, target: { kind: "entry", id: "abcdefghijklmnopqrstuv", name: null }, reason: null, meta: {} };

test.each(ACTIONS)("%s has a sentence for each way it can end, and a kind", (action) => {
  for (const outcome of ["success", "denied", "failure"] as const) {
    const words = plain(tellEvent({ ...told, action, outcome, reason: outcome === "success" ? null : "not_granted" }));
    expect(words).toMatch(/^Priya Raman .{4,}/);
    expect(words).not.toMatch(/undefined|null|NaN|\[object/);
  }
  expect(kindOfAction("vault", action)).toBeDefined();
});
test("every action of ours has a kind", () => {
  for (const action of recordActions) expect(kindOfAction("console", action)).toBeDefined();
});
test.each([
  [{ outcome: "denied", reason: "scope", meta: { entry: 118 } }, "Priya Raman was refused entry 118: the entry is outside what its token may open"],
  [{ action: "agent.lock", actor: { kind: "system", agentId: null, name: "system" }, target: { kind: "agent", id: "x", name: "Emil Novotný" }, reason: "limit" }, "The vault locked the token of Emil Novotný: too many entries in a short time"],
  [{ action: "calls.marked", outcome: "denied", actor: { kind: "anonymous", agentId: null, name: "anonymous" }, reason: "unknown_token" }, "Somebody without a known token called the vault and was turned away"],
  [{ actor: { kind: "human", agentId: 44, name: null }, target: null }, "A person, row 44 opened an entry"],
  [{ action: "entries.search", meta: { count: 1 } }, "Priya Raman searched, 1 found"],
  [{ action: "moon.landed" }, "Priya Raman did moon.landed"],
  [{ action: "constructor" }, "Priya Raman did constructor"],
  [{ action: "change.refused", outcome: "failure", reason: "a_code_of_tomorrow" }, "Priya Raman was refused a change: a_code_of_tomorrow"],
] as const)("%o is told as it should", (given, words) => expect(plain(tellEvent({ ...told, ...given }))).toBe(words));
test("what a vault wrote stays a part of its own, whatever it is", () => {
  const name = '<img src=x onerror="alert(1)"> \u202egnp.exe';
  expect(tellEvent({ ...told, actor: { ...told.actor, name } })[0]).toEqual({ as: "name", of: name });
});
test("a machine of ours is the plane", () => expect(plain(tellRecord({ actor: { kind: "worker", agentId: null, name: "Background worker" }, action: "plan.withdrawn", meta: { title: "x" } }))).toMatch(/^The plane /));
