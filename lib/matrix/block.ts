/**
 * What stands against a staged cell, said while editing: lib/plan judges again, the vault once more. The limit of tokens is the
 * row's: where more are staged than are free, the latest ones are too many.
 */
import { hoursWords } from "../role/lengths.ts";
import { FULL, isHeld, isPlannable, ROLES, rolesIn, type Facts, type Person, type Row } from "./facts.ts";
import { tooLong } from "./length.ts";
import { nothing, sign, type Stage, type Target } from "./stage.ts";

export const causes = ["stopped", "unconfirmed", "frozen", "inbox", "endorsement", "number", "grant", "full", "length", "limit", "people"] as const;
export type Cause = (typeof causes)[number];

/** What is against the change of one cell by itself; null: nothing. The row's limit is not looked at. */
export function ownCause(stage: Stage, cell: number): Cause | null {
  const now = stage.sign[cell];
  if (now === sign.none) return null;
  const { facts } = stage;
  const width = facts.people.length;
  const row = facts.rows[Math.floor(cell / width)]!;
  if (!isPlannable(row)) return row.health === "stopped" ? "stopped" : "unconfirmed";
  if (now === sign.revoke) return null;
  const person = facts.people[cell % width]!;
  const known = stage.known(cell, knownOf);
  const wanted = stage.wanted(cell, wantedOf);
  const makesToken = (isHeld(wanted.access) && !isHeld(known.access)) || (wanted.lease !== null && known.lease === null);
  if (makesToken) {
    if (person.frozen) return "frozen";
    if (person.inbox === "none") return "inbox";
    if (person.inbox === "waiting") return "endorsement";
  }
  const added = (wanted.access | (wanted.lease?.access ?? 0)) & ROLES & ~known.access & ~(known.lease?.access ?? 0);
  if ((added & ~row.numbered) !== 0) return "number";
  if ((added & ~row.granted) !== 0) return "grant";
  // Where the grant allows it only for a time, the organisation's own rule asks for an end anyhow.
  if ((wanted.access & FULL) !== 0 && (known.access & FULL) === 0 && row.fullAccess === "never") return "full";
  return tooLong(facts, row, known, wanted) === null ? null : "length";
}
const knownOf: Target = { ...nothing };
const wantedOf: Target = { ...nothing };

/** Tokens that are free in a row with everything staged counted; null: no limit that bites. Below zero: too many are staged. */
export function freeTokens(stage: Stage, row: number): number | null {
  const { tokensUsed, tokensLimit } = stage.facts.rows[row]!;
  return tokensLimit === null ? null : tokensLimit - tokensUsed - stage.rowTokens[row]!;
}

/** The same for the number of people that the client's grant allows. */
const freeInGrant = (stage: Stage, row: number): number | null => {
  const { grantFree } = stage.facts.rows[row]!;
  return grantFree === null ? null : grantFree - stage.rowTokens[row]!;
};

/** Cells of a row whose token is one too many: the latest staged, as many as there are too many. */
function overCells(stage: Stage, row: number, over: number): number[] {
  const width = stage.facts.people.length;
  const adding: { cell: number; tokens: number }[] = [];
  for (let cell = row * width; cell < (row + 1) * width; cell += 1) {
    if (stage.sign[cell] !== sign.grant && stage.sign[cell] !== sign.alter) continue;
    const known = stage.known(cell, knownOf);
    const before = Number(isHeld(known.access)) + Number(known.lease !== null);
    const wanted = stage.wanted(cell, wantedOf);
    const tokens = Number(isHeld(wanted.access)) + Number(wanted.lease !== null) - before;
    if (tokens > 0) adding.push({ cell, tokens });
  }
  adding.sort((a, b) => stage.order[b.cell]! - stage.order[a.cell]!);
  const found: number[] = [];
  let left = over;
  for (const { cell, tokens } of adding) {
    if (left <= 0) break;
    found.push(cell);
    left -= tokens;
  }
  return found;
}

/** Every blocked cell and its cause. Remembered until something else is staged. */
export class Blocks {
  private readonly stage: Stage;
  private version = -1;
  private facts: Facts | null = null;
  private found = new Map<number, Cause>();
  constructor(stage: Stage) {
    this.stage = stage;
  }
  all(): ReadonlyMap<number, Cause> {
    const { stage } = this;
    if (this.version === stage.version && this.facts === stage.facts) return this.found;
    this.found = new Map();
    const { rowStaged, facts } = stage;
    const width = facts.people.length;
    for (let row = 0; row < rowStaged.length; row += 1) {
      if (rowStaged[row] === 0) continue;
      for (let cell = row * width; cell < (row + 1) * width; cell += 1) {
        const cause = ownCause(stage, cell);
        if (cause) this.found.set(cell, cause);
      }
      const [free, people] = [freeTokens(stage, row), freeInGrant(stage, row)];
      if (stage.rowTokens[row]! <= 0) continue;
      if (free !== null && free < 0) for (const cell of overCells(stage, row, Math.min(-free, stage.rowTokens[row]!))) if (!this.found.has(cell)) this.found.set(cell, "limit");
      if (people !== null && people < 0) for (const cell of overCells(stage, row, Math.min(-people, stage.rowTokens[row]!))) if (!this.found.has(cell)) this.found.set(cell, "people");
    }
    this.version = stage.version;
    this.facts = facts;
    return this.found;
  }
  of(cell: number): Cause | null {
    return this.all().get(cell) ?? null;
  }
}

/** A cause in words, for the cell's name and the peek: what stands against it, and what would help. */
export function causeWords(cause: Cause, facts: Facts, row: Row, person: Person, wanted: Readonly<Target>, known: Readonly<Target>): { what: string; help: string } {
  const names = (bits: number) => rolesIn(facts, bits).map((role) => role.name).join(", ");
  const roles = (wanted.access | (wanted.lease?.access ?? 0)) & ROLES;
  switch (cause) {
    case "stopped": return { what: `work with ${row.name} is stopped`, help: "Its vault answered with another key, or not truthfully. Look at the client's page." };
    case "unconfirmed": return { what: `${row.name} is not confirmed`, help: "Compare the codes with the client first." };
    case "frozen": return { what: `${person.name} is frozen`, help: "Let them sign in again first, or take it back." };
    case "inbox": return { what: `${person.name} has no inbox key`, help: "Ask them to make one in Settings; their token is sealed to it." };
    case "endorsement": return { what: `the inbox key of ${person.name} is not endorsed`, help: "Compare its fingerprint with them, and endorse it with one tap." };
    case "number": return { what: `${names(roles & ~row.numbered)} has no number at ${row.name}`, help: "Give the role a number there under Roles." };
    case "grant": return { what: `${names(roles & row.numbered & ~row.granted)} is outside what ${row.name} allows`, help: "Ask the client to widen the grant." };
    case "full": return { what: `${row.name} allows no full access`, help: "Ask the client to allow it, or take roles." };
    case "length": {
      const over = tooLong(facts, row, known, wanted);
      const long = over === null ? "" : hoursWords(over.hours);
      return { what: `${over?.of ?? "this"} is allowed for ${long} at most`, help: over?.whole ? `Set an end within ${long}; all of this token ends with it.` : `Set an end within ${long}.` };
    }
    case "limit": return { what: `no free token, ${row.tokensUsed} of ${row.tokensLimit ?? "?"} are used`, help: "Free one that is unused, lend one for some hours, or move up a plan." };
    case "people": return { what: `${row.name} allows no more people`, help: "Take somebody out, or ask the client to allow more." };
  }
}
