// Runs one TypeScript program of the project on the pinned Node, with the packages and the database client in place.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { generate } from "./build.mjs";
import { urls } from "./database.mjs";
import { isLocal, localEnvironment } from "./environment.mjs";
import { install } from "./install.mjs";
import { checkNodeAtHand, node24 } from "./node24.mjs";
import { inData, inRoot } from "./paths.mjs";
import { localSecrets } from "./secrets.mjs";
import { explain, StepFailure } from "./steps.mjs";

/** A local instance's own settings, once it has some: so that a program such as `npm run operator` reaches its running database. */
function settings() {
  if (!isLocal() || !existsSync(inData("secrets.json")) || !existsSync(inData("ports.json"))) return process.env;
  const ports = JSON.parse(readFileSync(inData("ports.json"), "utf8"));
  const secrets = localSecrets();
  return localEnvironment({ ports, secrets, databaseUrls: process.env.DATABASE_URL ? {} : urls(ports.database, secrets) });
}

try {
  checkNodeAtHand();
  const [file, ...args] = process.argv.slice(2);
  if (!file) throw new StepFailure("No program was named.", "node launch/run.mjs FILE [arguments]");
  if (!existsSync(inRoot(file))) throw new StepFailure(`There is no program ${file} in the project.`, "See package.json for those there are.");
  await install();
  await generate();
  const child = spawn(node24(), ["--conditions=react-server", inRoot(file), ...args], { stdio: "inherit", env: settings() });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
} catch (error) {
  explain(error);
  process.exit(1);
}
