import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isHeld } from "#lib/matrix/facts.ts";
import { pack, unpack, type Packed, type Wish } from "#lib/matrix/pack.ts";
import { portfolio } from "#lib/matrix/testing/portfolio.ts";
import { MatrixModel } from "./model.ts";
import { cellsPerSave, DraftSync, type Save } from "./sync.ts";

/** A server that keeps one draft as the real one does: at the right revision or not at all. */
function createServer() {
  const kept = new Map<string, Wish>();
  const state = { revision: 0, saves: 0, refuse: 0 };
  const draft = () => ({ revision: state.revision, cells: pack([...kept].map(([key, wish]) => { const [row, person] = key.split(" ") as [string, string]; return { row, person, wish }; })), colleagues: [] });
  const save: Save = async (_previous, form) => {
    state.saves += 1;
    if (state.refuse > 0) {
      state.refuse -= 1;
      throw new Error("no connection");
    }
    if (Number(form.get("revision")) !== state.revision) return { ok: true, value: { saved: false, draft: draft() } };
    for (const { row, person, wish } of unpack(JSON.parse(form.get("cells") as string) as Packed)) {
      if ("clear" in wish) kept.delete(`${row} ${person}`);
      else kept.set(`${row} ${person}`, wish);
    }
    state.revision += 1;
    return { ok: true, value: { saved: true, revision: state.revision } };
  };
  return { kept, state, draft, save };
}

/** A clock of the test's own: nothing waits. */
function createTimer() {
  const due = new Map<number, () => void>();
  let next = 1;
  return {
    set: (work: () => void) => { due.set(next, work); return next++; },
    clear: (id: number) => void due.delete(id),
    async run() {
      for (let round = 0; round < 20 && due.size > 0; round += 1) {
        const [[id, work]] = due as unknown as [[number, () => void]];
        due.delete(id);
        work();
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
    },
  };
}

const facts = portfolio({ clients: 6, technicians: 5 });
function tab(server: ReturnType<typeof createServer>) {
  const timer = createTimer();
  const model = new MatrixModel(facts, true);
  const said: string[] = [];
  const sync = new DraftSync(model, server.save, ({ state, words }) => said.push(state, words), timer);
  sync.adopt(server.draft());
  return { model, sync, timer, said };
}
type Tab = ReturnType<typeof tab>;
const stagedIn = ({ model }: Tab) => [...model.stage.cells()];
const press = ({ model }: Tab, cell: number, role: number) => {
  model.selectOnly(cell);
  model.role(role);
};
const empty = [...facts.cells.access].flatMap((access, cell) => (isHeld(access) ? [] : [cell]));

describe("a draft that is kept", () => {
  test("whoever leaves the matrix in the same second loses nothing, not even where the server must be asked twice", async () => {
    const server = createServer();
    const [one, two] = [tab(server), tab(server)];
    press(two, empty[1]!, 1);
    await two.timer.run();
    press(one, empty[0]!, 0);
    one.sync.stop();
    await one.sync.quiet();
    await Promise.resolve();
    await one.timer.run();
    expect(stagedIn(tab(server)).toSorted((a, b) => a - b)).toEqual([empty[0], empty[1]]);
    expect(one.said).not.toContain("failed");
  });
  test("what is staged is saved, and another tab finds it", async () => {
    const server = createServer();
    const one = tab(server);
    press(one, empty[0]!, 0);
    expect(one.sync.isKept).toBe(false);
    await one.timer.run();
    expect(one.sync.isKept).toBe(true);
    expect(stagedIn(tab(server))).toEqual([empty[0]]);
  });
  test("taking back is saved too", async () => {
    const server = createServer();
    const one = tab(server);
    press(one, empty[0]!, 0);
    await one.timer.run();
    one.model.undo();
    await one.timer.run();
    expect(server.kept.size).toBe(0);
  });
  test("a tab that is late lays its edits over what the other saved, and neither is lost", async () => {
    const server = createServer();
    const [one, two] = [tab(server), tab(server)];
    press(one, empty[0]!, 0);
    await one.timer.run();
    press(two, empty[1]!, 1);
    await two.timer.run();
    expect(server.kept.size).toBe(2);
    expect(stagedIn(two)).toEqual([empty[0], empty[1]].sort((a, b) => a! - b!));
  });
  test("a cell that both changed keeps what was done last here, and it is said", async () => {
    const server = createServer();
    const [one, two] = [tab(server), tab(server)];
    press(one, empty[0]!, 0);
    await one.timer.run();
    press(two, empty[0]!, 3);
    await two.timer.run();
    expect([...server.kept.values()]).toMatchObject([{ roles: [facts.roles[3]!.id] }]);
    expect(two.said.join()).toContain("1 cell was also changed in another window");
  });
  test("without a connection it says so, keeps everything and tries again", async () => {
    const server = createServer();
    server.state.refuse = 2;
    const one = tab(server);
    press(one, empty[0]!, 0);
    await one.timer.run();
    expect(one.said).toContain("failed");
    expect(server.kept.size).toBe(1);
    expect(one.sync.isKept).toBe(true);
  });
  test("whatever two tabs do in whatever order, both end with the same draft and no cell of either is lost", async () => {
    const anyDeed = fc.record({ tab: fc.nat(1), cell: fc.nat(4), role: fc.nat(3), save: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(anyDeed, { maxLength: 14 }), async (deeds) => {
      const server = createServer();
      const tabs = [tab(server), tab(server)];
      const touched = new Set<number>();
      for (const { tab: which, cell, role, save } of deeds) {
        // Each tab has cells of its own: what both touch is the test above.
        const at = empty[cell * 2 + which]!;
        press(tabs[which]!, at, role);
        touched.add(at);
        if (save) await tabs[which]!.timer.run();
      }
      for (const one of [...tabs, ...tabs]) {
        await one.sync.flush();
        await one.timer.run();
        one.sync.adopt(server.draft());
      }
      const wanted = (one: Tab) => stagedIn(one).map((cell) => [cell, one.model.stage.access[cell]]);
      expect(wanted(tabs[0]!)).toEqual(wanted(tabs[1]!));
      expect(server.kept.size).toBe(stagedIn(tabs[0]!).length);
      for (const cell of stagedIn(tabs[0]!)) expect(touched.has(cell)).toBe(true);
    }), { numRuns: 60 });
  });
});

test("a mass edit is saved in parts, and everything of it", async () => {
  const [server, saved] = [createServer(), [] as number[]];
  const large = portfolio({ clients: 400, technicians: 60 });
  const timer = createTimer();
  const model = new MatrixModel(large, true);
  const save: Save = (previous, form) => {
    saved.push(unpack(JSON.parse(form.get("cells") as string) as Packed).length);
    return server.save(previous, form);
  };
  const sync = new DraftSync(model, save, () => {}, timer);
  sync.adopt(server.draft());
  model.selectAll();
  model.role(0);
  await timer.run();
  const staged = model.stage.cells().length;
  expect(staged).toBeGreaterThan(2 * cellsPerSave);
  expect(saved).toEqual([cellsPerSave, cellsPerSave, staged - 2 * cellsPerSave]);
  expect(server.kept.size).toBe(staged);
  expect(sync.isKept).toBe(true);
});
