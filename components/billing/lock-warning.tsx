import { Money } from "#components/ui/money.tsx";
import { Note } from "#components/ui/note.tsx";
import type { Choice } from "#lib/billing/subscription.ts";

const money = (minor: number, currency: string) => <Money of={{ minor, currency }} />;

/** What a choice would do to the lock, in a sentence: both prices of a year and their difference. */
export function LockSentence({ choice: { loss, change, words }, client }: { choice: Choice; client: string }) {
  const { lock, currency, after, afterCurrency, difference, when } = loss;
  if (change.kind === "payer") {
    return <>From its renewal on <bdi>{client}</bdi>{" pays the locked "}{money(lock, currency)}{" a year itself, on an account of its own; for the rest of the period nothing is charged. That is the same a year, and the lock lives on. What it pays is shown on no page of yours from now on, and you cannot take it back."}</>;
  }
  return (
    <>
      {change.kind === "end" ? <>{"The subscription of "}<bdi>{client}</bdi>{` ends ${when}: the locked `}</> : <>{`${words} for `}<bdi>{client}</bdi>{`, ${when}: the locked `}</>}{money(lock, currency)}{" a year would end. "}
      {after === null ? `There is no published price for it in ${afterCurrency}.` : <>{change.kind === "end" ? "Coming back would cost today’s list, " : "Today’s list, "}{money(after, afterCurrency)}{change.kind === "end" ? " a year, and the vault would start empty. " : " a year, would lock instead with the first charge. "}</>}
      {difference === null ? (after === null ? "" : "The two currencies are not compared, and nothing is converted.") : difference === 0 ? "That is the same a year." : <>That is {money(Math.abs(difference), currency)} {difference > 0 ? "more" : "less"} a year.</>}
    </>
  );
}

/** What taking a renewal back does: other than a cancellation, at once. `choice`: what ending it would cost. */
export function RegretSentence({ choice: { loss: { lock, currency, after, afterCurrency } }, client }: { choice: Choice; client: string }) {
  return (
    <>
      {"The last renewal of "}<bdi>{client}</bdi>{" is refunded in full, and the subscription ends at once, not with its period. Its lock of "}{money(lock, currency)}{" a year ends with that."}
      {after === null ? null : <>{" Coming back would cost today’s list, "}{money(after, afterCurrency)}{" a year, and the vault would start empty."}</>}
    </>
  );
}

/** Said before anybody decides. */
export function LockWarning({ choice, client }: { choice: Choice; client: string }) {
  return (
    <Note state={choice.change.kind === "payer" ? "attention" : "refused"} title={choice.change.kind === "payer" ? "The lock goes with it." : choice.change.kind === "end" ? "The lock would be lost for ever." : "The lock would end and never come back."}>
      <LockSentence choice={choice} client={client} />
    </Note>
  );
}
