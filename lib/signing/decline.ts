import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { holds } from "../identity/actor.ts";
import { offerable } from "../inbox/waiting.ts";
import { b64u } from "../protocol/bytes.ts";
import { record } from "../record/record.ts";
import { stopDiffering } from "./confirm.ts";
import { confirmable } from "./confirmable.ts";
import { differsShape, reportDiffering } from "./endorse.ts";
import { kindInWords } from "./ticket.ts";
import { secretShape } from "./trade.ts";
import { endWindow, windowBySecret, type Visitor } from "./window.ts";

export const declineShape = z.strictObject({ secret: secretShape, differs: differsShape });

/** "Not now": the console learns it, and what differed is reported although nothing was signed. Throws Refusal `signing_over`. */
export async function declineWindow(given: z.output<typeof declineShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<{ declined: true }> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, undefined, now, visitor, db);
  await write(window.actor, async (tx) => {
    await endWindow(tx, window, { outcome: "declined", words: null }, now);
    await record(tx, { action: "ticket.declined", target: { kind: "ticket", id: window.ticket.ticketId }, fields: { kind: kindInWords(window.ticket.kind) } });
    if (given.differs.length === 0) return;
    if (window.ticket.kind === "confirm") {
      if (!holds(window.actor, "client.connect")) return;
      await stopDiffering(tx, (await confirmable(tx, window.ticket.vaultRefs)).filter(({ hash }) => given.differs.includes(hash)), now);
      return;
    }
    if (!holds(window.actor, "inbox_key.endorse")) return;
    const listed = await offerable(tx, window.ticket.inboxKeyIds, now);
    await reportDiffering(tx, listed.filter(({ statementHash }) => given.differs.includes(b64u(statementHash))), now);
  }, db);
  return { declined: true };
}
