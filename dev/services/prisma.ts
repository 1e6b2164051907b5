// Runs the Prisma CLI for the commands: the generated client and the migrations, without a native engine.
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
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

/** Applies the migrations that `databaseUrl` does not have yet; safe to repeat, and to run from several machines. */
export async function deployMigrations(databaseUrl: string, root = process.cwd()): Promise<void> {
  await prisma(["migrate", "deploy"], root, { DATABASE_URL: databaseUrl });
}

async function prisma(args: string[], cwd: string, env: Record<string, string>): Promise<void> {
  const cli = join(cwd, "node_modules", "prisma", "build", "index.js");
  const result = await runCommand(process.execPath, [cli, ...args], { cwd, env: { ...engine, ...env } });
  if (result.code !== 0) throw new SetupProblem(`\`prisma ${args.join(" ")}\` failed:\n${result.output.trim()}`);
}
