import { ClosedEye } from "#components/overview/blind-foot.tsx";
import { Slots } from "#components/ui/slots.tsx";
import type { Slot } from "#lib/client/rows.ts";

/** Up to here every token is a box with initials; above, a bar. Team 25 has 26. */
const DRAWN = 26;

/** Each token of a vault by whose it is: outlined the client's own, solid our blind one, grey our people, dashed free. */
export function TokenSlots({ slots, used, limit }: { slots: readonly Slot[]; used: number; limit: number | null }) {
  if (limit === null || limit > DRAWN || slots.length > limit) {
    return (
      <div className="mt-2 grid gap-2">
        {limit === null ? null : <Slots used={used} limit={limit} wide />}
        <p className="text-12 text-text-3">
          {`${slots.filter(({ kind }) => kind === "own").length} the client’s own, ${slots.filter(({ kind }) => kind === "ours").length} ours, 1 ours that reads nothing.`}
        </p>
      </div>
    );
  }
  const unseen = Math.max(0, used - slots.length);
  const free = Math.max(0, limit - slots.length - unseen);
  return (
    <>
      <ul className="mt-2.5 grid grid-cols-6 gap-1" aria-label="Tokens">
        {slots.map((slot) => (
          <li
            key={slot.uid}
            data-hint={slot.kind === "plane" ? "The console’s own row. It reads nothing." : slot.name}
            className={`grid h-[30px] place-items-center rounded-in text-11 font-semibold ${slot.kind === "own" ? "text-text-2 shadow-[inset_0_0_0_1px_var(--line-strong)]" : slot.kind === "plane" ? "keeps-colour bg-ink text-on-ink" : "bg-active text-text"}`}
          >
            {slot.kind === "plane" ? <ClosedEye className="size-4" /> : <span aria-hidden>{slot.initials}</span>}
            <span className="sr-only">{slot.kind === "plane" ? "The console’s own, reads nothing" : slot.kind === "own" ? `${slot.name}, the client’s own` : slot.name}</span>
          </li>
        ))}
        {Array.from({ length: unseen }, (_, place) => (
          // One that is counted and was not listed: its place is all that is known.
          // eslint-disable-next-line react/no-array-index-key
          <li key={`unseen ${place}`} data-hint="In use, and not listed when it was last read" className="grid h-[30px] place-items-center rounded-in text-11 text-text-3 shadow-[inset_0_0_0_1px_var(--line)]">in use</li>
        ))}
        {Array.from({ length: free }, (_, place) => (
          // A free slot is its place.
          // eslint-disable-next-line react/no-array-index-key
          <li key={`free ${place}`} className="grid h-[30px] place-items-center rounded-in border border-dashed border-line-control text-11 text-text-3">free</li>
        ))}
      </ul>
      <p className="mt-2 text-12 text-text-3">Outlined: the client’s own. Solid: ours, blind.</p>
    </>
  );
}
