/**
 * Keeping vaults' logs with every check (chain, details, heads, links), beside bare COPY of the same rows into the same table with the
 * same indexes in the same run. Then 50 vaults of 10,000 events each, caught up with from nothing.
 * BENCH_AUDIT_EVENTS (50,000): of the one vault; BENCH_TURNS (5).
 */
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import pg from "pg";
import { setTestEnvironment } from "../tests/database.ts";
import { checkPage, type Place } from "../lib/audit/chain.ts";
import { Puller } from "../lib/audit/puller.ts";
import { columnsOf } from "../lib/audit/columns.ts";
import { eventIds } from "../lib/audit/store.ts";
import { createDatabase, type Database } from "../lib/db/client.ts";
import { run as runCheck } from "../lib/protocol/check.ts";
import { checkAuditPage } from "../lib/protocol/answers.ts";
import { addressRules, openNet, type Net } from "../lib/vault/net.ts";
import { sealVaultToken } from "../lib/vault/open.ts";
import { eventAfter } from "../lib/audit/testing/telling.ts";
import { MANAGER, type Account } from "../lib/vault/testing/signed-vaults.ts";
import { median, table, timed } from "./measure.ts";
import { database } from "./read.ts";

const EVENTS = Number(process.env["BENCH_AUDIT_EVENTS"] ?? 50_000);
const TURNS = Number(process.env["BENCH_TURNS"] ?? 5);
const PAGE = 1_000;

export type Ground = { admin: pg.Client; db: Database; net: Net; mspId: string; close(): Promise<void> };

export async function openGround(): Promise<Ground> {
  const { urls, stop } = await database();
  setTestEnvironment(urls);
  const admin = new pg.Client({ connectionString: urls.admin });
  await admin.connect();
  const db = createDatabase(urls.app);
  const net = openNet({ rules: addressRules() });
  const mspId = randomUUID();
  await admin.query("insert into msp (msp_id, name) values ($1, 'Bench')", [mspId]);
  return {
    admin, db, net, mspId,
    async close() {
      await net.agent.destroy();
      await db.$disconnect();
      await admin.end();
      await stop();
    },
  };
}

export async function addVaults({ admin, mspId }: Ground, port: number, accounts: readonly Account[]): Promise<{ vaultRef: string; clientId: string }[]> {
  const made = [];
  for (const [i, { vaultId, publicKey, token }] of accounts.entries()) {
    const [clientId, vaultRef] = [randomUUID(), randomUUID()];
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, $3, '{}', '{}', 'team-10')", [mspId, clientId, `Client ${i}`]);
    await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, '{}', now(), now())",
      [mspId, vaultRef, clientId, `http://127.0.0.1:${port}/${vaultId}`, vaultId, publicKey, MANAGER.id, MANAGER.uid, Buffer.from(sealVaultToken({ mspId, vaultRef }, token))]);
    await admin.query("insert into audit_pull (msp_id, vault_ref, next_at) values ($1, $2, '9999-01-01')", [mspId, vaultRef]);
    made.push({ vaultRef, clientId });
  }
  return made;
}

const empty = (admin: pg.Client) => admin.query("truncate audit_event, audit_stream, audit_finding, audit_agent, audit_name");

async function serve(count: number, events: number): Promise<{ worker: Worker; port: number; accounts: Account[] }> {
  const worker = new Worker(join(import.meta.dirname, "audit-servers.ts"), { workerData: { count, events } });
  const [said] = (await once(worker, "message")) as [{ port: number; accounts: Account[] }];
  return { worker, ...said };
}

/** Pages as text, as a vault answers them: what is measured begins with their bytes. */
function pagesOf(count: number): string[] {
  const pages: string[] = [];
  let last = null;
  const from = Date.now() - count * 1_000;
  for (let done = 0; done < count; done += PAGE) {
    const events = [];
    for (let i = 0; i < PAGE; i++) events.push((last = eventAfter(last, { at: from + (done + i) * 1_000, actor: { agent_id: 10 + (i % 12) } })));
    pages.push(JSON.stringify({ events, head: null, first_seq: 1, more: done + PAGE < count }));
  }
  return pages;
}

