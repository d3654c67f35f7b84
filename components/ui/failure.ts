/**
 * One failure, worded for the person who meets it: what happened (`title`), what it means for them (`detail`) and what to do
 * (`remedy`). `id` finds it in the log. `fields` holds one sentence per form field, by the field's name.
 */
export type Failure = {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly id?: string;
  readonly fields?: Readonly<Record<string, string>>;
};

/** What an action answers: a value, or a failure that can be shown as it is. */
export type Outcome<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: Failure };
