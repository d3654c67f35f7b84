import type { Outcome } from "#components/ui/failure.ts";

/** What a form of the matrix calls. */
export type Action = (previous: unknown, form: FormData) => Promise<Outcome<{ id: string }>>;

/** Views that every organisation has from the start. */
export const givenViews: readonly { name: string; query: string }[] = [
  { name: "Ending this week", query: "state:ending" },
  { name: "At limit", query: "state:limit" },
  { name: "Unused 60 days", query: "unused:>60d" },
  { name: "Changed by client", query: "state:drift" },
  { name: "No second networking person", query: "role:networking holders:<2" },
  { name: "Linked to nobody", query: "state:unlinked" },
];
