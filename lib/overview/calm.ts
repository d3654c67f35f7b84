/** What is said when nothing needs this person: no more than what is known. Pure. */

/** `unread`: of the connected vaults, those that were never read. `moving`: plans on their way; null: plans are not this person's. */
export type CalmFacts = { readonly vaults: number; readonly unread: number; readonly moving: number | null };
export type Calm = { readonly title: string; readonly words: string };

const itself = "What needs a person appears here by itself, the most harmful first.";

export function calmEstate({ vaults, unread, moving }: CalmFacts): Calm {
  if (vaults === 0) return { title: "No client is connected", words: "Ask a client’s admin for one tap at their own vault. What it holds appears in the matrix." };
  if (unread === vaults) return { title: vaults === 1 ? "The one vault was not read yet" : "No vault was read yet", words: `What they hold is not known. ${itself}` };
  if (unread > 0) return { title: `${unread.toLocaleString("en")} of ${vaults.toLocaleString("en")} vaults ${unread === 1 ? "was" : "were"} not read yet`, words: `Nothing is known of ${unread === 1 ? "it" : "them"}; at the others nothing needs you. ${itself}` };
  if (moving !== null && moving > 0) return { title: `Every vault was read; ${moving === 1 ? "one plan is" : `${moving.toLocaleString("en")} plans are`} on the way`, words: `What of it does not go through appears here. ${itself}` };
  return { title: moving === null ? "Every vault was read, and nothing was found" : "Every vault was read and is as we want it", words: itself };
}
