/**
 * The background process: clocks and queues. Several may run on one database; graphile-worker hands each job to one of them.
 * Says "ready" to its launcher, writes a heartbeat that /api/ready reads, ends cleanly on SIGTERM.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Logger, run, type TaskList } from "graphile-worker";
import pg from "pg";
import { Puller } from "./lib/audit/puller.ts";
import { chainAll, keepAudit } from "./lib/audit/upkeep.ts";
import { tellDue } from "./lib/billing/notices.ts";
import { billingClocks, billingRound, reconcileAll } from "./lib/billing/work.ts";
import { database } from "./lib/db/client.ts";
import { tellUses } from "./lib/breakglass/watch.ts";
import { driveDue } from "./lib/demo/drive.ts";
import { deliverDispatches } from "./lib/dispatch/deliver.ts";
import { env, EnvironmentError, workerEnv } from "./lib/env.ts";
import { runExports } from "./lib/export/run.ts";
import { limits } from "./lib/limits.ts";
import { createLog } from "./lib/log.ts";
import { Reader } from "./lib/known/reader.ts";
import { deliverDue } from "./lib/mail/deliver.ts";
import { Transports } from "./lib/mail/transport.ts";
import { onLeash } from "./lib/leash.ts";
import { release } from "./lib/release.ts";
import { watchBeside, watchRevocations } from "./lib/revocation/watch.ts";
import { closeVaultNet } from "./lib/vault/net.ts";

const log = createLog("worker");

async function main() {
  const { JOBS_DATABASE_URL, SMTP_URLS } = workerEnv();
  const transports = new Transports(SMTP_URLS);
  const reader = new Reader({ log });
  const puller = new Puller({ log });
  const stopping = new AbortController();
  const tasks: TaskList = {
    mail_deliver: async (_payload, { addJob }) => {
      const { sent, nextDue } = await deliverDue(transports);
      if (sent > 0) log.info({ sent }, "mails sent");
      if (nextDue) await addJob("mail_deliver", {}, { runAt: nextDue, jobKey: "mail_deliver_due", jobKeyMode: "replace" });
    },
    demo_connect: async (_payload, { addJob }) => {
      const { nextDue } = await driveDue({ signal: stopping.signal });
      if (nextDue) await addJob("demo_connect", {}, { runAt: nextDue, jobKey: "demo_connect_due", jobKeyMode: "replace" });
    },
    // A place is a job's until it ends: one that only waited for the run that goes on would keep removals out (six of them, all).
    vault_read: async (_payload, { addJob }) => {
      if (reader.wake()) return;
      await reader.run();
      const nextDue = await reader.nextDue();
      if (nextDue) await addJob("vault_read", {}, { runAt: nextDue, jobKey: "vault_read_due", jobKeyMode: "replace" });
    },
    dispatch_deliver: async (_payload, { addJob }) => {
      const { lines, nextDue } = await watchBeside(deliverDispatches());
      if (lines > 0) {
        log.info({ lines }, "lines to vaults worked");
        // What was opened is looked up in a job of its own: removals must not wait for it.
        await addJob("revocation_watch", {}, { jobKey: "revocation_watch_due", jobKeyMode: "replace" });
      }
      if (nextDue) await addJob("dispatch_deliver", {}, { runAt: nextDue, jobKey: "dispatch_deliver_due", jobKeyMode: "replace" });
    },
    audit_pull: async (_payload, { addJob }) => {
      if (puller.wake()) return;
      await puller.run();
      const nextDue = await puller.nextDue();
      if (nextDue) await addJob("audit_pull", {}, { runAt: nextDue, jobKey: "audit_pull_due", jobKeyMode: "replace" });
    },
    audit_export: async (_payload, { addJob }) => {
      const { nextDue } = await runExports({ signal: stopping.signal });
      if (nextDue) await addJob("audit_export", {}, { runAt: nextDue, jobKey: "audit_export_due", jobKeyMode: "replace" });
    },
    audit_export_purge: async () => void (await database().$executeRaw`select audit_export_purge()`),
    record_chain: async () => void (await chainAll({ log })),
    audit_keep: async () => {
      const { made, dropped, forgotten, found } = await keepAudit({ log });
      log.info({ made, dropped, forgotten, found }, "audit kept");
    },
    revocation_watch: async (_payload, { addJob }) => {
      const { awaited } = await watchRevocations();
      if (awaited === 0) return;
      // Logs that lists wait for are pulled now, and the boards looked at again soon after.
      await addJob("audit_pull", {}, { jobKey: "audit_pull_due", jobKeyMode: "replace" });
      await addJob("revocation_watch", {}, { runAt: new Date(Date.now() + limits.seenLookMs), jobKey: "revocation_watch_due", jobKeyMode: "replace" });
    },
    clock_notices: async () => {
      const mails = await tellDue(undefined, undefined, (mspId, error) => log.error({ err: error, mspId }, "the deletion clocks of a tenant could not be told"));
      if (mails > 0) log.info({ mails }, "deletion clocks told");
    },
    billing: async (_payload, { addJob }) => {
      const nextDue = await billingRound();
      if (nextDue) await addJob("billing", {}, { runAt: nextDue, jobKey: "billing_due", jobKeyMode: "replace" });
    },
    billing_clocks: () => billingClocks(),
    billing_reconcile: () => reconcileAll(),
    identity_purge: async () => void (await database().$executeRaw`select identity_purge()`),
    connect_purge: async () => void (await database().$executeRaw`select connect_purge()`),
    glass_watch: async () => {
      const told = await tellUses();
      if (told > 0) log.warn({ told }, "uses of break-glass tokens were told");
    },
    once_purge: async () => {
      await database().$executeRaw`select once_purge()`;
      await database().$executeRaw`delete from rate_limit where expire < ${Date.now()}`;
      await database().heartbeat.deleteMany({ where: { beatAt: { lt: new Date(Date.now() - limits.heartbeatKeptMs) } } });
    },
  };
  const pool = new pg.Pool({ connectionString: JOBS_DATABASE_URL, max: 8, application_name: "clavitor worker" });
  // Without these listeners a broken connection would end the process; here it only means: connect again.
  pool.on("error", (error) => log.warn({ err: error }, "an idle connection broke"));
  pool.on("connect", (client) => client.on("error", (error) => log.warn({ err: error }, "a connection broke")));
  const runner = await run({
    pgPool: pool,
    taskList: tasks,
    // Reading, pulling and delivering each hold a place for most of a minute; mail and clocks must find one beside them.
    concurrency: 6,
    pollInterval: 1_000,
    noHandleSignals: true,
    crontab: [
      "* * * * * mail_deliver",
      "* * * * * vault_read",
      "* * * * * audit_pull",
      "* * * * * record_chain",
      "23 3 * * * audit_keep ?fill=2d",
      "* * * * * dispatch_deliver",
      "17 * * * * once_purge",
      "37 * * * * identity_purge",
      "47 * * * * connect_purge",
      "* * * * * revocation_watch",
      "* * * * * glass_watch",
      "7 * * * * billing_clocks",
      "* * * * * audit_export",
      "27 * * * * audit_export_purge",
      "* * * * * billing",
      "23 2 * * * billing_reconcile",
      "9 * * * * clock_notices",
      ...(env().DEMO_DOOR ? ["* * * * * demo_connect"] : []),
    ].join("\n"),
    logger: new Logger(() => (level, message) => log[level === "warning" ? "warn" : level]({}, message)),
  });
  // A demo that a killed worker was connecting goes on at once, not with the next minute.
  if (env().DEMO_DOOR) await runner.addJob("demo_connect", {}, { jobKey: "demo_connect" });
  const pulse = startHeartbeat();
  await pulse.first;
  process.send?.("ready");
  log.info({ release }, "worker runs");
  let ending = false;
  onLeash(async (why) => {
    if (ending) return;
    ending = true;
    log.info({ why }, "worker stops");
    pulse.stop();
    stopping.abort();
    await Promise.all([reader.stop(), puller.stop()]);
    await runner.stop();
    await pulse.remove();
    transports.close();
    await closeVaultNet();
    await pool.end();
    await database().$disconnect();
  });
  await runner.promise;
  if (!ending) throw new Error("graphile-worker ended by itself");
}

function startHeartbeat() {
  const workerId = randomUUID();
  let silent = false;
  const beat = async () => {
    try {
      // The database's clock, so that this machine's own does not decide whether it lives.
      await database().$executeRaw`insert into heartbeat (worker_id, host, pid, release, started_at, beat_at) values (${workerId}::uuid, ${hostname()}, ${process.pid}, ${release}, now(), now())
        on conflict (worker_id) do update set beat_at = now()`;
      if (silent) log.info("the database answers again");
      silent = false;
    } catch (error) {
      if (!silent) log.warn({ err: error }, "no heartbeat: the database does not answer");
      silent = true;
    }
  };
  const timer = setInterval(() => void beat(), limits.heartbeatEveryMs);
  return {
    first: beat(),
    stop: () => clearInterval(timer),
    remove: () => database().heartbeat.deleteMany({ where: { workerId } }).catch(() => undefined),
  };
}

try {
  await main();
} catch (error) {
  if (error instanceof EnvironmentError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, "worker cannot go on");
  process.exit(1);
}
