import { defineConfig } from "@playwright/test";

// One instance of the whole product is started for the run (e2e/instance.setup.ts), on fresh ports and a folder of its own.
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/instance.setup.ts",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  // Whole journeys with real keys; a busy machine is no failure.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    // Without the film of every test: its frames cost more than the tests.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"],
    },
  },
});
