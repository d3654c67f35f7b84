/** Whether the chains of the vaults' logs hold, as far as they were checked. Pure. */
import type { Coverage } from "./strip.ts";

export type ChainWords = { readonly state: "none" | "proven" | "refused"; readonly words: string; readonly small: string };

/** `tampering`, `notices`: findings, those about our own records among them. */
export function chainWords({ vaults, tampering, notices }: { vaults: readonly Pick<Coverage, "state" | "events" | "completeUntil">[]; tampering: number; notices: number }): ChainWords {
  const known = notices === 1 ? "1 thing to know" : `${notices.toLocaleString("en")} things to know`;
  const small = notices === 0 ? "nothing else was found" : known;
  if (tampering > 0) return { state: "refused", words: tampering === 1 ? "1 sign of tampering" : `${tampering.toLocaleString("en")} signs of tampering`, small };
  const broken = vaults.filter(({ state }) => state === "broken").length;
  if (broken > 0) return { state: "refused", words: broken === 1 ? (vaults.length === 1 ? "Its chain does not hold" : "1 chain does not hold") : `${broken.toLocaleString("en")} chains do not hold`, small };
  const checked = vaults.filter(({ events, completeUntil }) => events > 0 || completeUntil !== null).length;
  if (checked === 0) return { state: "none", words: "Nothing checked yet", small: notices > 0 ? known : vaults.length === 0 ? "no vault is connected" : "no log was read" };
  if (checked < vaults.length) return { state: "proven", words: `Chains whole in ${checked.toLocaleString("en")} of ${vaults.length.toLocaleString("en")}`, small: notices > 0 ? `the others not checked yet, ${known}` : "the others not checked yet" };
  return { state: "proven", words: "Chains whole", small };
}
