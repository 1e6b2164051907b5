// Three kinds of tests: unit (beside their code, no services), service (real PostgreSQL, Redis and simulator) and e2e (real Chromium).
import { availableParallelism } from "node:os";
import process from "node:process";
import { defineConfig } from "vitest/config";

const setupFiles = ["./tests/setup/fail-on-console.ts"];
/** What is polled for comes when it comes: no test says how fast the machine is, only that it does come. */
const poll = { timeout: 30_000, interval: 50 };
/** Files share a process: 45 unit files took 16 s of processor time in a process each, and 6 s so. No file may count on being the first. */
const isolate = false;
const services = { setupFiles, globalSetup: ["./tests/setup/services.ts"], testTimeout: 60_000, hookTimeout: 60_000, expect: { poll } };

/** Pictures of all pages are taken when they are asked for (`node dev/screens.ts`), not with the tests. */
const screens = process.env["TAKE_SCREENS"] === undefined ? [] : ["tests/e2e/take-screens.ts"];

export default defineConfig({
  test: {
    // Most of a service test is waiting for a process: on a small machine two files at once take a third less time than one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          include: ["{app,bench,cli,dev,simulator,worker,web,extensions}/**/*.test.ts", "{app,cli,dev,simulator,worker,web}/**/*.test.tsx", "tests/documents/**/*.test.ts"],
          exclude: ["**/*.service.test.ts", "**/node_modules/**"],
          // It imports the extensions' TSX by itself: only transformed can it.
          server: { deps: { inline: [/ui-extensions-tester/] } },
          isolate,
          sequence: { shuffle: true },
          setupFiles,
        },
      },
      {
        test: {
          name: "service",
          include: ["tests/{contracts,integration,race,chaos,architecture,security}/**/*.test.ts", "{app,simulator,worker,web,dev,cli,tests/documents}/**/*.service.test.ts"],
          isolate,
          ...services,
        },
      },
      {
        test: { name: "e2e", include: ["tests/e2e/**/*.test.ts", ...screens], ...services, testTimeout: 120_000, hookTimeout: 180_000 },
      },
    ],
  },
});
