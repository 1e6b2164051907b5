// Fetches Shopify's Admin GraphQL schema, on which the simulator runs and against which every query is checked.
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import process from "node:process";
import { runCommand } from "./run-command.ts";
import { say, SetupProblem } from "./say.ts";

const apiVersion = "2026-10";
/** Shopify ships the schema inside this npm package; installing the package would bring hundreds of megabytes with it. */
const source = "@shopify/dev-mcp@1.16.0";
const member = `package/dist/data/admin_${apiVersion}.json.gz`;

/** The path of the introspection JSON; fetched once into the ignored cache folder. */
export async function ensureAdminSchema(root = process.cwd()): Promise<string> {
  const target = join(root, ".cache", `admin_${apiVersion}.json`);
  if (await stat(target).then(() => true, () => false)) return target;
  say(`fetching Shopify's Admin schema ${apiVersion} (a 5 MB package from npm, of which one file is kept)`);
  const folder = await mkdtemp(join(tmpdir(), "holdfast-schema-"));
  try {
    const packed = await npm(["pack", source, "--pack-destination", folder, "--json", "--loglevel", "error"], root);
    const archive = /[\w.-]+\.tgz/.exec(packed.output)?.[0];
    if (packed.code !== 0 || archive === undefined) {
      throw new SetupProblem(
        `The Admin schema could not be fetched: \`npm pack ${source}\` said\n${packed.output.trim()}\n` +
          `If this machine is offline, put the file there by hand: ${target} is ${member} of that package, unzipped.`,
      );
    }
    const unpacked = await runCommand("tar", ["-xzf", join(folder, archive), "-C", folder, member]);
    if (unpacked.code !== 0) throw new SetupProblem(`\`tar\` could not unpack ${archive}: ${unpacked.output.trim()}`);
    const json = gunzipSync(await readFile(join(folder, member)));
    await mkdir(join(root, ".cache"), { recursive: true });
    // Written beside and renamed, so that a run that was cut off leaves no half file behind.
    const half = `${target}.${process.pid}`;
    await writeFile(half, json);
    await rename(half, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function npm(args: string[], cwd: string) {
  const own = process.env.npm_execpath;
  if (own !== undefined && own.endsWith("npm-cli.js")) return await runCommand(process.execPath, [own, ...args], { cwd });
  return await runCommand("npm", args, { cwd });
}
