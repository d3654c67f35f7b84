import { database, type Database } from "../db/client.ts";
import { write } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { installation, uuid7 } from "../id.ts";
import { record } from "../record/record.ts";
import { personActor } from "./actor.ts";
import { sendAddressProof } from "./address.ts";
import type { Browser } from "./browser.ts";
import type { KeyQuestion, NewKey } from "./ceremony.ts";
import { burnChallenge, drawChallenge } from "./challenge.ts";
import { keepKey } from "./keep-key.ts";
import { startSession, type Opened } from "./start-session.ts";
import { userHandleOf } from "./user-handle.ts";
import { judgeRegistration } from "./webauthn.ts";

export type Founding = { organisation: string; name: string; email: string };

const refuseWhenClosed = () => {
  if (env().SIGN_UP === "closed") throw new Refusal("sign_up_closed");
};

/** Everything that is founded is said at the beginning and bound, so that the answer founds nothing else. */
const bound = (browser: Pick<Browser, "bind">, { organisation, name, email }: Founding) => browser.bind("signup", organisation, name, email);

/** The question to the first owner's key. Nothing is stored but it. Throws Refusal `sign_up_closed`. */
export async function beginSignUp(founding: Founding, browser: Pick<Browser, "bind">, db: Database = database()): Promise<KeyQuestion> {
  refuseWhenClosed();
  const question = await drawChallenge(installation, "signup", bound(browser, founding), db);
  // The challenge's id becomes the person's: known to the authenticator before the person exists, and used once.
  return { ...question, rpName: founding.organisation, userId: userHandleOf(question.challengeId), userName: founding.email, displayName: founding.name, exclude: [] };
}

/** Founds the organisation with its first owner, their key and session, in one transaction. Throws Refusal. */
export async function signUp(founding: Founding, { challengeId, registration }: NewKey, browser: Browser, db: Database = database()): Promise<Opened> {
  refuseWhenClosed();
  const challenge = await burnChallenge(installation, challengeId, "signup", bound(browser, founding), db);
  const key = await judgeRegistration(registration, { challenge, origin: env().APP_ORIGIN });
  const mspId = uuid7();
  const person = { mspId, personId: challengeId, name: founding.name, email: founding.email, rights: ["owner"] };
  const label = "First key";
  return write(personActor(person, undefined, browser.requestId), async (tx) => {
    await tx.db.msp.create({ data: { mspId, name: founding.organisation } });
    await tx.db.person.create({ data: person });
    await record(tx, { action: "organisation.created", target: { kind: "organisation", id: mspId }, fields: { name: founding.organisation } });
    await record(tx, { action: "person.joined", target: { kind: "person", id: person.personId }, fields: { name: person.name, email: person.email, rights: "owner" } });
    await keepKey(tx, person, key, label);
    await sendAddressProof(tx, person, person.email);
    return startSession(tx, { credentialId: key.credentialId, label }, browser);
  }, db);
}
