// Prisma only generates the client here. Migrations are plain SQL, applied by lib/db/migrate.ts (docs/decisions/0004).
import { defineConfig } from "prisma/config";

// `generate` looks for a schema engine to download; naming any program keeps it off the network (it is not run).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "prisma" });
