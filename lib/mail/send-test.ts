import { write } from "../db/tenant.ts";
import { once } from "../db/once.ts";
import { env } from "../env.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { queueMail } from "./queue.ts";

/**
 * Sends a mail that only shows that mail arrives.
 * @param key the form's own (lib/db/once.ts): a second submission of the same form sends nothing
 */
export async function sendTestMail(actor: Actor, { to, key }: { to: string; key: string }, clock: Clock = systemClock): Promise<{ id: string }> {
  authorize(actor, "mail.test");
  return write(actor, (tx) =>
    once(tx, { key, action: "mail.test", input: to }, async () => {
      const asked = clock.now().toISOString().slice(0, 16).replace("T", " ");
      return { id: await queueMail(tx, { address: to, name: "" }, "test", { asked: `${asked} UTC`, by: actor.name, origin: env().APP_ORIGIN }) };
    }),
  );
}
