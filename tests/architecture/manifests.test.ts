// Holds the files that Shopify reads of this project to what Holdfast does: sections, topics, scopes, versions, addresses, extensions. Shopify's CLI builds a project with most of these faults.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { checkProject } from "../../cli/manifest/read-project.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("the project's manifests", () => {
  it("have no fault, and none is left out", async () => {
    const checked = await checkProject(ROOT);
    expect(checked.flatMap(({ file, faults }) => faults.map(({ at, code, message }) => `${file} ${at}: ${code}, ${message}`))).toEqual([]);
    expect(checked.map(({ file }) => file)).toEqual([
      "shopify.app.toml",
      "extensions/holdfast-order-stock/shopify.extension.toml",
      "extensions/holdfast-oversell-opened/shopify.extension.toml",
      "extensions/holdfast-variant-stock/shopify.extension.toml",
    ]);
  });
});

describe("the extensions", () => {
  it("know of the app what its server answers, as types, and nothing else: they run on Shopify's side", async () => {
    const sources = (await readdir(join(ROOT, "extensions"), { recursive: true })).filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules") && !path.includes("dist"));
    expect(sources.length).toBeGreaterThan(6);
    const imported = await Promise.all(sources.map(async (path) => (await readFile(join(ROOT, "extensions", path), "utf8")).split("\n").filter((line) => /from "(#|.*\/app\/)/.test(line))));
    expect(imported.flat().filter((line) => !/^import type .* from "(\.\.\/)+app\/extension-api\/extension-answers\.ts";$/.test(line))).toEqual([]);
  });

  it("have no type error; the compiler of the app leaves them out, for they are written for Preact", async () => {
    const compile = promisify(execFile)(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "extensions"], { cwd: ROOT });
    expect(await compile.then(({ stdout }) => stdout, (error: { stdout: string }) => error.stdout)).toBe("");
  });
});
