/**
 * `npm run owner:recover -- ines@quillmoor.example [organisation id]`: opens a way back for an owner who lost every key. Prints
 * the one-time link, which takes effect after 24 hours; every owner is mailed and can stop it (docs/people.md).
 */
import { database } from "../db/client.ts";
import { EnvironmentError } from "../env.ts";
import { Refusal } from "../errors.ts";
import { askRecovery, ownersAt } from "./recovery.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};
const time = (at: Date) => at.toISOString().slice(0, 16).replace("T", " ");

async function main(email: string | undefined, organisation: string | undefined): Promise<void> {
  if (!email?.includes("@")) return complain("Name the owner by mail address: npm run owner:recover -- name@example.com [organisation id]");
  const owners = (await ownersAt(email.trim())).filter(({ mspId }) => organisation === undefined || mspId === organisation);
  const [owner, another] = owners;
  if (!owner) return complain(`No owner has the address ${email}${organisation ? " in that organisation" : ""}, or their access is frozen. Nothing was changed.`);
  if (another) {
    complain(`${email} owns several organisations. Name one by its id, after the address:`);
    for (const { mspId, organisation: name } of owners) complain(`  ${mspId}  ${name}`);
    return;
  }
  const asked = await askRecovery(owner);
  say(`A way back is open for ${asked.person}, ${asked.organisation}.`);
  say(`It takes effect at ${time(asked.effectiveAt)} UTC and is open until ${time(asked.expiresAt)} UTC. ${asked.mailed === 1 ? "1 owner was" : `${asked.mailed} owners were`} mailed; any of them can stop it.`);
  say("Give this link to nobody but the owner, over a way that you trust. It works once, and is not shown again:");
  say(`  ${asked.link}`);
}

if (import.meta.main) {
  const [email, organisation] = process.argv.slice(2);
  try {
    await main(email, organisation);
  } catch (error) {
    if (error instanceof Refusal) complain(`${error.failure.title}. ${error.failure.detail} ${error.failure.remedy}`);
    else if (error instanceof EnvironmentError) complain(error.message);
    else throw error;
  } finally {
    await database().$disconnect().catch(() => undefined);
  }
}
