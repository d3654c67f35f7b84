/** What a client that is not finished waits for, and where to go on. Pure, and for the browser too. */
import type { VaultState } from "./condition.ts";

/** The newest connect request of a vault; times in epoch milliseconds. */
export type AskedState = { readonly expiresAt: number; readonly cancelledAt: number | null; readonly repliedAt: number | null; readonly refusedAt: number | null };
/** `words`: what it waits for. `verb`: what the link to the onboarding says. */
export type NextStep = { readonly words: string; readonly verb: string };

/** Null when nothing is left to do. */
export function nextStep(state: VaultState | "new", asked: AskedState | null, now: number): NextStep | null {
  switch (state) {
    case "connected":
    case "ended":
      return null;
    case "new":
      return { words: "No vault asked for yet", verb: "Ask for their vault" };
    case "unconfirmed":
      return { words: "Code 2 is not compared", verb: "Compare the codes" };
    case "stopped":
      return { words: "Needs a new connect", verb: "Connect again" };
    case "asking":
      if (!asked || asked.cancelledAt !== null) return { words: "No request is open", verb: "Make a link" };
      if (asked.repliedAt !== null) return { words: "Their reply is looked at", verb: "Go on" };
      if (asked.refusedAt !== null) return { words: "Their last reply was refused", verb: "See why" };
      if (asked.expiresAt <= now) return { words: "The link has ended", verb: "Make a new link" };
      return { words: "Waits for their tap", verb: "Go on" };
  }
}

/** What a client's page says of its exit. `verb`: what the link to the exit's page says. `under_way`: a tap was given, and a vault was sent its end. */
export type ExitStep = { readonly kind: "start" | "under_way"; readonly words: string; readonly verb: string };

/** Null while nothing is connected that could be ended. */
export function exitStep(vaults: readonly VaultState[], exitStartedAt: number | null): ExitStep | null {
  const open = vaults.filter((state) => state === "unconfirmed" || state === "connected" || state === "stopped").length;
  if (open === 0) return null;
  if (exitStartedAt === null) return { kind: "start", words: "They can end this at any time. So can we, with one tap, proofs and a certificate; their rows and entries stay.", verb: "Start the exit…" };
  return { kind: "under_way", words: `It was signed and sent, and ${open === 1 ? "one vault’s end is" : `the end of ${open} vaults is`} not proven yet. How far it came is in its plan.`, verb: "To the exit" };
}
