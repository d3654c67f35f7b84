/** The words of a statement's lines, on its page and in its sheet. Pure, for the browser too. */
import type { MoveKind } from "./statement.ts";

export const MOVE_WORDS: Record<MoveKind, string> = { invoice: "Invoice", credit: "Credit note", payment: "Payment", refund: "Money back", closed: "Closed unpaid" };
