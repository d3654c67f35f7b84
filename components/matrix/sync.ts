/**
 * Keeps what is staged: saves a second after the last edit, cell by cell against the revision it knows. Where another tab was faster,
 * its draft is laid under the edits made here and sent again; a cell that both changed is said, and the hand that is here wins.
 */
import { pack, placesOf, reasonIn, targetOf, unpack, wishOf, type Packed, type Wish, type Wished } from "#lib/matrix/pack.ts";
import { sign, type Stage } from "#lib/matrix/stage.ts";
import type { Outcome } from "#lib/errors.ts";
import type { MatrixModel } from "./model.ts";

type Draft = { revision: number; cells: Packed; colleagues: { name: string; cells: Packed }[] };
type Saved = { saved: true; revision: number } | { saved: false; draft: Draft };
export type Save = (previous: unknown, form: FormData) => Promise<Outcome<Saved>>;
export type SyncState = { state: "kept" | "saving" | "waiting" | "failed"; words: string };
type Timer = { set(work: () => void, ms: number): number; clear(id: number): void };

const pauseMs = 1_000;
/** Cells in one save. A column of a large portfolio is one; a mass edit comes in parts, so that none holds the database for seconds. */
export const cellsPerSave = 10_000;
const againMs = [2_000, 5_000, 15_000, 30_000];
const browserTimer: Timer = { set: (work, ms) => window.setTimeout(work, ms), clear: (id) => clearTimeout(id) };

const cleared: Wish = { clear: true };

/** A text per vault and person. Two steps rather than one long key: a draft may hold 100,000 cells, and is looked through often. */
class Kept {
  private readonly rows = new Map<string, Map<string, string>>();
  get(row: string, person: string): string | undefined {
    return this.rows.get(row)?.get(person);
  }
  set(row: string, person: string, text: string): void {
    const people = this.rows.get(row);
    if (people) people.set(person, text);
    else this.rows.set(row, new Map([[person, text]]));
  }
  delete(row: string, person: string): void {
    this.rows.get(row)?.delete(person);
  }
  *[Symbol.iterator](): Generator<[string, string]> {
    for (const [row, people] of this.rows) for (const person of people.keys()) yield [row, person];
  }
}

/** Wishes as texts to compare, each kind of them written once: thousands of cells are staged alike. */
class Texts {
  private readonly stage: Stage;
  private readonly kinds = new Map<string, { wish: Wish; text: string }>();
  private readonly wishes = new Map<Wish, string>();
  constructor(stage: Stage) {
    this.stage = stage;
  }
  ofWish(wish: Wish): string {
    let text = this.wishes.get(wish);
    if (text === undefined) this.wishes.set(wish, (text = JSON.stringify(wish)));
    return text;
  }
  private kind(cell: number): { wish: Wish; text: string } {
    const { stage } = this;
    const lease = stage.leases.get(cell);
    const key = stage.sign[cell] === sign.revoke ? `-${stage.reason[cell]}` : `${stage.access[cell]} ${stage.end[cell]} ${stage.reason[cell]}${lease ? ` ${lease.access} ${lease.end}` : ""}`;
    let kind = this.kinds.get(key);
    if (kind === undefined) {
      const wish = wishOf(stage, cell);
      this.kinds.set(key, (kind = { wish, text: JSON.stringify(wish) }));
    }
    return kind;
  }
  /** How a cell is staged here; nothing where it is not. */
  ofCell(cell: number): string | undefined {
    return this.stage.sign[cell] === sign.none ? undefined : this.kind(cell).text;
  }
  wishOfCell(cell: number): Wish {
    return this.kind(cell).wish;
  }
}

