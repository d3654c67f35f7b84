/**
 * The matrix in Chromium, as a person opens it: the real console, 1,000 x 50 and 2,000 x 200 with the data that breaks things. Each
 * budget stands beside its number; the baseline of the same run is an empty page of the console's own (Settings) and an empty frame.
 * `MATRIX_BENCH_SECONDS` is how long the scripted use before the memory figure lasts. Needs CHROMIUM and built pages; long, since it
 * tells every budget apart.
 */
import { chromium, type CDPSession, type Page } from "playwright";
import setup from "../e2e/instance.setup.ts";
import { median, quantile, table } from "./measure.ts";

const SECONDS = Number(process.env.MATRIX_BENCH_SECONDS ?? 30);
/** `MATRIX_BENCH_SIZE=1000x50` measures one of them. */
const SIZES = ([[1_000, 50], [2_000, 200]] as const).filter(([clients, technicians]) => (process.env.MATRIX_BENCH_SIZE ?? `${clients}x${technicians}`) === `${clients}x${technicians}`);
const OPENINGS = 5;
/** One person's draft holds no more (lib/limits.ts): beyond it nothing is saved, and what is staged stays in the tab. */
const mostStaged = 100_000;
const origin = () => process.env.E2E_ORIGIN!;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync", "--enable-precise-memory-info"];

/** Milliseconds from the start of the navigation to a mark of the page. */
const markOf = (page: Page, name: string) => page.evaluate((mark) => performance.getEntriesByName(mark).at(-1)!.startTime, name);
async function usable(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByName("matrix-usable").length > 0 || document.querySelector("main [role=alert]") !== null);
  const alert = page.locator("main [role=alert]");
  if ((await alert.count()) > 0) throw new Error(await alert.first().innerText());
}

/**
 * Bytes of script on the wire while `work` runs: what the page itself names, and all of it. The rest is fetched ahead while the page
 * rests (the palette, the list of keys), so that the first Ctrl K loses no letter; the page works without it.
 */
async function scripts(cdp: CDPSession, page: Page, work: () => Promise<unknown>): Promise<{ own: number; all: number }> {
  const files = new Map<string, { url: string; bytes: number }>();
  const seen = ({ requestId, type, response: { url } }: { requestId: string; type: string; response: { url: string } }) => type === "Script" && files.set(requestId, { url: new URL(url).pathname, bytes: 0 });
  const done = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) => {
    const file = files.get(requestId);
    if (file) file.bytes = encodedDataLength;
  };
  cdp.on("Network.responseReceived", seen);
  cdp.on("Network.loadingFinished", done);
  await work();
  cdp.off("Network.responseReceived", seen);
  cdp.off("Network.loadingFinished", done);
  const named = await (await page.request.get(new URL(page.url()).pathname)).text();
  const sum = (list: readonly { bytes: number }[]) => list.reduce((bytes, file) => bytes + file.bytes, 0);
  return { own: sum([...files.values()].filter(({ url }) => named.includes(`src="${url}`))), all: sum([...files.values()]) };
}

/** From a key's own time to the frame that shows what it did, ms. */
async function keys(page: Page, names: readonly string[]): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { benchKeys: times });
    document.addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => times.push(performance.now() - timeStamp), { once: true });
      port1.start();
      port2.postMessage(0);
    }), { capture: true });
  });
  for (const name of names) {
    await page.keyboard.press(name);
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  }
  return page.evaluate(() => (window as unknown as { benchKeys: number[] }).benchKeys);
}

/** Scrolls for so many frames; frame times, places without a cell, the most cells at once. */
const scroll = (page: Page, axis: "top" | "left", step: number, frames: number) => page.evaluate(({ axis, step, frames }) => new Promise<{ times: number[]; blank: number; looked: number; cells: number }>((resolve) => {
  const root = document.querySelector<HTMLElement>("[role=grid]")!;
  const box = root.getBoundingClientRect();
  const result = { times: [] as number[], blank: 0, looked: 0, cells: 0 };
  let last = performance.now();
  let forth = 1;
  const frame = (now: number) => {
    result.times.push(now - last);
    last = now;
    // As a person sees it: what stands under points of the body of the grid.
    for (const [x, y] of [[0.35, 0.2], [0.6, 0.5], [0.5, 0.93], [0.9, 0.3], [0.88, 0.9]] as const) {
      result.looked += 1;
      const [left, top] = [box.left + Math.min(box.width * x, box.width - 90), box.top + box.height * y];
      // A pixel between two rows is their line: what stands two above it counts.
      if (![top, top - 2].some((under) => document.elementFromPoint(left, under)?.closest(".mx-c, .mx-rh, .mx-own, .mx-sum, .mx-head"))) result.blank += 1;
    }
    result.cells = Math.max(result.cells, document.querySelectorAll(".mx-c").length);
    const key = axis === "top" ? "scrollTop" : "scrollLeft";
    const before = root[key];
    root[key] += step * forth;
    if (root[key] === before) forth = -forth;
    if (result.times.length < frames) requestAnimationFrame(frame);
    else resolve({ ...result, times: result.times.slice(2) });
  };
  requestAnimationFrame(frame);
}), { axis, step, frames });

