// The step before `shopify app dev` (predev in both shopify.web.toml): what the CLI does not give is made here, a key, a database, Redis.
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ownValues, withBlock, withOwnValue } from "./env-file.ts";
import { ensureKeptServices } from "./kept-services.ts";
import { deployMigrations, generateClient } from "./services/prisma.ts";
import { runTask } from "./services/run-task.ts";
import { say, SetupProblem } from "./services/say.ts";

const root = join(import.meta.dirname, "..");
const envFile = join(root, ".env");
const keyBytes = 32;
/** The other process's preparation includes the first start of the services. */
const turnLimitMs = 240_000;
const lookEveryMs = 200;

await runTask(async () => {
  // The CLI runs this in the folder of the shopify.web.toml that names it.
  process.chdir(root);
  await inTurn(prepare);
  return 0;
});

async function prepare(): Promise<void> {
  const text = await readFile(envFile, "utf8").catch(() => "");
  const own = ownValues(text);
  const given = (name: string) => process.env[name] || own.get(name);
  let next = text;
  if (!given("ENCRYPTION_KEY")) {
    say("writing a development ENCRYPTION_KEY to .env");
    next = withOwnValue(next, "ENCRYPTION_KEY", randomBytes(keyBytes).toString("base64"));
  }
  const block: Record<string, string> = {};
  const databaseUrl = given("DATABASE_URL");
  const redisUrl = given("REDIS_URL");
  const kept = databaseUrl === undefined || redisUrl === undefined ? await ensureKeptServices(root) : null;
  if (databaseUrl === undefined && kept !== null) block.DATABASE_URL = kept.databaseUrl;
  if (redisUrl === undefined && kept !== null) block.REDIS_URL = kept.redisUrl;
  next = withBlock(next, block);
  if (next !== text) await replaceFile(envFile, next);
  await generateClient(root);
  await deployMigrations(databaseUrl ?? kept?.databaseUrl ?? "", root);
}

/** Written beside and renamed: the other process never reads half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  const half = `${path}.${process.pid}`;
  await writeFile(half, text, { mode: 0o600 });
  await rename(half, path);
}

/** The CLI prepares web and worker at the same time, and both must find one key and one database. */
async function inTurn(work: () => Promise<void>): Promise<void> {
  const turn = join(root, ".holdfast", "prepare-dev.lock");
  await mkdir(join(root, ".holdfast"), { recursive: true });
  const deadline = performance.now() + turnLimitMs;
  while (!(await take(turn))) {
    if (performance.now() > deadline) throw new SetupProblem(`another preparation has not finished; if there is none, delete ${turn}`);
    await new Promise((wake) => setTimeout(wake, lookEveryMs));
  }
  try {
    await work();
  } finally {
    await rm(turn, { force: true });
  }
}

async function take(turn: string): Promise<boolean> {
  try {
    const file = await open(turn, "wx");
    await file.close();
    return true;
  } catch {
    // One that is older than any preparation takes was left behind by a killed process.
    const age = await stat(turn).then((found) => Date.now() - found.mtimeMs, () => 0);
    if (age > turnLimitMs) await rm(turn, { force: true });
    return false;
  }
}
