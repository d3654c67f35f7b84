/**
 * One vault's log pulled: both streams, all epochs, page by page from where each is held, its signed head checked, another story told
 * from where it differs. What comes of it is stored page by page (store.ts); what is said here is how the asking went.
 * Long because the one walk along a stream is told in one place.
 */
import type { AuditStream } from "#prisma/generated/client.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../db/client.ts";
import { limits } from "../limits.ts";
import { verifyHead } from "../protocol/audit.ts";
import type { AuditPage, Head, Stream } from "../protocol/messages.ts";
import type { VaultClient } from "../vault/client.ts";
import type { Answered, Refused, Result, Unknown } from "../vault/result.ts";
import { checkPage, failoverRuns, mostEpochs, type Place } from "./chain.ts";
import type { Who } from "./columns.ts";
import { findDivergence } from "./diverge.ts";
import type { Finding } from "./finding.ts";
import { placeOf, storeBatch, type Kept } from "./store.ts";

export type PullState = "ok" | "behind" | "failover" | "silent" | "withheld" | "broken";
/** How one vault's turn ended. `skewMs`: the vault's clock less ours, null when it did not answer. */
export type Pulled = { state: PullState; words: string | null; retryAfter: number | null; events: number; skewMs: number | null; backupKey: string | null };

export type Pullable = { kept: Kept; client: VaultClient; streams: readonly AuditStream[]; backupKeys: readonly string[]; who: () => Promise<Who> };

type Tools = { db: Database; clock: Clock };
type StreamEnd = { kind: "done"; mode: Stream } | { kind: "behind"; mode: Stream } | { kind: "failed"; result: Refused | Unknown } | { kind: "broken"; words: string } | { kind: "moved" };

const noWords = "It was asked for too much at once to say how it ended.";

class StreamPull {
  readonly #held: Pullable;
  readonly #stream: Stream;
  readonly #tools: Tools;
  readonly #until: number;
  events = 0;
  skewMs: number | null = null;
  backupKey: string | null = null;
  #place: Place;
  #pages = 0;
  /** Of a restore that was said with what it took back. */
  #restoredAt: number | null = null;

  constructor(held: Pullable, stream: Stream, tools: Tools, until: number) {
    this.#held = held;
    this.#stream = stream;
    this.#tools = tools;
    this.#until = until;
    const row = held.streams.find((one) => one.stream === stream);
    this.#place = row === undefined ? { branch: 0, point: null, at: null, vaultAt: null } : placeOf(row);
  }

