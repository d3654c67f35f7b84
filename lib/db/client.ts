/** The Prisma client on the app's role, which owns nothing and cannot bypass row-level security. One per process. */
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient, type Prisma } from "#prisma/generated/client.ts";
import { limits } from "../limits.ts";

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

export function createDatabase(url: string, poolSize: number = limits.poolSize): Database {
  const adapter = new PrismaPg({ connectionString: url, max: poolSize, connectionTimeoutMillis: limits.transactionWaitMs, application_name: "clavitor" });
  return new PrismaClient({ adapter });
}

/** Survives module reloads of the development server, which would leak a pool each time. */
const held = globalThis as { clavitorDatabase?: Database };

export function database(): Database {
  const url = process.env.APP_DATABASE_URL;
  if (!url) throw new Error("APP_DATABASE_URL is missing. See docs/operations.md, Settings.");
  return (held.clavitorDatabase ??= createDatabase(url));
}
