// npm run demo -- remove: takes the demo away for real use. npm run demo -- claim fernhill: the second MSP's claim link.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { generate } from "./build.mjs";
import { prepareDatabase, startDatabase, urls } from "./database.mjs";
import { claimCodes, claimLink, isUnclaimed, removedMark, withDemo } from "./demo.mjs";
import { consoleAddress, isLocal, localEnvironment, partEnvironment } from "./environment.mjs";
import { install } from "./install.mjs";
import { takeLock } from "./lock.mjs";
import { checkNodeAtHand, node24 } from "./node24.mjs";
import { inData, inRoot } from "./paths.mjs";
import { choosePorts } from "./ports.mjs";
import { leftRunningOn } from "./postgres.mjs";
import { must } from "./programs.mjs";
import { forgetDemoSecrets, localSecrets } from "./secrets.mjs";
import { explain, step, StepFailure } from "./steps.mjs";

const usage = "npm run demo -- remove            takes the demo away: its vaults, its people, everything of its organisations\nnpm run demo -- claim fernhill    prints the claim link of the second MSP";

const rememberedPorts = () => JSON.parse(readFileSync(inData("ports.json"), "utf8"));

function mustBeHere() {
  if (!isLocal()) throw new StepFailure("The demo exists on a local instance only; APP_ORIGIN names another.", "Run this where npm start was run, without APP_ORIGIN.");
  if (!existsSync(inData("secrets.json")) || !existsSync(inData("ports.json"))) throw new StepFailure("There is no instance here yet.", "npm start makes one.");
}

async function claim(msp) {
  mustBeHere();
  if (!Object.hasOwn(claimCodes, msp ?? "")) throw new StepFailure(`There is no demo called “${msp ?? ""}”.`, `There are: ${Object.keys(claimCodes).join(", ")}.`);
  if (!withDemo()) throw new StepFailure("This instance runs without the demo.", "CLAVITOR_DEMO=1 npm start brings it back.");
  const [ports, secrets] = [rememberedPorts(), localSecrets()];
  const env = localEnvironment({ ports, secrets, databaseUrls: {}, dev: false });
  if (!(await isUnclaimed(consoleAddress(env), env.APP_ORIGIN, secrets[claimCodes[msp]]))) {
    throw new StepFailure("It has an owner already, or the console is not running.", "Sign in with the key that claimed it; or npm start, then ask again.");
  }
  console.log(`\n  ${claimLink(env.APP_ORIGIN, msp, secrets)}\n\n  Whoever opens it first owns it: do not pass it on.\n`);
}

/** The name typed back, so that nobody removes by a slip what they did not mean. */
async function confirm(names, sure) {
  if (sure) return;
  const expected = names.length === 0 ? "demo" : names.join(", ");
  if (!process.stdin.isTTY) throw new StepFailure("Nobody can be asked here.", "Add --yes to remove it without a question.");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    console.log(`\n  This removes ${names.length === 0 ? "the demo's vaults" : `${expected}, its clients' vaults, its people and all its records`} for good. Other organisations stay.`);
    const typed = await lines.question(`  Type ${expected} to remove it: `);
    if (typed.trim() !== expected) throw new StepFailure("Something else was typed. Nothing was removed.", "Run it again if you meant it.");
  } finally {
    lines.close();
  }
}

const program = async (database, ...args) => {
  const { output } = await must(node24(), ["--conditions=react-server", inRoot("lib/demo/remove.ts"), ...args], { env: partEnvironment("demo removal", database), why: "The demo's rows could not be removed.", remedy: "The words below say why. Nothing was removed; after mending it, run this again." });
  return JSON.parse(output.trim().split("\n").at(-1));
};

async function remove(sure) {
  mustBeHere();
  const giveBack = takeLock("launch/");
  let server;
  try {
    await step("packages", install);
    await step("database client", generate);
    const secrets = localSecrets();
    if (!process.env.DATABASE_URL) {
      const { database } = await choosePorts((name, port) => name === "database" && leftRunningOn() === port, ["console", "smtp", "mail", "vaults", "clients"]);
      server = await step("PostgreSQL", () => startDatabase(database, secrets));
    }
    const ports = rememberedPorts();
    const env = localEnvironment({ ports, secrets, databaseUrls: server ? urls(server.port, secrets) : {}, dev: false });
    await step("migrations", () => prepareDatabase(partEnvironment("prepare", env)));
    await confirm((await program(env, "list")).map(({ name }) => name), sure);
    const removed = await step("organisations", async () => {
      const demos = await program(env);
      return { demos, note: demos.length === 0 ? "none was claimed" : demos.map(({ name, rows }) => `${name}: ${rows} rows`).join(", ") };
    });
    await step("vaults and their admins", async () => {
      for (const folder of ["vaults", "clients"]) rmSync(inData(folder), { recursive: true, force: true, maxRetries: 3 });
    });
    await step("claim codes and seed", async () => {
      forgetDemoSecrets();
      writeFileSync(removedMark(), "removed by npm run demo -- remove\n", { mode: 0o644 });
    });
    console.log(`\n  The demo is gone${removed.demos.length > 0 ? ", with everything that was in it" : ""}. npm start now starts without it; CLAVITOR_DEMO=1 npm start makes a new one.\n`);
  } finally {
    await server?.stop();
    giveBack();
  }
}

try {
  checkNodeAtHand();
  const [what, ...more] = process.argv.slice(2);
  if (what === "remove") await remove(more.includes("--yes"));
  else if (what === "claim") await claim(more[0]);
  else throw new StepFailure(what === undefined ? "Nothing was named." : `There is no “${what}”.`, usage);
} catch (error) {
  explain(error);
  process.exit(1);
}
