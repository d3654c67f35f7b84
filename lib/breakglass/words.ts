/** How the break-glass row of one client stands, in words. Pure. Opened and used are two things: the one is done here, the other at the vault. */
import type { GlassRow, OpeningLine } from "./view.ts";

export type GlassWords = { readonly state: "proven" | "moving" | "attention" | "refused" | "none"; readonly words: string };
type Facts = Pick<GlassRow, "state" | "sealedAt" | "usedAt" | "openedAt" | "alarmAt">;

const plain: Readonly<Record<Exclude<GlassRow["state"], "rotate">, GlassWords>> = {
  sealed: { state: "proven", words: "Sealed" }, none: { state: "none", words: "None yet" }, underway: { state: "moving", words: "On its way" },
  former: { state: "attention", words: "Under a former key" }, forbidden: { state: "none", words: "Not allowed by the client" },
};

export function glassWords({ state, sealedAt, usedAt, openedAt, alarmAt }: Facts): GlassWords {
  // A new one on its way does not undo that somebody has the old one.
  if (alarmAt !== null) return { state: "refused", words: "Used, opened by nobody" };
  if (state !== "rotate") return plain[state];
  const used = usedAt !== null && sealedAt !== null && usedAt >= sealedAt;
  return { state: "attention", words: openedAt === null ? "Used: rotate it" : used ? "Opened, used: rotate it" : "Opened: rotate it" };
}

/** How far an opening that is over had come. */
export function openingWords({ drill, openedAt, releasedAt }: Pick<OpeningLine, "drill" | "openedAt" | "releasedAt">): GlassWords {
  if (openedAt !== null) return drill ? { state: "proven", words: "Tried: works" } : { state: "attention", words: "Opened" };
  return { state: "none", words: `${drill ? "Try: " : ""}${releasedAt === null ? "share never released" : "released, not opened"}` };
}