export class DraftSync {
  state: SyncState = { state: "kept", words: "" };
  private readonly model: MatrixModel;
  private readonly save: Save;
  private readonly timer: Timer;
  private readonly told: (state: SyncState) => void;
  /** Of the draft as the server holds it. */
  revision = 0;
  /** What the server holds of this draft, by vault and person. */
  private base = new Kept();
  private version = -1;
  private waiting = 0;
  private busy = false;
  private ended: (() => void)[] = [];
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
  /** The matrix is left: what is not saved yet is saved, and hears of no more edits. */
  stop(): void {
    this.off();
    this.timer.clear(this.waiting);
    if (!this.isKept) void this.flush();
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

  /** The draft as it came from the server, laid under what was edited here since. Returns how many cells both changed. */
  adopt(draft: Draft): number {
    const { stage, facts } = this.model;
    const texts = new Texts(stage);
    const place = placesOf(facts);
    const theirs = new Kept();
    const wishes = new Map<string, Wish>();
    for (const { row, person, wish } of unpack(draft.cells)) {
      const text = texts.ofWish(wish);
      theirs.set(row, person, text);
      wishes.set(text, wish);
    }
    let both = 0;
    const seen = new Uint8Array(stage.sign.length);
    const lay = (row: string, person: string) => {
      const cell = place({ row, person });
      // What is not shown here cannot have been edited here.
      if (cell < 0 || seen[cell] === 1) return;
      seen[cell] = 1;
      const [was, now, here] = [this.base.get(row, person), theirs.get(row, person), texts.ofCell(cell)];
      if (now === here || now === was) return;
      if (here !== was) {
        both += 1;
        return;
      }
      const wish = now === undefined ? undefined : wishes.get(now);
      const target = wish ? targetOf(facts, wish) : null;
      stage.put(cell, target ?? stage.known(cell, { access: 0, end: 0, lease: null }), wish ? stage.reasonIndex(reasonIn(wish)) : 0);
    };
    for (const [row, person] of theirs) lay(row, person);
    for (const [row, person] of this.base) lay(row, person);
    this.base = theirs;
    this.revision = draft.revision;
    stage.version += 1;
    this.version = stage.version;
    this.model.setColleagues(draft.colleagues);
    return both;
  }

  /** What differs from what the server holds. */
  private changes(): Wished[] {
    const { stage, facts } = this.model;
    const width = facts.people.length;
    const texts = new Texts(stage);
    const wished: Wished[] = [];
    for (const cell of stage.cells()) {
      const [row, person] = [facts.rows[Math.floor(cell / width)]!.key, facts.people[cell % width]!.id];
      if (this.base.get(row, person) !== texts.ofCell(cell)) wished.push({ row, person, wish: texts.wishOfCell(cell) });
    }
    const place = placesOf(facts);
    for (const [row, person] of this.base) {
      const cell = place({ row, person });
      // What is not shown here (a vault that is not connected any more) is not ours to take back.
      if (cell >= 0 && stage.sign[cell] === sign.none) wished.push({ row, person, wish: cleared });
    }
    return wished;
  }

  /** Saves now what is not saved yet. */
  async flush(): Promise<void> {
    if (this.busy) return this.soon(200);
    const all = this.changes();
    if (all.length === 0) return this.say("kept");
    const changed = all.slice(0, cellsPerSave);
    this.busy = true;
    this.say("saving");
    const form = new FormData();
    form.set("revision", String(this.revision));
    form.set("cells", JSON.stringify(pack(changed)));
    const outcome = await this.save(null, form).catch(() => null);
    this.busy = false;
    // Whoever waits hears of it once the outcome below is taken in.
    for (const on of this.ended.splice(0)) queueMicrotask(on);
    if (outcome?.ok && outcome.value.saved) {
      this.revision = outcome.value.revision;
      for (const { row, person, wish } of changed) {
        if ("clear" in wish) this.base.delete(row, person);
        else this.base.set(row, person, JSON.stringify(wish));
      }
      this.tries = 0;
      if (changed.length < all.length) return this.soon(0);
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

  /** Saves what is not saved yet, and the number of the draft as it then is; null while it could not be saved. */
  async settled(): Promise<number | null> {
    for (let round = 0; round < 20 && !this.isKept; round++) {
      await this.flush();
      if (this.state.state === "failed") return null;
      if (!this.isKept) await new Promise<void>((on) => this.timer.set(on, 100));
    }
    return this.isKept ? this.revision : null;
  }
  /** Waits for a save that is on its way. */
  async quiet(): Promise<void> {
    if (this.busy) await new Promise<void>((on) => void this.ended.push(on));
  }
  get isKept(): boolean {
    return !this.busy && this.changes().length === 0;
  }
  get staged(): boolean {
    return this.model.stage.sign.some((one) => one !== sign.none);
  }
}
