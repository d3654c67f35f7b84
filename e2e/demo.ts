/** A whole instance with the demo in it, of a test's own: only the tests of the demo pay for its 53 vaults. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { urls } from "../launch/database.mjs";
import { test as base } from "./fixtures.ts";
import { ownEnvironment } from "./instance.setup.ts";

export { expect } from "./fixtures.ts";

const launch = (name: string) => join(import.meta.dirname, "../launch", name);

export class DemoInstance {
  readonly folder = mkdtempSync(join(tmpdir(), "clavitor-demo-"));
  readonly #environment = ownEnvironment({ CLAVITOR_DATA: this.folder, CLAVITOR_FRESH_PORTS: "1", CI: "1" });
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor() {
    chmodSync(this.folder, 0o711);
    delete this.#environment.CLAVITOR_DEMO;
  }

  /** npm start. @returns what it printed until it was ready */
  async start(): Promise<string> {
    const child = spawn(process.execPath, [launch("start.mjs")], { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let said = "";
    this.#ended = new Promise((resolve) => void child.once("exit", resolve));
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("Ready in")) resolve();
      });
      void this.#ended.then(() => reject(new Error(`The instance with the demo did not start:\n${said}`)));
    });
    return said;
  }

  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** npm run demo -- ...; @returns its exit code and all that it printed */
  command(...args: string[]): { code: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [launch("demo-command.mjs"), ...args], { env: this.#environment, encoding: "utf8" });
    return { code: status, said: stdout + stderr };
  }

  read(name: string): Record<string, string> & Record<string, number> {
    return JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Record<string, string> & Record<string, number>;
  }

  get origin(): string {
    return `http://localhost:${this.read("ports.json").console}`;
  }

  /** As an administrator sees it, while it runs. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const { ADMIN_DATABASE_URL, DATABASE_URL } = urls(this.read("ports.json").database!, this.read("secrets.json"));
    const client = new pg.Client({ connectionString: Object.assign(new URL(ADMIN_DATABASE_URL), { pathname: new URL(DATABASE_URL).pathname }).href });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** The process of a part of this instance, by a word of its command line. */
  part(program: string): number {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const ours = readFileSync(`/proc/${pid}/environ`, "utf8").includes(`CLAVITOR_DATA=${this.folder}\0`);
        if (ours && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(program)) return Number(pid);
      } catch {
        // ended meanwhile
      }
    }
    throw new Error(`No part of ${this.folder} runs ${program}.`);
  }
}

/** The instance is started by each test, since what it prints is part of what is tried. */
export const test = base.extend<{ demo: DemoInstance }>({
  demo: async ({}, use) => {
    const demo = new DemoInstance();
    try {
      await use(demo);
    } finally {
      await demo.remove();
    }
  },
});
