import type { Outcome } from "#components/ui/failure.ts";
import type { Proof, TapQuestion } from "#lib/identity/ceremony.ts";

/** A server action as a form takes it. */
export type Action<Value> = (previous: unknown, data: FormData) => Promise<Outcome<Value>>;

/** Asks the server for a question about one deed, and a key for its answer. */
export async function tap(begin: Action<TapQuestion>, deed: string): Promise<Outcome<Proof>> {
  const data = new FormData();
  data.set("deed", deed);
  const question = await begin(null, data);
  if (!question.ok) return question;
  const { answerQuestion } = await import("./ceremony.ts");
  return answerQuestion("stepup", question.value);
}

/** An action that asks for a tap first. `deed` says what the form, as filled in, is about to do (lib/identity/deed.ts). */
export const withTap = <Value>(begin: Action<TapQuestion>, deed: (data: FormData) => string, action: Action<Value>): Action<Value> =>
  async (previous, data) => {
    const proof = await tap(begin, deed(data));
    if (!proof.ok) return proof;
    data.set("proof", JSON.stringify(proof.value));
    return action(previous, data);
  };
