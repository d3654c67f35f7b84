/**
 * The ground: how long a second start takes, what each process holds at rest, what the first page costs. Baselines of the
 * same run: an empty Node process, and a bare page of the same text from a bare server.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser } from "playwright";
import { chromium as findChromium } from "../launch/chromium.mjs";
import { median, table, timed } from "./measure.ts";

const root = join(import.meta.dirname, "..");
const rounds = 5;

function start(folder: string) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, "launch/start.mjs")], { env: { ...process.env, CLAVITOR_DATA: folder, CLAVITOR_FRESH_PORTS: "1", CI: "1" }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  const ready = new Promise<number>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Ready in")) resolve(performance.now() - began);
    });
    void ended.then(() => reject(new Error(said)));
  });
  return { child, ready, stop: () => (child.kill("SIGTERM"), ended) };
}

/** Proportional set size where the kernel tells it (shared pages counted once over their holders), else resident size. Bytes. */
function memory(folder: string): { name: string; bytes: number }[] {
  const kinds: [RegExp, string][] = [[/launch\/start\.mjs/, "launcher"], [/server\.ts/, "console"], [/worker\.ts/, "worker"], [/sandbox\/mail/, "mail sink"], [/postgres/, "PostgreSQL"]];
  const sums = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (!command.includes(folder) && !readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CLAVITOR_DATA=${folder}\0`)) continue;
      const name = kinds.find(([pattern]) => pattern.test(command))?.[1];
      const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
      if (name && pss) sums.set(name, (sums.get(name) ?? 0) + Number(pss) * 1024);
    } catch {
      // ended, or not ours to read
    }
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes }));
}

/** One fresh visit: largest contentful paint in ms, compressed bytes of script. */
async function visit(browser: Browser, url: string): Promise<{ lcp: number; script: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "load" });
  const result = await page.evaluate(
    () =>
      new Promise<{ lcp: number; script: number }>((resolve) => {
        const answer = (lcp: number) => {
          const script = performance.getEntriesByType("resource").filter((entry) => /\.js(\?|$)/.test(entry.name)).reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
          resolve({ lcp, script });
        };
        new PerformanceObserver((list) => answer(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({ type: "largest-contentful-paint", buffered: true });
      }),
  );
  await context.close();
  return result;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "clavitor-bench-"));
  chmodSync(folder, 0o711);
  const node = median(await Promise.all(Array.from({ length: 1 }, () => timed(() => new Promise((resolve) => spawn(process.execPath, ["-e", "0"]).once("exit", resolve))))));
  const starts: number[] = [];
  let instance = start(folder);
  try {
    const first = await instance.ready;
    for (let round = 0; round < rounds; round += 1) {
      await instance.stop();
      instance = start(folder);
      starts.push(await instance.ready);
    }
    table(["start", "ms", "x an empty Node"], [["first of an instance, built before", first, first / node], [`second (median of ${rounds})`, median(starts), median(starts) / node], ["an empty Node process", node, 1]]);

    const ports = JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as { console: number };
    console.log("");
    table(["at rest", "MiB"], memory(folder).map(({ name, bytes }) => [name, bytes / 2 ** 20]));

    const bare = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>bare</title><h1>Who can open which client’s vault</h1>"));
    await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
    const browser = await chromium.launch({ executablePath: await findChromium(), args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"] });
    try {
      const pages = ["/", "/settings/system", "/settings/mail", "/settings/parts"];
      const rows: (string | number)[][] = [];
      for (const path of pages) {
        const ours: number[] = [];
        const bares: number[] = [];
        let script = 0;
        for (let round = 0; round < rounds; round += 1) {
          const visited = await visit(browser, `http://localhost:${ports.console}${path}`);
          ours.push(visited.lcp);
          script = visited.script;
          bares.push((await visit(browser, `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`)).lcp);
        }
        rows.push([path, median(ours), median(bares), median(ours) / median(bares), script / 1_000]);
      }
      console.log("");
      table([`page (median of ${rounds}, cold cache)`, "LCP ms", "bare page ms", "ratio", "script kB compressed"], rows);
    } finally {
      await browser.close();
      bare.close();
    }
  } finally {
    await instance.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
