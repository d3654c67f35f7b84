/** Asks a vault for its own signed word on what our manager row may do there (PROTOCOL 3, `/statement`). */
import { openVault } from "../vault/open.ts";
import type { AskVault } from "./vault-words.ts";

export const askVault: AskVault = async (row) => {
  const result = await openVault(row).statement();
  if (result.kind !== "answered") return { trouble: result.words };
  return { signed: result.value };
};
