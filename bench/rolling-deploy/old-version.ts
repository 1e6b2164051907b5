// An earlier version of Holdfast, ready to run: its files as they were committed, its own build, the packages of this checkout.
import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ensureBuild } from "#dev/services/app-build.ts";
import { runCommand } from "#dev/services/run-command.ts";
import { say, SetupProblem } from "#dev/services/say.ts";

export interface Version {
  readonly folder: string;
  /** The commit, shortened. */
  readonly name: string;
}

const PROCESS_MANIFESTS = ["shopify.web.toml", "worker/shopify.web.toml"];

/** @param ref a commit; undefined: the newest one before the last migration, so that the schema changes under the old version. */
export async function prepareOldVersion(root: string, ref: string | undefined): Promise<Version> {
  const commit = await git(root, "rev-parse", "--short=12", `${ref ?? `${await git(root, "log", "-1", "--format=%H", "--", "prisma/migrations")}^`}^{commit}`);
  const folder = join(root, ".holdfast", "versions", commit);
  if (!existsSync(join(folder, "package.json"))) {
    say(`taking out version ${commit}`);
    const archive = `${folder}.tar`;
    await mkdir(folder, { recursive: true });
    await git(root, "archive", `--output=${archive}`, commit);
    const unpacked = await runCommand("tar", ["-xf", archive, "-C", folder]);
    if (unpacked.code !== 0) throw new SetupProblem(`version ${commit} could not be unpacked:\n${unpacked.output.trim()}`);
    await rm(archive);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  }
  // Shopify's CLI finds these wherever they lie below the project, and builds no app that has its processes twice.
  await Promise.all(PROCESS_MANIFESTS.map((path) => rm(join(folder, path), { force: true })));
  await ensureBuild(folder);
  return { folder, name: commit };
}

async function git(root: string, ...args: string[]): Promise<string> {
  const { code, output } = await runCommand("git", args, { cwd: root });
  if (code !== 0) throw new SetupProblem(`\`git ${args.join(" ")}\` failed; a shallow clone has no earlier version (\`git fetch --unshallow\`):\n${output.trim()}`);
  return output.trim();
}