async function ingestion(ground: Ground): Promise<void> {
  const { admin, db } = ground;
  const pages = pagesOf(EVENTS);
  const { worker, port, accounts } = await serve(1, EVENTS);
  try {
    const [one] = await addVaults(ground, port, accounts);
    const who = { byId: new Map(Array.from({ length: 12 }, (_, i) => [10 + i, { uid: `uid-of-row-number-${i}-`, personId: null }])), byUid: new Map<string, string>() };
    /** Form, chain, details, clock, and rows made of them: without network and database. */
    const check = async () => {
      let place: Place = { branch: 0, point: null, at: null, vaultAt: null };
      for (const text of pages) {
        const page: unknown = JSON.parse(text);
        runCheck(checkAuditPage, page, "");
        const receivedAt = new Date();
        const checked = checkPage(page, place, { stream: "primary", receivedAt: receivedAt.getTime() });
        if (checked.findings.length > 0) throw new Error(JSON.stringify(checked.findings[0]));
        columnsOf(checked.events, eventIds(checked.events.length, receivedAt), who);
        place = checked.place;
      }
    };
    const pull = async () => {
      await admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = $1", [one!.vaultRef]);
      await new Puller({ net: ground.net, db, log: console }).run();
      await admin.query("update audit_pull set next_at = '9999-01-01' where vault_ref = $1", [one!.vaultRef]);
    };
    const count = async () => Number((await admin.query<{ n: string }>("select count(*) as n from audit_event")).rows[0]!.n);
    const file = `/tmp/clavitor-bench-${randomUUID()}.copy`;
    await pull();
    await admin.query(`copy (select * from audit_event order by received_at, event_id) to '${file}' (format binary)`);
    const [{ rows: [size] }] = [await admin.query<{ bytes: string }>("select (pg_stat_file($1)).size::text as bytes", [file])];
    const [checks, pulls, copies]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [values, work] of [[copies, () => admin.query(`copy audit_event from '${file}' (format binary)`)], [pulls, pull]] as [number[], () => Promise<unknown>][]) {
        await empty(admin);
        await admin.query("checkpoint");
        values.push(await timed(work));
        if ((await count()) !== EVENTS) throw new Error(`${await count()} events instead of ${EVENTS}`);
      }
      checks.push(await timed(check));
    }
    await admin.query(`copy (select 1 where false) to program 'rm -f ${file}'`);
    const rate = (ms: number) => Math.round(EVENTS / (ms / 1_000));
    const best = Math.min(...copies);
    table([`${EVENTS} events, ${Math.round(Number(size!.bytes) / EVENTS)} B each (median of ${TURNS}, load ${loadavg()[0]!.toFixed(1)})`, "events/s", "of COPY", "of the best COPY"], [
      ["bare COPY into the same table", rate(median(copies)), 1, best / median(copies)],
      ["checks alone, without network and database", rate(median(checks)), median(copies) / median(checks), best / Math.min(...checks)],
      ["pulled from a vault over HTTP, checked and kept", rate(median(pulls)), median(copies) / median(pulls), best / Math.min(...pulls)],
    ]);
  } finally {
    await worker.terminate();
  }
}

async function catchUp(ground: Ground): Promise<void> {
  const [COUNT, EACH] = [50, 10_000];
  const { admin, db, net } = ground;
  const { worker, port, accounts } = await serve(COUNT, EACH);
  try {
    await empty(admin);
    await addVaults(ground, port, accounts);
    await admin.query("update audit_pull set next_at = now(), state = 'unread' where vault_ref in (select vault_ref from vault where address like $1)", [`http://127.0.0.1:${port}/%`]);
    const ms = await timed(async () => {
      for (;;) {
        await new Puller({ net, db, log: console }).run();
        const { rows: [left] } = await admin.query<{ n: string }>("select count(*) as n from audit_pull where state <> 'ok' and next_at < '9999-01-01'");
        if (left!.n === "0") return;
        await admin.query("update audit_pull set next_at = now() where state <> 'ok'");
      }
    });
    const { rows: [held] } = await admin.query<{ n: string; complete: string; found: string }>("select (select count(*) from audit_event) as n, (select count(*) from audit_stream where complete_until is not null) as complete, (select count(*) from audit_finding) as found");
    if (Number(held!.n) !== COUNT * EACH) throw new Error(`${held!.n} events`);
    console.log("");
    table([`${COUNT} vaults x ${EACH} events, from nothing`, "s", "events/s", "complete", "findings", "load"], [["all caught up with", ms / 1_000, Math.round((COUNT * EACH) / (ms / 1_000)), held!.complete, held!.found, loadavg()[0]!.toFixed(1)]]);
  } finally {
    await worker.terminate();
  }
}

export async function run(): Promise<void> {
  const ground = await openGround();
  try {
    await ingestion(ground);
    await catchUp(ground);
  } finally {
    await ground.close();
  }
}
