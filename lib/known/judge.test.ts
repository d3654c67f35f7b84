import { describe, expect, test } from "vitest";
import type { ScopeList, VaultInfo } from "../protocol/messages.ts";
import type { AgentList, Result } from "../vault/client.ts";
import { refusal, unknown } from "../vault/result.ts";
import { infoOf } from "../vault/testing/signed-vaults.ts";
import { judge, nothingMoved, type Before, type Seen } from "./judge.ts";
import { probePause, readPause } from "./pause.ts";

const signed = { mode: "primary", epoch: 1, at: 1_800_000_000_000 } as const;
const backup = { ...signed, mode: "backup" } as const;
const answered = <T>(value: T, by: { mode: "primary" | "backup"; epoch: number; at: number } = signed): Result<T> => ({ ...by, kind: "answered", status: 200, value, etag: '"7.1"' });
const account = { vaultId: "v0", publicKey: "k", token: "t" };
const info = (change: object = {}, by: typeof signed | typeof backup = signed) => answered(infoOf(account, { now: 1_800_000_000, ...change }) as VaultInfo, { ...by, epoch: (change as { epoch?: number }).epoch ?? 1 });
const agents = (revision = 7, by: { mode: "primary" | "backup"; epoch: number; at: number } = signed) => answered<AgentList>({ unchanged: false, revision, agents: [] }, by);
const scopes = (revision = 7) => answered<ScopeList>({ revision, scopes: [] });
const before = (change: Partial<Before> = {}): Before => ({ health: "ok", epoch: 1, epochRevision: 0, revision: 7, agentsEtag: null, scopesRevision: null, failures: 0, expiresAt: null, ...change });
const seen = (change: Partial<Seen> = {}): Seen => ({ info: info(), agents: agents(), scopes: scopes(), ...change });
const no = (code: string, status: number, by: typeof signed | typeof backup = signed) => refusal(status, { code, status }, by, { retryAfter: null, primaryLocation: undefined });

describe("a primary is held to what it signed before", () => {
  test("in order: all of it is kept", () => expect(judge(seen(), before())).toMatchObject({ health: "ok", words: null, whole: true, failed: false, ends: null, agents: { rows: [] }, scopes: { revision: 7 } }));
  test.each([
    [{ revision: 6 }, "Its revision fell from 7 to 6 within epoch 1: it was set back without saying so."],
    [{ epoch_revision: 3 }, "The beginning of its epoch 1 moved from revision 0 to 3."],
  ])("%j is a lie, said to the number, and stops all work", (change, words) => expect(judge(seen({ info: info(change) }), before())).toMatchObject({ health: "lying", words, ends: "stopped", whole: false }));
  test("an epoch that goes back is a lie", () => expect(judge(seen({ info: info({ epoch: 1 }) }), before({ epoch: 3 }))).toMatchObject({ health: "lying", words: "Its epoch went back from 3 to 1." }));
  test("a new epoch may begin with a lower revision: a restore says so", () => {
    const restored = { info: info({ epoch: 2, revision: 4, epoch_revision: 4 }), agents: agents(4, { ...signed, epoch: 2 }), scopes: answered<ScopeList>({ revision: 4, scopes: [] }, { ...signed, epoch: 2 }) };
    expect(judge(restored, before())).toMatchObject({ health: "ok", ends: null });
  });
  test("rows older than what it had just signed are a lie; newer ones are not", () => {
    expect(judge(seen({ agents: agents(6) }), before())).toMatchObject({ health: "lying", words: "Its list of rows is of revision 6, while it had already signed 7." });
    expect(judge(seen({ agents: agents(9), scopes: scopes(9) }), before())).toMatchObject({ health: "ok" });
  });
  test("going over to another epoch or the backup between two answers is read again, not judged", () => expect(judge(seen({ agents: agents(3, backup) }), before())).toMatchObject({ health: "ok", failed: true, ends: null }));
  test("another key stops all work", () => expect(judge(seen({ info: unknown("wrong_key") }), before())).toMatchObject({ health: "lying", ends: "stopped" }));
});

