/**
 * How a vault stands with us, in words: from what was agreed (`vault.state`) and what it last said (`reading.health`). Pure, and
 * for the browser too. Silence is unknown, never an end; an end is said only when a primary signed it (PROTOCOL 9, 12).
 */
export type VaultState = "asking" | "unconfirmed" | "connected" | "stopped" | "ended";
export type Health = "unread" | "ok" | "failover" | "lapsed" | "ended" | "silent" | "lying";

/** What is known of one vault. `words`, `stoppedWords`: what exactly was wrong, already worded by whoever saw it. */
export type Standing = { readonly state: VaultState; readonly health: Health | null; readonly words: string | null; readonly stoppedWords: string | null; readonly endedBy: "msp" | "client" | null };

export const conditions = ["stopped", "lying", "lapsed", "silent", "failover", "ended", "unconfirmed", "asking", "unread", "ok"] as const;
/** Ordered by harm: the worst first. */
export type ConditionKind = (typeof conditions)[number];

/** The glyph that says it without colour (components/ui/glyph). */
export type Shape = "proven" | "moving" | "attention" | "refused" | "none";

/** `word` stands in a list; title, meaning and remedy in a note, null where there is nothing to do. */
export type Condition = { readonly kind: ConditionKind; readonly shape: Shape; readonly word: string; readonly note: { readonly title: string; readonly meaning: string; readonly remedy: string } | null };

/** An end outranks silence: a vault that told us to go is not waited for. */
export function conditionKind({ state, health }: Pick<Standing, "state" | "health">): ConditionKind {
  if (state === "stopped" || state === "ended" || state === "asking") return state;
  if (health === "ended") return "ended";
  if (health === "lying") return "lying";
  if (state === "unconfirmed") return "unconfirmed";
  return health ?? "unread";
}

const withWords = (words: string | null, otherwise: string) => words ?? otherwise;

export function conditionOf(standing: Standing): Condition {
  const kind = conditionKind(standing);
  const { words, stoppedWords, endedBy } = standing;
  switch (kind) {
    case "ok":
      return { kind, shape: "proven", word: "Takes changes", note: null };
    case "unread":
      return { kind, shape: "moving", word: "Not read yet", note: { title: "This vault was not read yet.", meaning: "It is connected; who can open it is shown as soon as it has answered.", remedy: "Wait a moment, or read it now." } };
    case "asking":
      return { kind, shape: "none", word: "Not connected", note: null };
    case "unconfirmed":
      return {
        kind, shape: "attention", word: "Codes not compared",
        note: { title: "Nobody has compared the codes yet.", meaning: "The vault answered, but that it is this client’s is not confirmed. Nothing can be planned for it.", remedy: "Call them, compare code 2, and confirm it with a signing key." },
      };
    case "failover":
      return {
        kind, shape: "moving", word: "Failover, reads only",
        note: { title: "Their primary is down; the backup answers.", meaning: "Reads and one-time codes work. Nothing can be changed there, and what is shown may lag behind.", remedy: "Go on staging. What is approved waits; a revocation stays “may still read” until the primary is back." },
      };
    case "lapsed":
      return {
        kind, shape: "attention", word: "Subscription over",
        note: { title: "The subscription of this vault has lapsed.", meaning: "The vault closes its entries to every token; its data is intact. Taking access away still works.", remedy: "Pay or renew it before the deletion date." },
      };
    case "silent":
      return {
        kind, shape: "attention", word: "Silent",
        note: { title: "This vault does not answer.", meaning: `Nobody’s access changed by that; what is shown is as old as it says. ${withWords(words, "")}`.trim(), remedy: "Go on staging; it waits for them. If it lasts, call their admin." },
      };
    case "lying":
      return {
        kind, shape: "refused", word: "Answers do not hold",
        note: { title: "What this vault answers does not hold.", meaning: withWords(words, "An answer contradicts what it signed before."), remedy: "Call their admin on a number you already have. Do not confirm or plan anything there until it is cleared up." },
      };
    case "stopped":
      return {
        kind, shape: "refused", word: "Stopped",
        note: { title: "All work with this vault has stopped.", meaning: withWords(stoppedWords, "It answered under another key than the one that was confirmed."), remedy: "Call their admin. Work goes on only after a new connect, with both codes compared." },
      };
    case "ended": {
      const byUs = endedBy === "msp";
      return {
        kind, shape: "none", word: byUs ? "Ended by us" : "Ended by the client",
        note: {
          title: byUs ? "We ended this connection." : "The client ended this connection.",
          meaning: "Their vault removed our row, our signers and every token that we had given out. What is shown below is what was there when we last read it.",
          remedy: byUs ? "Nothing. A new connect is possible at any time." : "Nothing is left to remove. Talk to them if it surprises you; a new connect is possible at any time.",
        },
      };
    }
  }
}

/** The worst of several; a client without any vault is "asking". */
export const worstOf = (kinds: readonly ConditionKind[]): ConditionKind => conditions.find((kind) => kinds.includes(kind)) ?? "asking";
