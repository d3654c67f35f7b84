import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { Banner } from "#components/ui/note.tsx";
import { RelativeTime, ServerTime } from "#components/ui/time.tsx";
import { systemClock } from "#lib/clock.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { haltedWords, readHalts } from "#lib/plan/halt.ts";

/** What is frozen, by whom, why and since when, over the pages from which work starts. Nothing for whoever may not see it. */
export async function HaltBanner({ actor }: { actor: Actor }) {
  if (!holds(actor, "halt.read")) return null;
  const halts = await readHalts(actor);
  if (halts.length === 0) return null;
  return (
    <ServerTime now={systemClock.now().getTime()}>
      {halts.map((halt) => (
        <Banner key={halt.id} state="attention" title={<bdi>{haltedWords(halt)}.</bdi>} action={<Link href="/settings/incident" className={buttonClass({ size: "small" })}>{holds(actor, "work.halt") ? "Lift it" : "Look closer"}</Link>}>
          <bdi>{halt.by}</bdi>, <RelativeTime at={halt.at} />: <bdi>{halt.reason}</bdi>
        </Banner>
      ))}
    </ServerTime>
  );
}
