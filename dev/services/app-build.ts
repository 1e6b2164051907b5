// Builds the app for production when there is no build yet or a source file is newer than it.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { runCommand } from "./run-command.ts";
import { say, SetupProblem } from "./say.ts";

const sources = ["app", "public", "vite.config.ts", "package.json"];

export type BuildState = "fresh" | "missing" | "older than its sources";

export async function readBuildState(root: string): Promise<BuildState> {
  const built = await modifiedAtMs(join(root, "build", "server", "index.js"));
  if (built === undefined) return "missing";
  const times = await Promise.all(sources.map((source) => newestMs(join(root, source))));
  return Math.max(...times) <= built ? "fresh" : "older than its sources";
}

export async function ensureBuild(root = process.cwd()): Promise<void> {
  const state = await readBuildState(root);
  if (state === "fresh") return;
  say(state === "missing" ? "building the app (half a minute)" : "building the app again: a source file is newer than the build");
  const cli = join(root, "node_modules", "@remix-run", "dev", "dist", "cli.js");
  const result = await runCommand(process.execPath, [cli, "vite:build"], { cwd: root, env: { NODE_ENV: "production" } });
  if (result.code !== 0) throw new SetupProblem(`\`remix vite:build\` failed:\n${result.output.trim()}`);
}

async function modifiedAtMs(path: string): Promise<number | undefined> {
  return await stat(path).then((found) => found.mtimeMs, () => undefined);
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  let newest = 0;
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    // Tests lie beside the code and are no part of the build.
    if (!entry.isFile() || /\.test\.tsx?$/.test(entry.name)) continue;
    const time = await modifiedAtMs(join(entry.parentPath, entry.name));
    if (time !== undefined && time > newest) newest = time;
  }
  return newest;
}
