import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { installation } from "../id.ts";
import { answer, countOn } from "./answer.ts";
import type { Browser } from "./browser.ts";
import type { Proof, Question } from "./ceremony.ts";
import { burnChallenge, drawChallenge } from "./challenge.ts";
import { startSession, type Opened } from "./start-session.ts";

/** A question to whatever key the browser offers: nobody has said yet who they are. */
export const beginSignIn = (browser: Pick<Browser, "bind">, db: Database = database()): Promise<Question> => drawChallenge(installation, "signin", browser.bind("signin"), db);

/**
 * Opens a session for whoever's key answered. Throws Refusal `ceremony_*`, the ladder of lib/identity/webauthn.ts,
 * `key_refused` (unknown, wrong or copied: the same words), `person_frozen`.
 */
export async function signIn({ challengeId, assertion }: Proof, browser: Browser, db: Database = database()): Promise<Opened> {
  const challenge = await burnChallenge(installation, challengeId, "signin", browser.bind("signin"), db);
  const answered = await answer(assertion, { challenge, origin: env().APP_ORIGIN }, browser.requestId, db);
  const opened = await write(answered.actor, async (tx) => ((await countOn(tx, answered)) ? startSession(tx, answered.key, browser) : undefined), db);
  if (!opened) throw new Refusal("key_refused");
  return opened;
}
