/** A database of its own for a test file: a copy of the prepared template. Refuses anything that is not on this machine. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { createDatabase, type Database } from "../lib/db/client.ts";
import { grantDatabase } from "../lib/db/roles.ts";
import type { Actor } from "../lib/identity/actor.ts";

export type TestDatabase = {
  urls: { admin: string; owner: string; app: string; jobs: string };
  /** Prisma on the app's role. */
  db: Database;
  /** Plain SQL with the owner's or the administrator's rights, to prepare and to look. */
  asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  asApp<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** A new tenant with this name. */
  msp(name: string): Promise<string>;
  close(): Promise<void>;
};

export function refuseDistant(url: string): void {
  const { hostname } = new URL(url);
  if (hostname !== "127.0.0.1" && hostname !== "localhost" && hostname !== "[::1]") throw new Error(`Tests refuse to touch the database at ${hostname}: it is not on this machine.`);
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const onDatabase = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;

export async function testDatabase(): Promise<TestDatabase> {
  const server = inject("postgres");
  for (const url of [server.ADMIN_DATABASE_URL, server.DATABASE_URL]) refuseDistant(url);
  const name = `t_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  await connected(server.ADMIN_DATABASE_URL, (admin) => admin.query(`create database ${name} template ${server.template} owner clavitor_owner`));
  const urls = { admin: onDatabase(server.ADMIN_DATABASE_URL, name), owner: onDatabase(server.DATABASE_URL, name), app: onDatabase(server.APP_DATABASE_URL, name), jobs: onDatabase(server.JOBS_DATABASE_URL, name) };
  await connected(urls.owner, (owner) => grantDatabase(owner, name));
  const there = databaseAt(urls, 6);
  return {
    ...there,
    async close() {
      await there.close();
      await connected(server.ADMIN_DATABASE_URL, (admin) => admin.query(`drop database ${name} with (force)`));
    },
  };
}

/** The same over a database that is there already, and stays. @param connections of the app's role at most */
export function databaseAt(urls: TestDatabase["urls"], connections: number): TestDatabase {
  const db = createDatabase(urls.app, connections);
  return {
    urls, db,
    asOwner: (work) => connected(urls.owner, work),
    asAdmin: (work) => connected(urls.admin, work),
    asApp: (work) => connected(urls.app, work),
    async msp(title) {
      const id = randomUUID();
      await connected(urls.admin, (admin) => admin.query("insert into msp (msp_id, name) values ($1, $2)", [id, title]));
      return id;
    },
    close: () => db.$disconnect(),
  };
}

/** An operator-like actor of a tenant, for verbs under test. */
export const actorOf = (mspId: string, name = "Ines Halloran"): Actor => ({ kind: "operator", id: "test", name, mspId, rights: ["operator"] });

/** Settings that a verb reads; secrets of tests are drawn anew each time. */
export function setTestEnvironment(urls: TestDatabase["urls"], more: Record<string, string> = {}): void {
  const random = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  Object.assign(process.env, {
    NODE_ENV: "test", APP_ORIGIN: "http://localhost:3999", SIGN_ORIGIN: "http://sign.localhost:3999", APP_DATABASE_URL: urls.app, JOBS_DATABASE_URL: urls.jobs,
    SESSION_SECRET: random(), SEAL_KEYS: `k1:${random()}`, SMTP_URLS: "smtp://127.0.0.1:1", MAIL_FROM: "Clavitor MSP <console@clavitor.localhost>", LOG_LEVEL: "silent", ...more,
  });
}
