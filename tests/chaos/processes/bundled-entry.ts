// The programs as one file each: a run starts some seven hundred processes, and finding 1,600 modules costs a process more than all its work.
//
// The code is the same that `node worker/main.ts` runs; that one is started by tests/integration/processes.test.ts and by every end-to-end test.
import { mkdir, rename } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { build, type Plugin } from "esbuild";

import type { Service } from "#app/composition.server.ts";
import { ROOT } from "#tests/setup/e2e/app-process.ts";

const FOLDER = join(".holdfast", "bundles");
/** First what watches the steps: it wires the process before the program asks for its wiring. The web server has a build of its own, to which it is preloaded. */
const WATCHED = "tests/chaos/processes/strike.ts";
const IMPORTS: Readonly<Record<Service, readonly string[]>> = { web: [WATCHED], worker: [WATCHED, "worker/main.ts"], cli: [WATCHED, "cli/main.ts"] };
/** They look for files beside their own. */
const EXTERNAL = ["@prisma/client", ".prisma", "pg-native", "msgpackr-extract", "pino"];
/** What CommonJS modules expect to find. */
const BANNER = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url); const __dirname = import.meta.dirname, __filename = import.meta.filename;`;
/** An import of one of Node's own modules reads all that it exports, and what loads itself when it is read: of node:http alone 50 ms. */
const BUILT_IN: Plugin = {
  name: "built-in modules, read as they are needed",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z:_/]+$/ }, ({ path, kind }) => {
      const isBuiltIn = kind === "import-statement" && builtinModules.includes(path.replace(/^node:/, ""));
      return isBuiltIn ? { path, namespace: "built-in" } : null;
    });
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`, loader: "js" }));
  },
};

const bundled = new Map<Service, Promise<string>>();

/** @returns the path, relative to the project, of one file with everything that the process is to run. */
export function bundledEntry(service: Service): Promise<string> {
  const path = bundled.get(service) ?? bundle(service);
  bundled.set(service, path);
  return path;
}

async function bundle(service: Service): Promise<string> {
  const path = join(FOLDER, `${service}.mjs`);
  // Two files of tests may do this at the same time: each writes its own and puts it, whole, in the one place.
  const own = `${path}.${process.pid}.tmp`;
  await mkdir(join(ROOT, FOLDER), { recursive: true });
  await build({
    stdin: { contents: IMPORTS[service].map((name) => `import "./${name}";`).join("\n"), resolveDir: ROOT, sourcefile: `${service}.ts` },
    outfile: join(ROOT, own),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    external: EXTERNAL,
    plugins: [BUILT_IN],
    // Names stay, for traces that can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: BANNER },
    logLevel: "error",
    absWorkingDir: ROOT,
  });
  await rename(join(ROOT, own), join(ROOT, path));
  return path;
}
