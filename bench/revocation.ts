/**
 * A leaver over real vaults: from the released tap to a closed board with its certificate, beside a plan of as many grants in the same
 * run (tap to proven, no board). Then a board of 1,000 rows in Chromium, scrolled; beside empty frames. The vaults live in this process
 * and share its processor. `REVOCATION_BENCH=vaults` or `page` runs one of the two; `REVOCATION_BENCH_SIZES=50,500` are the sizes.
 */
import { chromium } from "playwright";
import setup from "../e2e/instance.setup.ts";
import { deliverDispatches } from "../lib/dispatch/deliver.ts";
import { addTechnician, addVaults, readAll, releasePlan, startEstate } from "../lib/dispatch/testing/estate.ts";
import { createPlan } from "../lib/plan/create.ts";
import { Puller } from "../lib/audit/puller.ts";
import { utf8 } from "../lib/protocol/bytes.ts";
import { certificateOf } from "../lib/revocation/hand-out.ts";
import { openRevocation } from "../lib/revocation/open.ts";
import { showRevocation } from "../lib/revocation/show.ts";
import { verifyCertificate } from "../lib/revocation/verify.ts";
import { watchBeside, watchRevocations } from "../lib/revocation/watch.ts";
import { addressRules, openNet } from "../lib/vault/net.ts";
import { openVault } from "../lib/vault/open.ts";
import { databaseAt, setTestEnvironment } from "../tests/database.ts";
import { systemClock } from "../vault/clock.ts";
import { startWorld, WIDE } from "../vault/testing/world.ts";
import { median, quantile, table, timed } from "./measure.ts";
import { database } from "./read.ts";

const wanted = process.env["REVOCATION_BENCH"] ?? "both";
const SIZES = (process.env["REVOCATION_BENCH_SIZES"] ?? "50,500").split(",").map(Number);
const ROWS = 1_000;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

async function overVaults(count: number, rows: (string | number)[][]): Promise<void> {
  const { urls, stop } = await database();
  setTestEnvironment(urls);
  const t = databaseAt(urls, 12);
  const { db } = t;
  const net = openNet({ rules: addressRules() });
  const world = await startWorld({ clock: systemClock });
  const clock = { now: () => new Date() };
  try {
    const estate = await startEstate(t, world, net, clock);
    const vaults = await addVaults(estate, Array.from({ length: count }, (_, at) => `Client ${at}`), { grant: { ...WIDE, audit: "all" } });
    const jim = await addTechnician(estate, "Jim Okafor");
    const deliver = () => deliverDispatches({ db, speak: (vault) => openVault(vault, net) });
    await releasePlan(estate, await createPlan(estate.owner, { title: "Jim", reason: null, ticket: null, wanted: vaults.map(({ vaultRef }) => ({ change: "grant" as const, vaultRef, personId: jim.personId, scopes: "0010", allAccess: false, expiresAt: null })) }, clock, db));
    const granted = await timed(deliver);
    await readAll(estate);
    const { revocationId, planId } = await openRevocation(estate.owner, { personId: jim.personId, cause: "leaver", reason: null, tokens: null }, clock, db);
    await watchRevocations({ db, net });
    const [{ digest }] = (await t.asAdmin((admin) => admin.query("select encode(digest, 'hex') as digest from plan where plan_id = $1", [planId]))).rows as [{ digest: string }];
    await releasePlan(estate, { planId: planId!, digest });
    const closing = timed(() => watchBeside(deliver(), { db, net, impatient: true }));
    const all = await closing;
    await new Puller({ db, net }).run();
    const lists = await timed(() => watchRevocations({ db, net }));
    const view = await showRevocation(estate.owner, revocationId, { db });
    if (view.closedAt === null) throw new Error(`the board did not close: ${view.tally.open} open`);
    const closed = view.closedAt - view.tap!.at;
    const { file } = await certificateOf(estate.owner, { revocationId, clientId: null }, db);
    const bytes = utf8(file);
    let holds = false;
    const checked = await timed(async () => void (holds = (await verifyCertificate(bytes)).ok));
    if (!holds) throw new Error("the certificate does not hold");
    const drawn = await timed(() => showRevocation(estate.owner, revocationId, { db }));
    rows.push([count, "a plan of grants, tap to proven (baseline)", seconds(granted), 1]);
    rows.push([count, "tap to closed, certificate issued", seconds(closed), closed / granted]);
    rows.push([count, "  until nothing was left to deliver", seconds(all), all / granted]);
    rows.push([count, "  what they had opened, listed from the logs held", seconds(lists), lists / granted]);
    rows.push([count, `  checking the certificate offline, ${(bytes.length / 1e6).toFixed(2)} MB`, seconds(checked), checked / granted]);
    rows.push([count, "  the board's facts, for one drawing", `${drawn.toFixed(0)} ms`, ""]);
  } finally {
    await net.agent.destroy();
    await world.end();
    await db.$disconnect();
    await stop();
  }
}

type Sql = (text: string, values?: unknown[]) => Promise<unknown[]>;

