/**
 * The audit through its page: the real console over the events of bench/audit-pages.ts, asked as a browser asks. From the request to the
 * first lines, which come before what is counted; to the end of the answer; and in Chromium to the first line that is painted. Baseline
 * of the same run: an empty page of the console's own (Settings). BENCH_AUDIT_ROWS (200,000), BENCH_TURNS (30). Needs CHROMIUM and pages.
 */
import { loadavg } from "node:os";
import { chromium } from "playwright";
import setup from "../e2e/instance.setup.ts";
import { fill } from "./audit-pages.ts";
import { median, quantile, table } from "./measure.ts";

const TURNS = Number(process.env["BENCH_TURNS"] ?? 30);
const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);

/** Milliseconds to the first byte that is a line of the table, and to the last byte. */
async function asked(url: string, cookie: string): Promise<{ first: number; all: number }> {
  const began = performance.now();
  const response = await fetch(url, { headers: { cookie, accept: "text/html" }, redirect: "error" });
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
  let text = "";
  let first = 0;
  const decoder = new TextDecoder();
  for await (const part of response.body) {
    text += decoder.decode(part, { stream: true });
    if (first === 0 && /<tr[^>]* data-row=/.test(text)) first = performance.now() - began;
  }
  return { first, all: performance.now() - began };
}

export async function run(): Promise<void> {
  if (!process.env["CHROMIUM"]) throw new Error("CHROMIUM is missing: the path of a Chromium.");
  const { anyAddress, administrator, authenticatorOf, found, sql } = await import("../e2e/people.ts");
  const stop = await setup();
  const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"], args: ["--no-sandbox", "--disable-gpu"] });
  const rows: (string | number)[][] = [];
  const put = (what: string, times: readonly number[], aim: string) => rows.push([what, median(times), quantile(times, 0.95), aim]);
  try {
    const origin = process.env["E2E_ORIGIN"]!;
    const context = await browser.newContext({ baseURL: origin, viewport: { width: 1440, height: 900 }, extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
    const page = await context.newPage();
    await authenticatorOf(page);
    const { email } = await found(page);
    const [{ msp_id: mspId }] = (await sql<{ msp_id: string }>("select msp_id from person where email = $1", [email])) as [{ msp_id: string }];
    await administrator((admin) => fill({ admin, mspId }, { own: false }));
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const cases: [what: string, query: (n: number) => string][] = [
      ["the first page, as it opens", () => ""],
      ["one day", (n) => `?q=${encodeURIComponent(`since:${day(n + 1)} until:${day(n)}`)}`],
      ["one technician", (n) => `?q=${encodeURIComponent(`person:"Technician ${1 + ((n * 3) % 36)}"`)}`],
      ["one client", (n) => `?q=${encodeURIComponent(`client:"Client ${n % 50}"`)}`],
    ];
    const empty: number[] = [];
    for (let n = 0; n < TURNS; n += 1) empty.push((await asked(`${origin}/settings/organisation`, cookie)).all);
    put("an empty page of the console (baseline)", empty.slice(2), "");
    for (const [what, query] of cases) {
      const times: { first: number; all: number }[] = [];
      for (let n = 0; n < TURNS; n += 1) times.push(await asked(`${origin}/audit${query(n)}`, cookie));
      const warm = times.slice(2);
      if (warm.some(({ first }) => first === 0)) throw new Error(`${what}: a page came without a line`);
      put(`${what}: to the first lines`, warm.map(({ first }) => first), "150 ms");
      put(`${what}: to the end, with what is counted`, warm.map(({ all }) => all), "");
    }
    const painted: number[] = [];
    for (let n = 0; n < TURNS / 3; n += 1) {
      await page.goto("/audit", { waitUntil: "commit" });
      painted.push(await page.evaluate(() => new Promise<number>((resolve) => {
        const look = () => (document.querySelector('tr[data-row]') ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
        look();
      })));
    }
    put("in Chromium, from the navigation to the first line painted", painted.slice(1), "");
    console.log(`  load ${loadavg()[0]!.toFixed(1)}`);
    table([`${process.env["BENCH_AUDIT_ROWS"] ?? "200000"} events, through the page`, "median ms", "p95", "aim"], rows);
  } finally {
    await browser.close();
    await stop();
  }
}
