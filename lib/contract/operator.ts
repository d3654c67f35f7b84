/**
 * `npm run operator -- contract set ORGANISATION` and `contract end ORGANISATION`: the confidential terms of an MSP's contract. What
 * they say is asked for at a prompt that shows nothing, never taken from the command line: that would be kept by the shell.
 */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { z } from "zod";
import { database } from "../db/client.ts";
import { EnvironmentError } from "../env.ts";
import { Refusal } from "../errors.ts";
import { termsOf } from "./share.ts";
import { endTerms, setTerms } from "./terms.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};
const usage = "npm run operator -- contract set ORGANISATION_ID, or contract end ORGANISATION_ID";

/** Asks on the error stream, so that a redirected output holds no question; what is typed appears nowhere. */
async function* answers(questions: readonly string[]): AsyncGenerator<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY });
  const given = lines[Symbol.asyncIterator]();
  try {
    for (const question of questions) {
      process.stderr.write(question);
      const { value, done } = await given.next();
      process.stderr.write("\n");
      if (done) throw new RangeError("The prompt was left. Nothing was changed.");
      yield value;
    }
  } finally {
    lines.close();
  }
}

async function main([what, deed, mspId, ...more]: readonly string[]): Promise<void> {
  if (what !== "contract" || (deed !== "set" && deed !== "end") || mspId === undefined || more.length > 0) return complain(`${usage}. The terms are asked for; they are never written behind the command.`);
  if (!z.uuid().safeParse(mspId).success) return complain("An organisation is named by its id: Settings, Organisation shows it.");
  if (deed === "end") {
    const { organisation } = await endTerms(mspId);
    say(`${organisation} has no confidential terms any more.`);
    return;
  }
  const given: string[] = [];
  for await (const answer of answers(["Share of the net amounts paid, in percent: ", "The same once more: ", "First day that counts, like 2026-11-21: "])) given.push(answer);
  const [share, again, from] = given as [string, string, string];
  if (share.trim() !== again.trim()) return complain("The two differ. Nothing was changed.");
  const { organisation, replaced } = await setTerms(mspId, termsOf(share, from.trim()));
  say(`The terms of ${organisation} ${replaced ? "were replaced" : "are set"}. Only its finance people see what follows from them.`);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof Refusal) complain(error.failure.code === "not_found" ? "There is no such organisation, or it has no such terms. Nothing was changed." : `${error.failure.title}. ${error.failure.detail} ${error.failure.remedy}`);
    else if (error instanceof EnvironmentError || error instanceof RangeError) complain(error.message);
    else throw error;
  } finally {
    await database().$disconnect().catch(() => undefined);
  }
}
