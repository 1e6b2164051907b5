// Fetches Shopify's Admin schema, on which the simulator runs: one file out of a package on npm.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

/** Installing the package would bring hundreds of megabytes with it. */
const SOURCE = "@shopify/dev-mcp@1.16.0";
const API_VERSION = "2026-10";
const MEMBER = `package/dist/data/admin_${API_VERSION}.json.gz`;

const target = process.argv[2] ?? join(".cache", `admin_${API_VERSION}.json`);
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "simulator-schema-"));
try {
  const { stdout } = await run("npm", ["pack", SOURCE, "--pack-destination", folder, "--silent"]);
  await run("tar", ["-xzf", join(folder, stdout.trim().split("\n").at(-1) ?? ""), "-C", folder, MEMBER]);
  await mkdir(dirname(target), { recursive: true });
  // Written beside and renamed: a run that is cut off leaves no half file.
  await writeFile(`${target}.part`, gunzipSync(await readFile(join(folder, MEMBER))));
  await rename(`${target}.part`, target);
  process.stdout.write(`schema: ${target}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
