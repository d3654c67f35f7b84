import type { Step } from "#lib/client/steps.ts";

/** What the page says by itself, because no answer came. */
export const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether it was done.", remedy: "Load the page again and look before you repeat it." };

export const STEP_WORDS: Record<Step, { title: string; sub: string }> = {
  client: { title: "Client", sub: "Who they are, whom to call" },
  bounds: { title: "Vault and bounds", sub: "Where it is, what we ask for" },
  connect: { title: "Connect", sub: "One tap by them" },
  compare: { title: "Compare", sub: "The second code, by voice" },
  found: { title: "Roles and people", sub: "What is there already" },
};

export type Action<Value> = (previous: Result<Value> | null, data: FormData) => Promise<Result<Value>>;
type Result<Value> = { ok: true; value: Value } | { ok: false; failure: { code: string; title: string; detail: string; remedy: string; id?: string; fields?: Record<string, string> } };
