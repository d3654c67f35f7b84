/** Who of the MSP works where, as `technician: role letters`, most needed first. A vault with few tokens takes the first ones. */
import type { MspId } from "./people.ts";

export type Pattern = readonly (readonly [technician: string, letters: string])[];

const night: Pattern = [["emil", "M"], ["hana", "M"], ["gudrun", "M"]];

const patterns = {
  health: [["sarah", "NM"], ["priya", "F"], ["john", "NM"], ["tomas", "B"], ["aoife", "M"], ["bjorn", "S"], ...night, ["chloe", "M"], ["marcus", "M"], ["jim", "M"]],
  public: [["kwame", "F"], ["john", "NM"], ["bjorn", "S"], ["zoe", "B"], ["bartholomew", "W"], ...night, ["mei-ling", "C"], ["lukasz", "I"], ["nour", "W"], ["chloe", "M"]],
  food: [["mei-ling", "N"], ["priya", "F"], ["tomas", "B"], ["nour", "W"], ["dana", "S"], ...night, ["marcus", "W"]],
  north: [["kwame", "F"], ["zoe", "NM"], ["lukasz", "B"], ["ravi", "N"], ["jim", "C"], ...night, ["chloe", "I"]],
  craft: [["kwame", "F"], ["dana", "NM"], ["lukasz", "B"], ["john", "N"], ...night, ["marcus", "I"]],
  works: [["zoe", "NMBSI"], ["kwame", "F"], ["bartholomew", "N"], ["lukasz", "B"], ["john", "NM"], ...night, ["dana", "S"], ["jim", "C"]],
  own: [["sarah", "NMS"], ["priya", "F"], ["kwame", "F"], ["tomas", "B"], ["zoe", "NMBSIC"], ["lukasz", "B"], ["chloe", "I"], ["jim", "C"], ...night],
  fernhill: [["anselm", "F"], ["wren", "NM"], ["dalisay", "BS"]],
} as const satisfies Record<string, Pattern>;

export type PatternId = keyof typeof patterns;

export function patternOf(id: PatternId): Pattern {
  return patterns[id];
}

export function mspOfPattern(id: PatternId): MspId {
  return id === "fernhill" ? "fernhill" : "quillmoor";
}
