// Runs the Prisma CLI for the commands: the generated client and the migrations, without a native engine.
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Client } from "pg";
import { runCommand } from "./run-command.ts";
import { say, SetupProblem } from "./say.ts";

const engine = { PRISMA_CLIENT_ENGINE_TYPE: "client", PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" };

/** Generates the client when the schema differs from the one it was last generated from. */
export async function generateClient(root = process.cwd()): Promise<void> {
  const schema = await readFile(join(root, "prisma", "schema.prisma"), "utf8").catch(() => undefined);
  if (schema === undefined) throw new SetupProblem("prisma/schema.prisma is missing; is this a complete clone?");
  const hash = createHash("sha256").update(schema).digest("hex");
  const client = join(root, "node_modules", ".prisma", "client");
  const mark = join(client, "holdfast-schema-hash");
  const known = await readFile(mark, "utf8").catch(() => undefined);
  if (known === hash && (await stat(join(client, "index.js")).then(() => true, () => false))) return;
  say("generating the Prisma client");
  await prisma(["generate", "--no-hints"], root, {});
  await writeFile(mark, hash);
}

/** The key under which Prisma's own engines keep two migrations of one database apart. */
const migrationLockKey = 72707369;

/**
 * Applies the migrations that `databaseUrl` does not have yet; safe to repeat, and to run from several machines.
 * The lock is taken here and Prisma's is switched off: the WASM engine's lock leaves a ten-second timer behind, which
 * the command would sit out after its work is done.
 */
export async function deployMigrations(databaseUrl: string, root = process.cwd()): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect().catch((error: unknown) => {
    throw new SetupProblem(`The database of DATABASE_URL does not answer: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLockKey]);
    await prisma(["migrate", "deploy"], root, { DATABASE_URL: databaseUrl, PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK: "1" });
  } finally {
    await client.end();
  }
}

async function prisma(args: string[], cwd: string, env: Record<string, string>): Promise<void> {
  const cli = join(cwd, "node_modules", "prisma", "build", "index.js");
  const result = await runCommand(process.execPath, [cli, ...args], { cwd, env: { ...engine, ...env } });
  if (result.code !== 0) throw new SetupProblem(`\`prisma ${args.join(" ")}\` failed:\n${result.output.trim()}`);
}
