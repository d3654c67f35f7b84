import type { Metadata } from "next";
import { AlarmList } from "#components/billing/alarm-list.tsx";
import { ServerTime } from "#components/ui/time.tsx";
import { readAlarms } from "#lib/billing/alarms.ts";
import { systemClock } from "#lib/clock.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { clear } from "./actions.ts";

export const metadata: Metadata = { title: "Alarms about money" };

export default async function AlarmsPage() {
  const actor = await pageActor("billing.read");
  const alarms = await readAlarms(actor);
  return (
    <ServerTime now={systemClock.now().getTime()}>
      <AlarmList alarms={alarms} clear={holds(actor, "billing.write") ? clear : null} />
    </ServerTime>
  );
}