  get #now(): number {
    return this.#tools.clock.now().getTime();
  }

  #ask(after: number): Promise<Result<AuditPage>> {
    return this.#held.client.audit({ after, stream: this.#stream });
  }

  #finding(kind: Finding["kind"], at: { epoch: number; seq: number }, more: Partial<Finding> & { words: string }): Finding {
    return { kind, stream: this.#stream, branch: this.#place.branch, ...at, seqTo: at.seq, expected: null, found: null, evidence: null, beforeAt: this.#place.at === null ? null : new Date(this.#place.at), afterAt: null, ...more };
  }

  async #store(batch: Partial<Parameters<typeof storeBatch>[1]>, place = this.#place): Promise<boolean> {
    const kept = await storeBatch(this.#held.kept, {
      stream: this.#stream, from: this.#place, place, events: [], findings: [], masked: 0, firstSeq: 1, receivedAt: new Date(this.#now), head: null, completeUntil: null, ...batch,
    }, await this.#held.who(), this.#tools.db);
    if (kept) this.#place = place;
    return kept;
  }

  /** A head counts under the vault's key, or the backup's for its stream: one that we know, or that the vault says now. */
  async #isHead(head: Head, mode: Stream): Promise<boolean> {
    const { access } = this.#held.client;
    if (head.stream !== this.#stream || head.epoch > mostEpochs) return false;
    if (this.#stream === "primary") return verifyHead(head, access.vaultId, access.publicKey);
    for (const key of this.#held.backupKeys) if (await verifyHead(head, access.vaultId, key)) return true;
    const info = await this.#held.client.info();
    if (info.kind === "answered" && info.value.backup_key !== null && (await verifyHead(head, access.vaultId, info.value.backup_key))) {
      this.backupKey = info.value.backup_key;
      return true;
    }
    // A former backup's head, whose key nobody names any more: the primary's own signature over this answer stands for it.
    return mode === "primary";
  }

  /** Another key since: a new connect was made, and nothing says that the log goes on where it was. */
  async #underAnotherKey(): Promise<void> {
    const row = this.#held.streams.find((one) => one.stream === this.#stream);
    if (row === undefined || row.vaultKey === this.#held.kept.vaultKey || this.#place.point === null) return;
    const { epoch, seq } = this.#place.point;
    await this.#store({ findings: [this.#finding("new_key", { epoch, seq }, { expected: row.vaultKey, found: this.#held.kept.vaultKey, words: "The vault was connected anew under another key; its log is held from its beginning again, beside the one before." })] },
      { branch: this.#place.branch + 1, point: null, at: null, vaultAt: null });
  }

  /** From one answer: whether it goes on from where we are. `null`: it does, or nothing can be said against it. */
  async #story({ value: { events, head, first_seq: firstSeq }, mode }: Answered<AuditPage>): Promise<StreamEnd | "again" | null> {
    const { point } = this.#place;
    if (point === null) return null;
    const itsOwn = mode === this.#stream;
    const [first] = events;
    const lower = head === null || head.epoch < point.epoch || (head.epoch === point.epoch && head.seq < point.seq);
    // Lower values from anybody but the one who writes the stream are lag.
    if (lower && !itsOwn) return { kind: "done", mode };
    if (head !== null && head.epoch < point.epoch) {
      const words = `It signed a head of epoch ${head.epoch}; epoch ${point.epoch} was signed before.`;
      await this.#store({ findings: [this.#finding("epoch", { epoch: head.epoch, seq: head.seq }, { expected: String(point.epoch), found: String(head.epoch), words, evidence: JSON.stringify(head) })] });
      return { kind: "broken", words };
    }
    const anotherEpoch = head !== null && head.epoch > point.epoch && first?.epoch !== point.epoch;
    const another = head !== null && head.epoch === point.epoch && head.seq === point.seq && head.hash !== point.hash;
    const unlinked = first !== undefined && first.epoch === point.epoch && first.seq === point.seq + 1 && first.prev !== point.hash;
    if (!lower && !anotherEpoch && !another && !unlinked) return null;
    const { branch } = this.#place;
    const diverged = await findDivergence(this.#held.kept, this.#held.client, { stream: this.#stream, end: point.seq, branch, firstSeq, until: this.#until }, this.#tools.db);
    if (diverged.kind === "unasked") return diverged.result === null ? { kind: "behind", mode } : { kind: "failed", result: diverged.result };
    if (diverged.kind === "agrees") return null;
    const { seq, ours, theirs, before } = diverged.at;
    const afterAt = this.#place.at === null ? null : new Date(this.#place.at);
    const about = { seqTo: point.seq, expected: ours.hash, beforeAt: new Date(ours.at), afterAt };
    if (theirs !== null && theirs.epoch > ours.epoch) {
      const words = `Epoch ${theirs.epoch} begins here: the vault was restored from a copy, or a backup took over. ${point.seq > seq ? `Numbers ${seq} to ${point.seq}` : `Number ${seq}`} of epoch ${ours.epoch} ${point.seq > seq ? "were" : "was"} taken back by it and ${point.seq > seq ? "are" : "is"} kept here.`;
      this.#restoredAt = seq;
      return (await this.#store({ findings: [this.#finding("restored", { epoch: theirs.epoch, seq }, { ...about, found: theirs.hash, words })] }, before)) ? "again" : { kind: "moved" };
    }
    const finding = theirs === null
      ? this.#finding("truncated", { epoch: ours.epoch, seq }, { ...about, found: head === null ? "no head" : String(head.seq), evidence: head === null ? null : JSON.stringify(head), words: `Its log ends before what it had signed: ${point.seq > seq ? `numbers ${seq} to ${point.seq} are` : `number ${seq} is`} gone from it and kept here.` })
      : this.#finding("fork", { epoch: ours.epoch, seq }, { ...about, found: theirs.hash, evidence: JSON.stringify(theirs).slice(0, limits.auditEvidenceCharacters), words: `From here on it tells another story than the one it had signed. Both are kept.` });
    if (branch >= limits.auditBranches) {
      await this.#store({ findings: [finding] });
      return { kind: "broken", words: `It has told ${branch + 1} different stories; it is not followed further.` };
    }
    return (await this.#store({ findings: [finding] }, { ...before, branch: branch + 1 })) ? "again" : { kind: "moved" };
  }

  async run(): Promise<StreamEnd> {
    await this.#underAnotherKey();
    let asked = this.#now;
    let next: Promise<Result<AuditPage>> | null = null;
    for (;;) {
      if (next === null) asked = this.#now;
      const result: Result<AuditPage> = await (next ?? this.#ask(this.#place.point?.seq ?? 0));
      next = null;
      if (result.kind !== "answered") return { kind: "failed", result };
      const { value: page, mode } = result;
      const received = this.#now;
      this.skewMs = result.at - received;
      const { head } = page;
      if (head !== null && !(await this.#isHead(head, mode))) {
        const words = "The head of its log is not signed by the key it should be.";
        await this.#store({ findings: [this.#finding("head", { epoch: Math.min(head.epoch, mostEpochs), seq: head.seq }, { words, evidence: JSON.stringify(head) })] });
        return { kind: "broken", words };
      }
      const story = await this.#story(result);
      if (story === "again") {
        if ((this.#pages += 1) >= limits.auditPagesPerPull) return { kind: "behind", mode };
        continue;
      }
      if (story !== null) return story;

      const checked = checkPage(page, this.#place, { stream: this.#stream, receivedAt: received });
      const findings = checked.findings.filter(({ kind, seq }) => kind !== "restored" || seq !== this.#restoredAt);
      if (this.#stream === "backup") findings.push(...failoverRuns(checked.events, this.#place));
      const end = checked.place.point;
      let broken = checked.stopped;
      const itsOwn = mode === this.#stream;
      if (broken === null && page.more && page.events.length === 0) broken = "It says that there is more, and gives nothing.";
      if (broken === null && head === null && page.events.length > 0) broken = "It gave events and no signed head.";
      if (broken === null && head !== null && !page.more && !(end !== null && end.epoch === head.epoch && end.seq === head.seq && end.hash === head.hash)) {
        broken = end === null ? `Its head stands at number ${head.seq}, and it gave no event.` : `Its head stands at epoch ${head.epoch}, number ${head.seq}; what it gave ends at epoch ${end.epoch}, number ${end.seq}.`;
      }
      if (broken !== null && checked.stopped === null) findings.push(this.#finding("head", { epoch: end?.epoch ?? head?.epoch ?? 0, seq: end?.seq ?? 0 }, { words: broken, expected: head?.hash ?? null, found: end?.hash ?? null, evidence: head === null ? null : JSON.stringify(head) }));
      const whole = broken === null && !page.more;
      const until = itsOwn ? asked : this.#stream === "backup" && head !== null ? Math.min(asked, head.at) : null;
      this.#pages += 1;
      const goesOn = broken === null && page.more && this.#pages < limits.auditPagesPerPull && performance.now() < this.#until;
      // The next page is on its way while this one is stored.
      const askedNext = this.#now;
      if (goesOn) {
        next = this.#ask(end!.seq);
        next.catch(() => undefined);
      }
      // A stream that nobody ever wrote leaves no row.
      const empty = end === null && this.#place.point === null && head === null && findings.length === 0 && this.#stream === "backup";
      const kept = empty || await this.#store({
        events: checked.events, findings, masked: checked.masked, firstSeq: page.first_seq, receivedAt: new Date(received),
        head: head === null || broken !== null ? null : { head, mode }, completeUntil: whole && until !== null ? new Date(until) : null,
      }, checked.place);
      if (!kept) return { kind: "moved" };
      this.events += checked.events.length;
      if (broken !== null) return { kind: "broken", words: broken };
      if (!page.more) return { kind: "done", mode };
      if (!goesOn) return { kind: "behind", mode };
      asked = askedNext;
    }
  }
}

/** Pulls both streams of one vault as far as its turn goes. Never rejects for what a vault does. */
export async function pullVault(held: Pullable, tools: Tools): Promise<Pulled> {
  const until = performance.now() + limits.auditPullMs;
  let events = 0;
  let skewMs: number | null = null;
  let backupKey: string | null = null;
  const ends: StreamEnd[] = [];
  for (const stream of ["primary", "backup"] as const) {
    const pull = new StreamPull(held, stream, tools, until);
    const end = await pull.run();
    events += pull.events;
    skewMs ??= pull.skewMs;
    backupKey ??= pull.backupKey;
    ends.push(end);
    // Who does not answer for one stream is not asked for the other.
    if (end.kind === "failed") break;
  }
  const said = { events, skewMs, backupKey, retryAfter: null };
  const failed = ends.find((end) => end.kind === "failed");
  if (failed !== undefined) {
    const { result } = failed;
    const withheld = result.kind === "refused" && (result.status === 403 || result.status === 404 || result.status === 422);
    return { ...said, state: withheld ? "withheld" : "silent", words: result.words, retryAfter: result.retryAfter };
  }
  const broken = ends.find((end) => end.kind === "broken");
  if (broken !== undefined) return { ...said, state: "broken", words: broken.words };
  if (ends.some((end) => end.kind === "moved")) return { ...said, state: "behind", words: noWords };
  if (ends.some((end) => end.kind === "behind")) return { ...said, state: "behind", words: "It has more to say than one turn takes; the rest follows." };
  const backup = ends.some((end) => end.kind === "done" && end.mode === "backup");
  return { ...said, state: backup ? "failover" : "ok", words: backup ? "A backup answers: it tells the primary's log as far as it has followed." : null };
}
