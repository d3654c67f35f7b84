import { defineConfig } from "vitest/config";

// Two kinds: "unit" is pure and needs nothing; "integration" gets an embedded PostgreSQL, a database per worker.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{lib,components,app,signing,launch,vault,sandbox,prisma}/**/*.test.{ts,tsx,mjs}", "tests/repository/**/*.test.ts"],
          exclude: ["**/*.integration.test.ts", "**/node_modules/**"],
          // Some try thousands of made-up inputs; on a busy machine that takes its time, which is no failure.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["{lib,vault,sandbox,prisma,launch,tests}/**/*.integration.test.ts"],
          globalSetup: ["tests/database.setup.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
