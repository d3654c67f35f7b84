/** What the page of an inbox key says by itself, because the server was never asked or never answered. */
import type { Failure as FailureValue, Outcome } from "#components/ui/failure.ts";
import { InboxStop, type StopReason } from "./ceremony.ts";

export type Action<Value> = (previous: Outcome<Value> | null, data: FormData) => Promise<Outcome<Value>>;

const STOPS: Record<StopReason, FailureValue> = {
  no_tap: { code: "no_tap", title: "No tap came", detail: "The passkey was not touched in time, or the window was closed. Nothing was changed.", remedy: "Press the button again." },
  no_prf: { code: "no_prf", title: "This passkey cannot open a key", detail: "It, or this browser, lacks the PRF extension under which the private half is wrapped. Nothing was changed.", remedy: "Take another passkey, or a current browser; most hardware keys and phones can." },
  strange_copies: { code: "strange_copies", title: "The server offered a weaker way to keep your key", detail: "How a key is wrapped is fixed in this page, and the server's answer says otherwise. The page refused it. Nothing was opened.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  not_opened: { code: "not_opened", title: "Your passkey does not open this key", detail: "The key that is shown is not the one that was made with your passkey.", remedy: "Do not read its letters to anybody. Tell an owner, then make a new key." },
  wrong_phrase: { code: "wrong_phrase", title: "These words do not open this key", detail: "Each of them is in the list, but they are not the six that were shown, in their order; or the key that is shown is not the one that was made with them.", remedy: "Compare them with what you wrote down. If they are the same, tell an owner, and read the letters to nobody." },
  no_argon2: { code: "no_argon2", title: "This browser cannot use a phrase", detail: "It needs 64 MiB of memory and WebAssembly for half a second, and did not have them. Nothing was changed.", remedy: "Close other pages, or take another browser." },
  strange_key: { code: "strange_key", title: "Another key answered", detail: "It is none of the passkeys that were asked. Nothing was changed.", remedy: "Press the button again and take a passkey of the list." },
  unsupported: { code: "unsupported", title: "This browser cannot do it", detail: "Passkeys are missing or switched off here. Nothing was changed.", remedy: "Open this page in a current browser." },
  elsewhere: { code: "elsewhere", title: "This page stands at another address than its console", detail: "A key made here would not be taken. Nothing was changed.", remedy: "Open the console at its own address." },
};
export const NO_ANSWER: FailureValue = { code: "no_answer", title: "No answer came", detail: "We cannot say whether it was kept.", remedy: "Load the page and look." };

export class Refused extends Error {
  readonly failure: FailureValue;
  constructor(failure: FailureValue) {
    super(failure.code);
    this.failure = failure;
  }
}

export async function send<Value>(action: Action<Value>, fields: Record<string, string>): Promise<Value> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const outcome = await action(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
  if (!outcome.ok) throw new Refused(outcome.failure);
  return outcome.value;
}

/** The failure of a ceremony, worded. Throws what is none of ours. */
export function worded(error: unknown): FailureValue {
  if (error instanceof InboxStop) return STOPS[error.reason];
  if (error instanceof Refused) return error.failure;
  throw error;
}
