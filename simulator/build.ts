// Makes the package's dist/: every module without its types, because Node strips none below node_modules. Nothing is bundled or compiled.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const source = dirname(fileURLToPath(import.meta.url));
const target = join(source, "dist");
const { bin } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { bin: Record<string, string> };
const programs = new Set(Object.values(bin).map((path) => path.replace(/^\.\/dist\//, "")));
/** What the admin page loads is stripped when it is asked for, and so stays as it is. */
const SERVED = /^admin-frame\/client\//;
const LEFT_OUT = /\.test\.ts$|^build\.ts$|^testing\/|^(?:dist|node_modules)\//;
const SPECIFIER = /((?:from|import)\s*\(?\s*")(\.{1,2}\/[^"]*)\.ts"/g;

await rm(target, { recursive: true, force: true });
let count = 0;
for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name).slice(source.length + 1).replaceAll("\\", "/");
  if (LEFT_OUT.test(path)) continue;
  const served = SERVED.test(path);
  if (!served && !path.endsWith(".ts") && path !== "fidelity.json") continue;
  const to = join(target, served ? path : path.replace(/\.ts$/, ".js"));
  await mkdir(dirname(to), { recursive: true });
  if (served || path === "fidelity.json") await copyFile(join(source, path), to);
  else await writeFile(to, withoutTypes(await readFile(join(source, path), "utf8"), path.replace(/\.ts$/, ".js")));
  count += 1;
}
process.stdout.write(`dist: ${count} files\n`);

function withoutTypes(text: string, path: string): string {
  const module = stripTypeScriptTypes(text, { mode: "strip" }).replace(SPECIFIER, '$1$2.js"');
  return programs.has(path) ? `#!/usr/bin/env node\n${module}` : module;
}
