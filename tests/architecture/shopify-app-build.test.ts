// Holds that the Shopify CLI accepts the project: manifest, both web files, extensions; without logging in and without the internet.
import { execFile } from "node:child_process";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const QUIET = { CI: "1", SHOPIFY_CLI_NO_ANALYTICS: "1", OPT_OUT_INSTRUMENTATION: "true", NO_COLOR: "1", FORCE_COLOR: "0" };

function runCli(args: readonly string[]): Promise<{ code: number; output: string }> {
  const cli = join(ROOT, "node_modules/@shopify/cli/bin/run.js");
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: ROOT, env: { ...process.env, ...QUIET } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

describe("the Shopify CLI", () => {
  it("builds the app", async () => {
    const built = await runCli(["app", "build", "--skip-dependencies-installation"]);
    expect(built.output).toContain("holdfast built");
    expect(built.code).toBe(0);
    for (const handle of ["holdfast-order-stock", "holdfast-variant-stock"]) expect(built.output).toMatch(new RegExp(`${handle} successfully built`));
  });
});
