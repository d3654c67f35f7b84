/**
 * A cell in words and in letters. Letter first, frame second, colour third; its accessible name is the whole sentence. Pure: the same
 * facts give the same picture, in the grid, the lenses and the tests.
 */
import { columnOf, flag, FULL, isHeld, isOld, progresses, ROLES, rolesIn, rowOf, unusedFrom, unusedSteps, type Facts, type LeaseFact } from "./facts.ts";
import type { Cause } from "./block.ts";
import { nothing, sign, type Stage, type Target } from "./stage.ts";

/** Access that ends within this many minutes is drawn with the time that is left. */
export const endsSoon = 7 * 1440;

/** How a cell is drawn. `kind` names the frame; `small` stands behind the letters; `mark` is a picture in the corner. */
export type Look = {
  kind: "" | "full" | "add" | "rev" | "alt" | "block" | "drift" | "over" | "end" | "old" | "seal" | "own" | "run" | "wait" | "fail" | "done" | "excl";
  sign: "" | "+" | "−" | "~" | "!";
  letters: string;
  small: string;
  struck: boolean;
  mark: "" | "lock" | "clock" | "tick" | "warn" | "ring";
  /** A rule wants it so: a tick in the corner. */
  rule: boolean;
  /** A colleague has something else staged here. */
  other: boolean;
  /** Of somebody on leave, or read too long ago. */
  pale: boolean;
};

/** Letters of an access: `F`, `N`, `NM`, `N` and `+4`; `?` for a number without a role. */
export function lettersOf(facts: Facts, access: number, unmapped: boolean): { letters: string; more: string } {
  if (access & FULL) return { letters: "F", more: "" };
  const marks = rolesIn(facts, access).map((role) => role.letter);
  if (unmapped) marks.push("?");
  // A row without any number opens nothing, and is there all the same.
  if (marks.length === 0) return { letters: isHeld(access) ? "·" : "", more: "" };
  return marks.length <= 2 ? { letters: marks.join(""), more: "" } : { letters: marks[0]!, more: `+${marks.length - 1}` };
}