/** A board of so many rows, a tenth of them open, as rows alone: what a page must draw. */
async function plant(sql: Sql, mspId: string, personId: string): Promise<string> {
  const revocationId = crypto.randomUUID();
  await sql(`insert into client (msp_id, client_id, name, aliases, tags, plan, contact_name, contact_phone) select $1, md5('c' || n)::uuid, 'Client ' || lpad(n::text, 4, '0') || ' of the Northern Coast', '{}', '{}', 'team-10', 'Rhona Keel', '+44 20 7946 0812' from generate_series(1, ${ROWS}) n`, [mspId]);
  await sql(`insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, vault_name, agent_id, manager_uid, granted, sealed_token, connected_at, confirmed_at)
    select $1, md5('v' || n)::uuid, md5('c' || n)::uuid, 'http://127.0.0.1:1/v' || n, 'connected', 'v' || n, lpad(n::text, 43, 'A'), 'Vault', 4, 'm', '{}', '\\x00', now(), now() from generate_series(1, ${ROWS}) n`, [mspId]);
  await sql(`insert into reading (msp_id, vault_ref, health, epoch, revision, read_at, features, kems, next_read_at, next_probe_at) select $1, md5('v' || n)::uuid, case when n % 10 = 0 then 'silent' else 'ok' end, 1, 9, now(), '{}', '{}', '9999-01-01', '9999-01-01' from generate_series(1, ${ROWS}) n`, [mspId]);
  await sql("insert into revocation (msp_id, revocation_id, cause, person_id, name, opened_by) values ($1, $2, 'leaver', $3, 'John Meier', $3)", [mspId, revocationId, personId]);
  await sql(`insert into revocation_row (msp_id, revocation_id, vault_ref, uid, agent_id, name, scopes, all_access, own, absent_at, absent_epoch, absent_revision, evidence, left_out)
    select $1, $2, md5('v' || n)::uuid, 'u' || n, n, 'John Meier', '0010', false, false, case when n % 10 > 0 then now() end, case when n % 10 > 0 then 1 end, case when n % 10 > 0 then 9 end, case when n % 10 > 0 then '{}'::jsonb end, 'It does not answer, and no plan could hold it.' from generate_series(1, ${ROWS}) n`, [mspId, revocationId]);
  return revocationId;
}

async function inTheBrowser(rows: (string | number)[][]): Promise<void> {
  const end = await setup();
  const { administrator, anyAddress, authenticatorOf, found, sql } = await import("../e2e/people.ts");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM!, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"] });
  try {
    const context = await browser.newContext({ baseURL: process.env.E2E_ORIGIN!, viewport: { width: 1440, height: 900 }, extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
    const page = await context.newPage();
    await authenticatorOf(page);
    const { email } = await found(page);
    const [{ msp_id: mspId, person_id: personId }] = (await sql("select msp_id, person_id from person where email = $1", [email])) as [{ msp_id: string; person_id: string }];
    const id = await administrator((client) => plant(async (text, values) => (await client.query(text, values)).rows as unknown[], mspId, personId));
    const began = performance.now();
    await page.goto(`/revocations/${id}`);
    await page.getByRole("heading", { level: 1, name: /may still read in 100 of 1,000 vaults/ }).waitFor();
    const opened = performance.now() - began;
    const frames = (step: number) => page.evaluate((by) => new Promise<{ times: number[]; moved: number }>((resolve) => {
      let scroller: Element | null = document.querySelector("h1");
      while (scroller !== null && !(scroller.scrollHeight > scroller.clientHeight + 200 && /auto|scroll/.test(getComputedStyle(scroller).overflowY))) scroller = scroller.parentElement;
      const root = scroller ?? document.scrollingElement!;
      const times: number[] = [];
      let [last, forth, moved] = [performance.now(), 1, 0];
      const frame = (now: number) => {
        times.push(now - last);
        last = now;
        const before = root.scrollTop;
        root.scrollTop += by * forth;
        moved += Math.abs(root.scrollTop - before);
        if (by > 0 && root.scrollTop === before) forth = -forth;
        if (times.length < 300) requestAnimationFrame(frame);
        else resolve({ times: times.slice(2), moved });
      };
      requestAnimationFrame(frame);
    }), step);
    const [idle, scrolled] = [await frames(0), await frames(110)];
    if (scrolled.moved < 10_000) throw new Error("nothing was scrolled");
    const rate = (times: readonly number[]) => (1_000 / (times.reduce((a, b) => a + b, 0) / times.length)).toFixed(1);
    rows.push([ROWS, "an empty frame (baseline)", `${median(idle.times).toFixed(1)} ms`, 1]);
    rows.push([ROWS, "a frame while the board is scrolled, median", `${median(scrolled.times).toFixed(1)} ms`, median(scrolled.times) / median(idle.times)]);
    rows.push([ROWS, "  the slowest twentieth", `${quantile(scrolled.times, 0.95).toFixed(1)} ms`, ""]);
    rows.push([ROWS, "  frames a second, beside idle", `${rate(scrolled.times)} / ${rate(idle.times)}`, ""]);
    rows.push([ROWS, "elements of the page", await page.evaluate(() => document.querySelectorAll("*").length), ""]);
    rows.push([ROWS, "opened", seconds(opened), ""]);
  } finally {
    await browser.close();
    await end();
  }
}

export async function run(): Promise<void> {
  const rows: (string | number)[][] = [];
  if (wanted !== "page") for (const size of SIZES) await overVaults(size, rows);
  if (wanted !== "vaults") await inTheBrowser(rows);
  table(["vaults", "what", "taken", "x baseline"], rows);
}
