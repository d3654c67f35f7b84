/**
 * Keeps what is staged: saves a second after the last edit, cell by cell against the revision it knows. Where another tab was faster,
 * its draft is laid under the edits made here and sent again; a cell that both changed is said, and the hand that is here wins.
 */
import { pack, placesOf, reasonIn, targetOf, unpack, wishedOf, type Packed, type Wish } from "#lib/matrix/pack.ts";
import { sign } from "#lib/matrix/stage.ts";
import type { Outcome } from "#lib/errors.ts";
import type { MatrixModel } from "./model.ts";

type Draft = { revision: number; cells: Packed; colleagues: { name: string; cells: Packed }[] };
type Saved = { saved: true; revision: number } | { saved: false; draft: Draft };
export type Save = (previous: unknown, form: FormData) => Promise<Outcome<Saved>>;
export type SyncState = { state: "kept" | "saving" | "waiting" | "failed"; words: string };
type Timer = { set(work: () => void, ms: number): number; clear(id: number): void };

const pauseMs = 1_000;
const againMs = [2_000, 5_000, 15_000, 30_000];
const browserTimer: Timer = { set: (work, ms) => window.setTimeout(work, ms), clear: (id) => clearTimeout(id) };

export class DraftSync {
  state: SyncState = { state: "kept", words: "" };
  private readonly model: MatrixModel;
  private readonly save: Save;
  private readonly timer: Timer;
  private readonly told: (state: SyncState) => void;
  private revision = 0;
  /** What the server holds of this draft, by vault and person. */
  private base = new Map<string, string>();
  private version = -1;
  private waiting = 0;
  private busy = false;
  private tries = 0;
  private readonly off: () => void;

  constructor(model: MatrixModel, save: Save, told: (state: SyncState) => void, timer: Timer = browserTimer) {
    this.model = model;
    this.save = save;
    this.told = told;
    this.timer = timer;
    this.off = model.subscribe(() => {
      if (model.canStage && model.stage.version !== this.version) this.soon(pauseMs);
    });
  }
  stop(): void {
    this.off();
    this.timer.clear(this.waiting);
  }

  private say(state: SyncState["state"], words = ""): void {
    this.state = { state, words };
    this.told(this.state);
  }
  private soon(ms: number): void {
    this.version = this.model.stage.version;
    this.timer.clear(this.waiting);
    this.waiting = this.timer.set(() => void this.flush(), ms);
    if (this.state.state === "kept") this.say("waiting");
  }

  private mine(): Map<string, Wish> {
    const { stage } = this.model;
    return new Map([...stage.cells()].map((cell) => { const { row, person, wish } = wishedOf(stage, cell); return [`${row} ${person}`, wish]; }));
  }

  /** The draft as it came from the server, laid under what was edited here since. Returns how many cells both changed. */
  adopt(draft: Draft): number {
    const { stage } = this.model;
    const theirs = new Map(unpack(draft.cells).map(({ row, person, wish }) => [`${row} ${person}`, wish]));
    const mine = this.mine();
    const place = placesOf(this.model.facts);
    let both = 0;
    for (const key of new Set([...theirs.keys(), ...mine.keys(), ...this.base.keys()])) {
      const [row, person] = key.split(" ") as [string, string];
      const text = (wish: Wish | undefined) => (wish ? JSON.stringify(wish) : undefined);
      const [was, now, here] = [this.base.get(key), text(theirs.get(key)), text(mine.get(key))];
      if (now === here || now === was) continue;
      if (here !== was) {
        both += 1;
        continue;
      }
      const cell = place({ row, person });
      if (cell < 0) continue;
      const wish = theirs.get(key);
      const target = wish ? targetOf(this.model.facts, wish) : null;
      stage.put(cell, target ?? stage.known(cell, { access: 0, end: 0, lease: null }), wish ? stage.reasonIndex(reasonIn(wish)) : 0);
    }
    this.base = new Map([...theirs].map(([key, wish]) => [key, JSON.stringify(wish)]));
    this.revision = draft.revision;
    stage.version += 1;
    this.version = stage.version;
    this.model.setColleagues(draft.colleagues);
    return both;
  }

  /** What differs from what the server holds. */
  private changes(): { packed: Packed; next: Map<string, string> } | null {
    const mine = new Map([...this.mine()].map(([key, wish]) => [key, JSON.stringify(wish)]));
    const wished = [];
    const split = (key: string) => { const [row, person] = key.split(" ") as [string, string]; return { row, person }; };
    for (const [key, wish] of mine) if (this.base.get(key) !== wish) wished.push({ ...split(key), wish: JSON.parse(wish) as Wish });
    const shown = placesOf(this.model.facts);
    // What is not shown here (a vault that is not connected any more) is not ours to take back.
    for (const key of this.base.keys()) if (!mine.has(key) && shown(split(key)) >= 0) wished.push({ ...split(key), wish: { clear: true } as const });
    const next = new Map(mine);
    for (const [key, wish] of this.base) if (!mine.has(key) && shown(split(key)) < 0) next.set(key, wish);
    return wished.length === 0 ? null : { packed: pack(wished), next };
  }

  /** Saves now what is not saved yet. */
  async flush(): Promise<void> {
    if (this.busy) return this.soon(200);
    const changed = this.changes();
    if (!changed) return this.say("kept");
    this.busy = true;
    this.say("saving");
    const form = new FormData();
    form.set("revision", String(this.revision));
    form.set("cells", JSON.stringify(changed.packed));
    const outcome = await this.save(null, form).catch(() => null);
    this.busy = false;
    if (outcome?.ok && outcome.value.saved) {
      this.revision = outcome.value.revision;
      this.base = changed.next;
      this.tries = 0;
      return this.model.stage.version === this.version ? this.say("kept") : this.soon(pauseMs);
    }
    if (outcome?.ok && !outcome.value.saved) {
      const both = this.adopt(outcome.value.draft);
      this.model.tell("painted");
      this.say("waiting", both > 0 ? `${both === 1 ? "1 cell was" : `${both} cells were`} also changed in another window; what you did here counts` : "");
      return this.soon(50);
    }
    const given = outcome && !outcome.ok ? outcome.failure : null;
    this.say("failed", given ? `${given.title}. ${given.remedy}` : "What you staged is not saved yet; this page tries again");
    // What was refused for its own sake is not sent again unchanged.
    if (!given || given.status >= 500 || given.status === 429) this.waiting = this.timer.set(() => void this.flush(), againMs[Math.min(this.tries++, againMs.length - 1)]!);
  }

  get isKept(): boolean {
    return this.changes() === null && !this.busy;
  }
  get staged(): boolean {
    return this.model.stage.sign.some((one) => one !== sign.none);
  }
}
