import type { MatrixModel } from "./model.ts";

/** One person by name, several by number, and what happens to them in the alphabet of change. */
export function planTitle({ facts, stage }: Pick<MatrixModel, "facts" | "stage">): string {
  const width = facts.people.length;
  const people = new Set([...stage.cells()].map((cell) => cell % width));
  const { grant, revoke, alter, rows } = stage.sum;
  const who = people.size === 1 ? facts.people[[...people][0]!]!.name : `${people.size.toLocaleString("en")} people`;
  const counts = [grant > 0 && `+${grant}`, revoke > 0 && `−${revoke}`, alter > 0 && `~${alter}`].filter(Boolean).join(" ");
  return `${[...who].slice(0, 80).join("")}: ${counts} at ${rows} ${rows === 1 ? "vault" : "vaults"}`;
}
