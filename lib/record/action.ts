/**
 * The closed union of what we record, and the one table that turns an entry into a sentence. An entry names the fields it
 * keeps; it never holds whole rows, texts of mails, tokens or codes (DESIGN section 5.6).
 */
type Fields = Record<string, string | number | boolean | null>;

export type RecordActions = {
  "mail.queued": { template: string; to: string };
  "mail.attempted": { template: string; to: string; attempts: number };
  "mail.sent": { template: string; to: string; transport: string; attempts: number };
  "mail.attempt_failed": { template: string; to: string; attempts: number; error: string };
  "mail.given_up": { template: string; to: string; attempts: number; error: string };
  "mail.retried": { template: string; to: string };
};

export type RecordAction = keyof RecordActions;

const sentences: { [A in RecordAction]: (fields: RecordActions[A]) => string } = {
  "mail.queued": ({ template, to }) => `queued the mail “${template}” to ${to}`,
  "mail.attempted": ({ template, to, attempts }) => `hands the mail “${template}” to ${to} to a mail server, try ${attempts}`,
  "mail.sent": ({ template, to, transport, attempts }) => `sent the mail “${template}” to ${to} through ${transport}${attempts > 1 ? `, at try ${attempts}` : ""}`,
  "mail.attempt_failed": ({ template, to, attempts, error }) => `could not send the mail “${template}” to ${to} at try ${attempts}: ${error}`,
  "mail.given_up": ({ template, to, attempts, error }) => `gave up the mail “${template}” to ${to} after ${attempts} tries: ${error}`,
  "mail.retried": ({ template, to }) => `asked for another try of the mail “${template}” to ${to}`,
};

export const recordActions = Object.keys(sentences) as RecordAction[];

const isAction = (action: string): action is RecordAction => Object.hasOwn(sentences, action);

/** What was done, without who did it: "sent the mail ...". An action of a newer release is named as it is. */
export function sentence(action: string, fields: unknown): string {
  if (!isAction(action)) return action;
  const say = sentences[action] as (fields: Fields) => string;
  return say((fields ?? {}) as Fields);
}