/** Time that is left, as short as it fits: "2d", "6h", "0d" when it is over. */
export function leftOf(minutes: number): string {
  if (minutes <= 0) return "0d";
  if (minutes < 60) return `${Math.ceil(minutes)}m`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
function leftWords(minutes: number): string {
  if (minutes <= 0) return "ended";
  if (minutes < 60) return `ends in ${plural(Math.ceil(minutes), "minute")}`;
  if (minutes < 2880) return `ends in ${plural(Math.floor(minutes / 60), "hour")}`;
  return minutes < 90 * 1440 ? `ends in ${plural(Math.floor(minutes / 1440), "day")}` : `ends on ${new Date(minutes * 60_000).toISOString().slice(0, 10)}`;
}
const leaseLeft = (lease: LeaseFact, minute: number) => lease.end - minute;

/** "networking, monitoring", "full access", "a row without a role". */
export function accessWords(facts: Facts, access: number, unmapped = false): string {
  if (!isHeld(access)) return "no access";
  if (access & FULL) return "full access";
  const names = rolesIn(facts, access).map((role) => role.name.toLocaleLowerCase("en"));
  if (unmapped) names.push("a number without a role");
  return names.length > 0 ? names.join(", ") : "a row without a role";
}

export type CellContext = {
  facts: Facts;
  stage: Stage;
  /** Now, in minutes since 1970. */
  minute: number;
  cause: (cell: number) => Cause | null;
  causeWords: (cell: number, cause: Cause) => string;
  /** Whether a rule wants what is there, leaves the cell out on purpose, or says nothing of it. */
  rule: (cell: number) => "" | "by" | "out";
  /** What colleagues have staged here, in words; "" for nothing. */
  others: (cell: number) => string;
};

const target: Target = { ...nothing };

/** How the cell is drawn, into `look`, which is reused from cell to cell. */
export function lookOf(context: CellContext, cell: number, look: Look): Look {
  const { facts, stage, minute } = context;
  const { cells } = facts;
  const flags = cells.flags[cell]!;
  const access = cells.access[cell]!;
  const row = facts.rows[rowOf(facts, cell)]!;
  const unmapped = (flags & flag.unmapped) !== 0;
  const by = context.rule(cell);
  const away = facts.people[columnOf(facts, cell)]!.leave !== null;
  Object.assign(look, { kind: "", sign: "", letters: "", small: "", struck: false, mark: "", rule: by === "by", other: context.others(cell) !== "", pale: isOld(row) || away } satisfies Look);
  const draw = (bits: number, numbers = unmapped) => {
    const { letters, more } = lettersOf(facts, bits, numbers);
    look.letters = letters;
    look.small = more;
  };
  const now = stage.sign[cell]!;
  const progress = progresses[cells.progress[cell]!]!;
  if (progress !== "") {
    const removal = now === sign.revoke;
    draw(now === sign.none || removal ? access : stage.access[cell]!);
    look.kind = ({ running: "run", waiting: "wait", failed: "fail", proven: "done" } as const)[progress];
    look.mark = ({ running: "ring", waiting: "clock", failed: "warn", proven: "tick" } as const)[progress];
    look.struck = removal && progress !== "proven";
    return look;
  }
  if (now !== sign.none) {
    if (now === sign.revoke) {
      draw(access);
      look.kind = "rev";
      look.sign = "−";
      look.struck = true;
    } else {
      const wanted = stage.wanted(cell, target);
      draw((wanted.access | ((wanted.lease?.access ?? 0) & ROLES)) >>> 0, unmapped && now === sign.alter);
      look.kind = now === sign.grant ? "add" : "alt";
      look.sign = now === sign.grant ? "+" : "~";
      if (look.small === "" && wanted.end > 0) look.small = leftOf(wanted.end - minute);
    }
    if (context.cause(cell)) {
      look.kind = "block";
      look.mark = "lock";
      look.sign = "";
      look.small = "";
    }
    return look;
  }
  if (by === "out") look.kind = "excl";
  if (!isHeld(access)) return look;
  draw(access);
  const lease = cells.leases.get(cell);
  const left = lease ? leaseLeft(lease, minute) : cells.end[cell]! > 0 ? cells.end[cell]! - minute : Infinity;
  if (flags & flag.drift) {
    look.kind = "drift";
    look.sign = "!";
  } else if (flags & flag.own) look.kind = "own";
  else if (left <= 0) {
    look.kind = "over";
    look.small = "0d";
  } else if (left <= endsSoon) {
    look.kind = "end";
    look.small = leftOf(left);
  } else if (flags & flag.unclaimed) look.kind = "seal";
  else if (isUnused(facts, cell)) look.kind = "old";
  else if (access & FULL) look.kind = "full";
  return look;
}

export const emptyLook = (): Look => ({ kind: "", sign: "", letters: "", small: "", struck: false, mark: "", rule: false, other: false, pale: false });

/** Not used for 60 days or more. What waits to be opened is not unused but unclaimed. */
export const isUnused = (facts: Facts, cell: number): boolean => unusedSteps[facts.cells.unused[cell]!]! >= unusedFrom && (facts.cells.flags[cell]! & flag.unclaimed) === 0;

/** The row's name as it is spoken: client, what tells two apart, and the vault where there are several. */
export const rowName = (row: Facts["rows"][number]): string => [row.name, row.place, row.vault].filter(Boolean).join(", ");

/** The whole sentence: "Acme, Sarah Lee: networking, ends in 2 days, staged: remove networking". */
export function sentenceOf(context: CellContext, cell: number): string {
  const { facts, stage, minute } = context;
  const { cells } = facts;
  const row = facts.rows[rowOf(facts, cell)]!;
  const person = facts.people[columnOf(facts, cell)]!;
  return `${rowName(row)}, ${person.name}: ${stateOf(context, cell).join(", ")}`;

  function stateOf({ cause, rule, others, causeWords }: CellContext, at: number): string[] {
    const flags = cells.flags[at]!;
    const access = cells.access[at]!;
    const unmapped = (flags & flag.unmapped) !== 0;
    const said: string[] = [];
    if (flags & flag.gone) said.push(`drift: ${accessWords(facts, access, unmapped)} wanted, removed in the vault`);
    else {
      said.push(accessWords(facts, access, unmapped));
      if (flags & flag.own) said.push("the client's own row");
      else if (flags & flag.drift) said.push("drift: not as wanted");
    }
    if (isHeld(access)) {
      const lease = cells.leases.get(at);
      if (cells.end[at]! > 0) said.push(leftWords(cells.end[at]! - minute));
      if (lease) said.push(`${accessWords(facts, lease.access)} on loan, ${leftWords(leaseLeft(lease, minute))}`);
      if (flags & flag.unclaimed) said.push("not opened yet");
      else if (isUnused(facts, at)) said.push(flags & flag.neverUsed ? "never used" : `not used for ${unusedSteps[cells.unused[at]!]} days or more`);
      if (flags & flag.locked) said.push("locked by the vault");
    }
    const wanted = rule(at);
    if (wanted !== "") said.push(wanted === "by" ? "by rule" : "excluded by rule");
    const now = stage.sign[at]!;
    const progress = progresses[cells.progress[at]!]!;
    if (progress !== "") said.push({ running: "on its way", waiting: "waiting for the vault", failed: "failed, still staged", proven: "read back from the vault" }[progress]);
    if (now !== sign.none) {
      said.push(stagedWords(context, at));
      const against = cause(at);
      if (against) said.push(`blocked: ${causeWords(at, against)}`);
    }
    const other = others(at);
    if (other !== "") said.push(other);
    if (row.health === "failover") said.push("vault in failover, writes wait");
    else if (isOld(row)) said.push(row.age === null ? "never read" : `as of ${plural(row.age, "minute")} ago`);
    if (person.leave !== null) said.push(person.leave === "" ? "on leave" : `on leave until ${person.leave}`);
    return said;
  }
}

/** What a target gives, in words: "networking, ends in 2 days"; "removal" for nothing. */
export function targetWords(facts: Facts, wanted: Readonly<Target>, minute: number): string {
  if (!isHeld(wanted.access) && !wanted.lease) return "removal";
  const parts = isHeld(wanted.access) ? [accessWords(facts, wanted.access)] : [];
  if (wanted.end > 0) parts.push(leftWords(wanted.end - minute));
  if (wanted.lease) parts.push(`${accessWords(facts, wanted.lease.access)} on loan, ${leftWords(wanted.lease.end - minute)}`);
  return parts.join(", ");
}

/** "staged: grant networking, ends in 2 days". */
export function stagedWords({ facts, stage, minute }: Pick<CellContext, "facts" | "stage" | "minute">, cell: number): string {
  const now = stage.sign[cell]!;
  if (now === sign.none) return "";
  if (now === sign.revoke) return `staged: remove ${accessWords(facts, facts.cells.access[cell]!)}`;
  return `staged: ${now === sign.grant ? "grant" : "change to"} ${targetWords(facts, stage.wanted(cell, { ...nothing }), minute)}`;
}
