// The simulator as a package of its own: taken out of this repository, with its declared dependencies and nothing else, it starts and answers.
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const HOME = resolve("simulator");
const SCHEMA = resolve(".cache/admin_2026-10.json");
const manifest = JSON.parse(await readFile(join(HOME, "package.json"), "utf8")) as { name: string; license: string; dependencies: Record<string, string>; peerDependencies: Record<string, string>; exports: Record<string, string>; bin: Record<string, string> };
const root = JSON.parse(await readFile("package.json", "utf8")) as { license: string; dependencies: Record<string, string>; devDependencies: Record<string, string> };

let folder: string;
let copy: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulator-package-"));
  copy = join(folder, "copy");
  await cp(HOME, copy, { recursive: true, filter: (path) => !path.endsWith("/dist") && !path.endsWith("/node_modules") });
  await linkDependencies(join(copy, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function linkDependencies(modules: string): Promise<void> {
  await mkdir(modules, { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) await symlink(resolve("node_modules", name), join(modules, name));
}

/** Only what a stranger's machine would have: no NODE_OPTIONS, no paths of this repository. */
const env = { NODE_ENV: "production" as const, PATH: process.env["PATH"] ?? "", SIM_SCHEMA: SCHEMA };

async function originOf(args: string[], cwd: string, more: Record<string, string> = {}): Promise<{ origin: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, args, { cwd, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const origin = await new Promise<string>((found, failed) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const match = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk.toString());
      if (match) found(match[0]);
    });
    child.once("exit", (code) => failed(new Error(`ended with ${code}: ${errors}`)));
  });
  return {
    origin,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const makeShop = async (origin: string) =>
  (await (await fetch(`${origin}/sim/shops`, { method: "POST", body: JSON.stringify({ shop: "stranger.myshopify.com" }) })).json()) as { shop: string };

describe("the package", () => {
  it("declares every module it imports, in the versions and under the licence of the project", async () => {
    const files = (await readdir(HOME, { recursive: true })).filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("testing/"));
    const imported = new Set<string>();
    for (const file of files) {
      for (const match of (await readFile(join(HOME, file), "utf8")).matchAll(/^(?:import|export)\b.* from "([^".][^"]*)";$|^import "([^".][^"]*)";$/gm)) imported.add(match[1] ?? match[2] ?? "");
    }
    const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    expect(imported).toContain("graphql");
    expect([...imported].filter((name) => !name.startsWith("node:") && !declared.has(name))).toEqual([]);
    for (const [name, range] of Object.entries(manifest.dependencies)) expect([name, range]).toEqual([name, root.dependencies[name] ?? root.devDependencies[name]]);
    expect(manifest.license).toBe(root.license);
  });

  it("starts from a copy of its folder and answers", async () => {
    const { origin, stop } = await originOf(["main.ts"], copy);
    expect(await makeShop(origin)).toMatchObject({ shop: "stranger.myshopify.com", plan: "standard" });
    expect((await fetch(origin)).headers.get("content-type")).toContain("text/html");
    await stop();
  }, 30_000);

  it("is built without types, installed and used by another program", async () => {
    await run(process.execPath, ["build.ts"], { cwd: copy, env });
    const consumer = join(folder, "consumer");
    const installed = join(consumer, "node_modules", manifest.name);
    await linkDependencies(join(consumer, "node_modules"));
    await mkdir(installed, { recursive: true });
    await cp(join(copy, "package.json"), join(installed, "package.json"));
    await rename(join(copy, "dist"), join(installed, "dist"));
    for (const path of [...Object.values(manifest.exports), ...Object.values(manifest.bin)]) await readFile(join(installed, path));
    await writeFile(
      join(consumer, "use.mjs"),
      `import { startSimulator } from "${manifest.name}";
       const simulator = await startSimulator({ apiKey: "k", apiSecret: "s", scopes: ["read_products"], optionalScopes: [], schemaPath: process.env.SIM_SCHEMA });
       console.log(simulator.origin);
       process.once("SIGTERM", () => simulator.close().then(() => process.exit(0)));`,
    );
    const { origin, stop } = await originOf(["use.mjs"], consumer);
    expect(await makeShop(origin)).toMatchObject({ shop: "stranger.myshopify.com" });
    expect((await fetch(`${origin}/app-bridge.js`)).status).toBe(200);
    await stop();
    const { stdout } = await run(process.execPath, [join(installed, "dist/probe/main.js"), "--shop", "stranger.myshopify.com", "--dry-run"], { cwd: consumer, env });
    expect(stdout).toContain("key-honoured");
  }, 30_000);
});
