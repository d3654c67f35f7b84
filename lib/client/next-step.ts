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
