// npm start: from a clean clone to one URL. `--dev` serves the pages from their sources.
import { build, buildSigning, generate, holdPages } from "./build.mjs";
import { answers, startPart } from "./children.mjs";
import { keepDatabase, prepareDatabase, urls } from "./database.mjs";
import { claimCodes, claimLink, demoParts, isUnclaimed, withDemo } from "./demo.mjs";
import { consoleAddress, isLocal, localEnvironment, partEnvironment } from "./environment.mjs";
import { install } from "./install.mjs";
import { takeLock } from "./lock.mjs";
import { checkNodeAtHand, node24 } from "./node24.mjs";
import { inData, inRoot } from "./paths.mjs";
import { paymentParts, usesSandbox } from "./payments.mjs";
import { choosePorts } from "./ports.mjs";
import { leftRunningOn } from "./postgres.mjs";
import { until } from "./processes.mjs";
import { localSecrets } from "./secrets.mjs";
import { explain, seconds, step, StepFailure } from "./steps.mjs";

const dev = process.argv.includes("--dev");
const began = performance.now();
/** Undone in the opposite order at the end. */
const undo = [];
let ending;

/** Stops everything this start brought up, the database last. */
function end(code) {
  ending ??= (async () => {
    for (const [name, stop] of undo.toReversed()) {
      try {
        await stop();
      } catch (error) {
        error.step ??= `stop ${name}`;
        explain(error);
        code ||= 1;
      }
    }
    return code;
  })();
  return ending.then((value) => process.exit(value));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (ending) return;
    console.log("\n  Stopping; nothing is lost.");
    void end(0);
  });
}

/** Starts a part at once; the returned function waits for it, as a step of its own. */
function part(name, { env, ...options }) {
  const it = startPart({ name, env: partEnvironment(name, env), ...options });
  undo.push([name, it.stop]);
  return () => step(name, () => it.whenReady(60_000));
}

async function localSettings() {
  const secrets = localSecrets();
  const ports = await choosePorts((name, port) => name === "database" && leftRunningOn() === port, [...(withDemo() ? [] : ["vaults", "clients", "pop"]), ...(usesSandbox() ? [] : ["stripe"])]);
  if (process.env.DATABASE_URL) return { ports, secrets, env: localEnvironment({ ports, secrets, databaseUrls: {}, dev }) };
  await step("PostgreSQL", async () => {
    const starting = keepDatabase(ports.database, secrets);
    // Before it is up: a Ctrl-C in these moments must stop it too.
    undo.push(["PostgreSQL", async () => (await starting.catch(() => undefined))?.stop()]);
    const database = await starting;
    ports.database = database.port;
    return database.adopted ? "taken over, it was left running" : undefined;
  });
  return { ports, secrets, env: localEnvironment({ ports, secrets, databaseUrls: urls(ports.database, secrets), dev }) };
}

async function main() {
  checkNodeAtHand();
  undo.push(["lock", takeLock("launch/")]);
  console.log(`\nClavitor MSP${dev ? ", from sources" : ""}\n`);
  await step("packages", install);
  const node = node24();
  await step("database client", generate);
  await step("signing page", buildSigning);
  let pages = ".next";
  if (!dev) {
    pages = (await step("pages", build)).folder;
    holdPages(pages);
  }

  const local = isLocal();
  const { env, ports, secrets } = local ? await localSettings() : { env: { ...process.env, NODE_ENV: "production" } };
  await step("migrations", () => prepareDatabase(partEnvironment("prepare", env)));

  const waits = [
    ...(local ? paymentParts({ node, ports, env }).map(({ name, ...options }) => part(name, options)) : []),
    local && part("mail sink", { program: node, args: [inRoot("sandbox/mail/main.ts"), "--smtp", String(ports.smtp), "--http", String(ports.mail), "--data", inData("mail")], env }),
    ...(local && withDemo() ? demoParts({ node, ports, secrets, env }).map(({ name, ...options }) => part(name, options)) : []),
    part("worker", { program: node, args: ["--conditions=react-server", inRoot("worker.ts")], env }),
    part("console", { program: node, args: ["--conditions=react-server", inRoot("server.ts"), ...(dev ? ["--dev"] : [])], env: { ...env, CLAVITOR_PAGES: pages }, show: dev }),
  ];
  for (const wait of waits) if (wait) await wait();
  await step("everything answers", () => whenAllAnswer(`${consoleAddress(env)}/api/ready`));

  const claim = local && withDemo() && (await isUnclaimed(consoleAddress(env), env.APP_ORIGIN, secrets[claimCodes.quillmoor]));
  console.log(`\n  ${claim ? claimLink(env.APP_ORIGIN, "quillmoor", secrets) : env.APP_ORIGIN}\n`);
  if (claim) console.log("  Whoever opens it first owns the demo: do not pass it on.");
  if (local) console.log(`  Mail it sends: http://localhost:${ports.mail}`);
  console.log(`  Ready in ${seconds(performance.now() - began)}. Ctrl-C stops it; nothing is lost.\n`);
}

async function whenAllAnswer(url) {
  if (await until(() => answers(url), { within: 30_000, every: 50 })) return;
  const said = await fetch(url).then((response) => response.text(), (error) => String(error.cause ?? error));
  throw new StepFailure("A part is up but not ready.", `${url} says which one; its log is in ${inData("log")}.`, said);
}

main().catch((error) => {
  if (ending) return;
  explain(error);
  void end(1);
});