const idleFrames = (page: Page) => page.evaluate(() => new Promise<number[]>((resolve) => {
  const times: number[] = [];
  let last = performance.now();
  const frame = (now: number) => { times.push(now - last); last = now; if (times.length < 60) requestAnimationFrame(frame); else resolve(times.slice(2)); };
  requestAnimationFrame(frame);
}));
const measures = (page: Page, name: string) => page.evaluate((given) => performance.getEntriesByName(given).map(({ duration }) => duration), name);

async function one(size: readonly [number, number], rows: (string | number)[][]): Promise<void> {
  const { plantMatrix, enterGrid } = await import("../e2e/matrix.ts");
  const { anyAddress, authenticatorOf, sql } = await import("../e2e/people.ts");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM!, args: flags });
  const label = `${size[0]} x ${size[1]}`;
  const budgeted = size[0] === 1_000;
  const put = (what: string, values: number | readonly number[], budget: string) => {
    const list = typeof values === "number" ? [values] : values;
    rows.push([label, what, median(list), list.length > 1 ? quantile(list, 0.95) : "", budgeted ? budget : ""]);
  };
  try {
    // Addresses of their own: the door counts requests by address.
    const own = () => ({ baseURL: origin(), viewport: { width: 1440, height: 900 }, extraHTTPHeaders: { "x-forwarded-for": anyAddress() } });
    const first = await browser.newContext(own());
    const page = await first.newPage();
    await authenticatorOf(page);
    const { facts, planted, mspId } = await plantMatrix(page, { clients: size[0], technicians: size[1], open: null });
    const cookies = await first.cookies();

    const [cold, warm, empty]: [number[], number[], number[]] = [[], [], []];
    let script = { own: 0, all: 0 };
    let payload = 0;
    for (let n = 0; n < OPENINGS; n += 1) {
      const context = await browser.newContext(own());
      await context.addCookies(cookies);
      const fresh = await context.newPage();
      const cdp = await context.newCDPSession(fresh);
      await cdp.send("Network.enable");
      script = await scripts(cdp, fresh, async () => { await fresh.goto("/matrix"); await usable(fresh); });
      cold.push(await markOf(fresh, "matrix-usable"));
      payload = (await (await fresh.request.get("/api/matrix")).body()).length;
      await fresh.goto("/settings/organisation");
      empty.push(await fresh.evaluate(() => (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming).domContentLoadedEventEnd));
      await fresh.goto("/matrix");
      await usable(fresh);
      warm.push(await markOf(fresh, "matrix-usable"));
      await context.close();
    }
    put("an empty page of the console, warm (baseline)", empty, "");
    put("first usable matrix, cold", cold, "1500 ms");
    put("first usable matrix, warm", warm, "600 ms");
    put("payload on the wire, kB", payload / 1000, "40 kB");
    put("script that the page needs, compressed, kB", script.own / 1000, "200 kB");
    put("the same with what is fetched ahead, kB", script.all / 1000, "");

    await page.goto("/matrix");
    await enterGrid(page);
    put("an empty frame (baseline)", await idleFrames(page), "");
    const down = await scroll(page, "top", 112, 240);
    const across = await scroll(page, "left", 60, 120);
    put("frame while scrolling down, 4 rows a frame", down.times, "16.7 ms");
    put("frame while scrolling across", across.times, "16.7 ms");
    put("places without a cell, of 1,000 looked at", ((down.blank + across.blank) / (down.looked + across.looked)) * 1_000, "0");
    put("cells in the document, most", Math.max(down.cells, across.cells), "1500");
    await page.keyboard.press("Control+Home");
    put("key to paint: move", (await keys(page, Array.from({ length: 40 }, (_, n) => (n % 2 ? "ArrowRight" : "ArrowDown")))).slice(5), "16 ms");
    put("key to paint: stage", (await keys(page, Array.from({ length: 20 }, (_, n) => String((n % 8) + 1)))).slice(-20), "50 ms");
    for (let n = 0; n < 20; n += 1) await page.keyboard.press("z");
    await page.getByText("Nothing staged").waitFor();
    await page.keyboard.press("Control+a");
    put(`key to paint: stage ${(size[0] * size[1]).toLocaleString("en")} cells`, (await keys(page, ["2", "z", "2", "z"])).slice(-4), "150 ms");
    await page.keyboard.press("Escape");
    await page.evaluate(() => performance.clearMeasures());
    await page.getByRole("combobox").fill("role:networking holders:<2 ");
    await page.getByRole("combobox").fill("");
    for (const order of ["Similarity", "Free tokens", "Risk", "Name"]) {
      await page.getByRole("button", { name: /^Order/ }).click();
      await page.getByRole("menuitemradio", { name: order }).click();
    }
    put("filter or sort everything, grid drawn", await measures(page, "matrix-show"), "30 ms");

    const [row, person] = [facts.rows[0]!, facts.people[0]!];
    const live = async (n: number): Promise<number> => {
      const full = n % 2 === 0;
      await sql("update known_agent set all_access = $4 where msp_id = $1 and vault_ref = $2 and person_id = $3", [mspId, planted.vaultRefs[0], person.id, full]);
      const began = performance.now();
      await sql("select pg_notify('known', $1)", [JSON.stringify({ msp_id: mspId, vault_ref: planted.vaultRefs[0] })]);
      await page.waitForFunction(({ start, full: wanted }) => [...document.querySelectorAll(".mx-c")].some((cell) => { const name = cell.getAttribute("aria-label") ?? ""; return name.startsWith(start) && name.includes("full access") === wanted; }), { start: `${row.name}, ${person.name}:`, full }, { polling: 10 });
      return performance.now() - began;
    };
    const times: number[] = [];
    // Columns stand by name within their pod: among 200 the one that is looked at has to be found first.
    await page.getByRole("combobox").fill(`tech:"${person.name}" `);
    await enterGrid(page);
    await page.keyboard.press("Control+Home");
    for (let n = 0; n < 6; n += 1) times.push(await live(n));
    await page.getByRole("combobox").fill("");
    await enterGrid(page);
    put("a vault's change to the cell, from the database's call", times, "2000 ms");
    if (size[0] * size[1] <= mostStaged) {
      await page.keyboard.press("Control+a");
      await page.keyboard.press("2");
      const staged = performance.now();
      await page.locator('[data-kept="saving"]').waitFor();
      const during: number[] = [];
      while ((await page.locator('[data-kept="kept"]').count()) === 0) during.push(await live(during.length));
      put("the same while all of it is saved", during, "2000 ms");
      put(`${(size[0] * size[1]).toLocaleString("en")} cells saved, from the key`, performance.now() - staged, "");
      await page.keyboard.press("z");
      await page.keyboard.press("Escape");
      await page.getByText("Nothing staged").waitFor();
    }

    const cdp = await first.newCDPSession(page);
    const heap = async () => {
      await cdp.send("HeapProfiler.collectGarbage");
      const { metrics } = await cdp.send("Performance.getMetrics");
      return { heap: metrics.find(({ name }) => name === "JSHeapUsedSize")!.value / 1e6, nodes: metrics.find(({ name }) => name === "Nodes")!.value };
    };
    await cdp.send("Performance.enable");
    await cdp.send("HeapProfiler.enable");
    const before = await heap();
    const until = performance.now() + SECONDS * 1_000;
    await enterGrid(page);
    for (let n = 0; performance.now() < until; n += 1) {
      await scroll(page, n % 2 ? "top" : "left", 200, 30);
      for (const key of ["PageDown", "End", "3", "Shift+ArrowDown", "Shift+ArrowDown", "f", "z", "z", "Home", "]", "Escape"]) await page.keyboard.press(key);
      if (n % 6 === 5) await page.keyboard.press("Control+Home");
    }
    const after = await heap();
    put(`heap before and after ${SECONDS} s of use, MB`, [before.heap, after.heap], "");
    rows.push([label, "  after", after.heap, "", ""], [label, "nodes before", before.nodes, "", ""], [label, "nodes after", after.nodes, "", ""]);
  } finally {
    await browser.close();
  }
}

export async function run(): Promise<void> {
  if (!process.env.CHROMIUM) throw new Error("CHROMIUM is missing: the path of a Chromium.");
  const stop = await setup();
  const rows: (string | number)[][] = [];
  try {
    for (const size of SIZES) await one(size, rows);
  } finally {
    await stop();
    table(["", "", "median", "p95", "budget"], rows);
  }
}
