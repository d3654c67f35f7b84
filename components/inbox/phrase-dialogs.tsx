"use client";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { faultOfPhrase, normalPhrase, phraseLength } from "#lib/inbox/phrase.ts";
import { NO_ANSWER, worded } from "./words.ts";

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"] as const;
const wrong = (fields: Record<string, string>): Outcome<null> => ({ ok: false, failure: { code: "invalid", title: "That is not it yet", detail: "Nothing was kept.", remedy: "Look at what you wrote down.", fields } });
const typedIn = (data: FormData, name: string): string[] => {
  const value = data.get(name);
  return normalPhrase(typeof value === "string" ? value : "");
};
/** No browser offers, corrects, capitalises or remembers what is typed here. */
const SECRET = { autoComplete: "off", autoCorrect: "off", autoCapitalize: "none", spellCheck: false } as const;

/** A phrase just drawn, the two of its words that are asked for, and what keeping it does. */
export type Drawn = { readonly words: readonly string[]; readonly asked: readonly [number, number]; readonly keep: (words: readonly string[]) => Promise<void> };

/**
 * Shows a phrase once, takes it off the page, and asks for two of its words before the key is kept under it. Closing forgets it.
 * `drawn` null: closed.
 */
export function NewPhraseDialog({ drawn, onClose }: { drawn: Drawn | null; onClose: (kept: boolean) => void }) {
  const [written, setWritten] = useState<Drawn | null>(null);
  const asking = drawn !== null && written === drawn;
  const confirm = async (_previous: unknown, data: FormData): Promise<Outcome<null>> => {
    if (drawn === null) return wrong({});
    const missed = drawn.asked.filter((at) => typedIn(data, `word${at}`).join(" ") !== drawn.words[at]);
    if (missed.length > 0) return wrong(Object.fromEntries(missed.map((at) => [`word${at}`, `This is not the ${ORDINALS[at]} word.`])));
    try {
      await drawn.keep(drawn.words);
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, failure: worded(error) };
    }
  };
  return (
    <Dialog
      open={drawn !== null} onOpenChange={() => onClose(false)} title={asking ? "Which words were they?" : "Write down these six words"}
      description={asking ? "So that you know you have them. They are not shown again." : "Your passkey cannot keep the key by itself, so these words do. They open your tokens and nothing else: nobody signs in with them."}
      footer={drawn !== null && !asking ? <><Button onClick={() => onClose(false)}>Not now</Button><Button tone="ink" onClick={() => setWritten(drawn)}>I wrote them down</Button></> : undefined}
    >
      {drawn === null ? null : asking ? (
        <Form action={confirm} submit="Keep my key under them" pending="Working, about a second" error={NO_ANSWER} disabledReason={null} onDone={() => onClose(true)} aside={<Button onClick={() => onClose(false)}>Not now</Button>} className="pb-2">
          {drawn.asked.map((at) => (
            <Field key={at} name={`word${at}`} label={`The ${ORDINALS[at]} word`}>
              <Input mono {...SECRET} />
            </Field>
          ))}
        </Form>
      ) : (
        <div className="grid gap-4 pb-1">
          <ol aria-label="Your phrase" className="grid grid-cols-3 gap-x-6 gap-y-2 rounded-box bg-sunken px-4 py-3 max-thumb:grid-cols-2">
            {drawn.words.map((word, at) => (
              // A phrase may hold a word twice; its place is its identity.
              // eslint-disable-next-line react/no-array-index-key
              <li key={at} className="flex items-baseline gap-2">
                <span className="w-3 text-right text-11 text-text-3 tabular-nums">{at + 1}</span>
                <span className="font-mono text-15 font-medium" translate="no">{word}</span>
              </li>
            ))}
          </ol>
          <Note state="attention" title="On paper, not in a file.">
            They are made in this browser, sent nowhere and shown only now. Whoever has them and your sign-in opens your tokens; without them you make a new key, and every token is renewed.
          </Note>
        </div>
      )}
    </Dialog>
  );
}

/** Asks for the phrase and does something with it. `use` null: closed. What was typed is gone from the page when it closes. */
export function AskPhraseDialog({ use, onClose }: { use: ((words: readonly string[]) => Promise<void>) | null; onClose: () => void }) {
  const open = async (_previous: unknown, data: FormData): Promise<Outcome<null>> => {
    const typed = typedIn(data, "phrase");
    const { phraseWords } = await import("#lib/inbox/phrase-words.ts");
    const fault = faultOfPhrase(typed, phraseWords);
    if (fault !== null || use === null) return wrong({ phrase: fault ?? "" });
    try {
      await use(typed);
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, failure: worded(error) };
    }
  };
  return (
    <Dialog open={use !== null} onOpenChange={onClose} title="Your six words" description="The ones you wrote down when the key was made. They stay in this browser.">
      {use === null ? null : (
        <Form action={open} submit="Open" pending="Working, about a second" error={NO_ANSWER} disabledReason={null} onDone={onClose} aside={<Button onClick={onClose}>Not now</Button>} className="pb-2">
          <Field name="phrase" label="Phrase" help={`${phraseLength} words with spaces between them; capitals do not matter.`}>
            <Input mono {...SECRET} />
          </Field>
        </Form>
      )}
    </Dialog>
  );
}
