/** Which vaults of a plan this person's tap may cover: all that are open to the first of two, to the releasing one what needs no second or has one. */
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import type { LoadedPlan } from "../plan/load.ts";
import { frozenAt, haltWords } from "../plan/halt.ts";
import { firstsOf, twoOf, type First, type Two } from "../plan/two.ts";
import { mustBeTappable } from "./tappable.ts";

export type Part = "release" | "cosign";
/** `first`: the other person's signature that a release rests on, where two must sign. */
export type Signable = { open: ReadonlySet<number>; two: Two; first: First | null };

/**
 * Throws Refusal `plan_over`, `plan_stale`, `plan_long`; of a release `cosign_needed` (nobody signed first) and `cosign_same` (only this person
 * did); of a first signature `cosign_unneeded`.
 */
export async function signable(tx: Read, loaded: LoadedPlan, part: Part, now: Date): Promise<Signable> {
  const { open } = await mustBeTappable(tx, loaded, now);
  return judgePart(tx, loaded, part, open, now);
}

/** The same before anything is signed: what is frozen now is not offered. Throws `work_frozen` when all of it is. */
export async function offerable(tx: Read, loaded: LoadedPlan, part: Part, now: Date): Promise<Signable> {
  const { open } = await mustBeTappable(tx, loaded, now);
  const frozen = await frozenAt(tx, loaded);
  const rest = new Set([...open].filter((place) => !frozen.has(place)));
  const [first] = frozen.values();
  if (rest.size === 0 && first !== undefined) throw new Refusal("work_frozen", { detail: `${haltWords(first)}. Nothing was signed.` });
  return judgePart(tx, loaded, part, rest, now);
}

async function judgePart(tx: Read, loaded: LoadedPlan, part: Part, open: ReadonlySet<number>, now: Date): Promise<Signable> {
  const two = await twoOf(tx, loaded);
  const asked = [...open].filter((place) => two.places.has(place));
  if (part === "cosign") {
    if (asked.length === 0) throw new Refusal("cosign_unneeded");
    return { open: new Set(asked), two, first: null };
  }
  if (asked.length === 0) return { open, two, first: null };
  const firsts = await firstsOf(tx, loaded.row.planId, now);
  const first = firsts.find(({ personId }) => personId !== tx.actor.id) ?? null;
  const covered = new Set(first?.covered);
  const releasable = new Set([...open].filter((place) => !two.places.has(place) || covered.has(place)));
  if (releasable.size === 0) throw new Refusal(firsts.length > 0 && first === null ? "cosign_same" : "cosign_needed");
  return { open: releasable, two, first };
}