describe("a backup's lower values are lag", () => {
  test("nothing of it replaces what the primary said, and nothing is a lie", () => {
    const verdict = judge({ info: info({ mode: "backup", revision: 2, epoch: 1, replicated: { revision: 2, at: 1 } }, backup), agents: null, scopes: null }, before());
    expect(verdict).toMatchObject({ health: "failover", whole: false, failed: false, ends: null, agents: null, words: "Its backup answers: reads only. It has what the primary had at revision 2." });
  });
  test("its 401 is not final", () => expect(judge(seen({ info: no("unknown_token", 401, backup) }), before())).toMatchObject({ health: "failover", ends: null }));
});

describe("ends, lapses and silence", () => {
  test("a 401 signed by the primary is the client's end; of a row whose time was over, its end", () => {
    expect(judge(seen({ info: no("unknown_token", 401) }), before())).toMatchObject({ health: "ended", ends: "ended", words: expect.stringContaining("the client ended") });
    expect(judge(seen({ info: no("unknown_token", 401) }), before({ expiresAt: new Date(1_700_000_000_000) })).words).toBe("Our own row in it ran out.");
    expect(judge(seen({ agents: no("unknown_token", 401) }), before())).toMatchObject({ ends: "ended" });
  });
  test("402, or a day until which it was paid that is over, is a lapse; what it says is kept", () => {
    expect(judge(seen({ agents: no("expired", 402) }), before())).toMatchObject({ health: "lapsed", ends: null });
    expect(judge(seen({ info: info({ paid_until: 1_799_999_999 }) }), before())).toMatchObject({ health: "lapsed", whole: true });
    expect(judge(seen({ info: info({ paid_until: 1_800_000_001 }) }), before())).toMatchObject({ health: "ok" });
  });
  test("one lost answer is no silence; the second is, and its words say which", () => {
    expect(judge(seen({ info: unknown("timeout") }), before())).toMatchObject({ health: "ok", failed: true, words: "It did not answer in time." });
    expect(judge(seen({ info: unknown("timeout") }), before({ failures: 1 }))).toMatchObject({ health: "silent", failed: true, ends: null });
    expect(judge(seen({ scopes: unknown("unsigned") }), before({ failures: 4, health: "silent" }))).toMatchObject({ health: "silent", whole: false, agents: null });
  });
  test("a wish to wait is handed on", () => expect(judge(seen({ info: unknown("unsigned", { retryAfter: 90 }) }), before()).retryAfter).toBe(90));
});

test("nothing moved only when revision, hour, epoch, rows and scopes are those that were read", () => {
  const hour = Math.floor(1_800_000_000 / 3_600);
  const at = infoOf(account, { now: 1_800_000_000 }) as VaultInfo;
  const same = before({ agentsEtag: `"7.${hour}"`, scopesRevision: 7 });
  expect(nothingMoved(at, same)).toBe(true);
  for (const change of [{ revision: 8 }, { epoch: 2 }, { agentsEtag: `"7.${hour - 1}"` }, { agentsEtag: null }, { scopesRevision: 6 }]) expect(nothingMoved(at, { ...same, ...change }), JSON.stringify(change)).toBe(false);
  expect(nothingMoved({ ...at, mode: "backup" }, same)).toBe(false);
});

describe("pauses", () => {
  const at = (failures: number, change = {}) => readPause({ failures, retryAfter: null, stopped: false, ...change }, () => 0.5);
  test("a minute when all is well, seconds after the first failure, then longer, at most a quarter of an hour", () => expect([0, 1, 2, 3, 4, 5, 50].map((failures) => at(failures))).toEqual([60, 5, 20, 80, 320, 900, 900]));
  test("a vault's wish to wait counts when it is longer than ours", () => {
    expect(at(1, { retryAfter: 300 })).toBe(300);
    expect(at(5, { retryAfter: 30 })).toBe(900);
  });
  test("no two come back together for having failed together", () => {
    const pauses = Array.from({ length: 200 }, () => readPause({ failures: 0, retryAfter: null, stopped: false }));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(54);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(66);
    expect(new Set(pauses).size).toBeGreaterThan(190);
    expect(probePause(true, () => 0.5)).toBe(3_600);
    expect(probePause(false, () => 0.5)).toBe(600);
  });
});
