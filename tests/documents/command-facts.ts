// What commands in the documents are held to: npm's scripts, the operator's command by its own --help, benchmarks by their own --list, routes by their files.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { parse } from "yaml";

import { ROOT } from "./read-documents.ts";

const run = promisify(execFile);
/** Routes that answer whatever nobody else does with 404. */
const SAYS_NO = /\/(api\.v1|app)\.\$\.tsx?$/;

export interface CommandFacts {
  readonly tree: ReadonlySet<string>;
  /** Of each folder with a package.json, the root's being "": script's name to what it runs. */
  readonly packages: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Command's name to the flags that it takes. */
  readonly operator: ReadonlyMap<string, ReadonlySet<string>>;
  readonly benches: ReadonlyMap<string, ReadonlySet<string>>;
  /** Programs that `npx` finds. */
  readonly programs: ReadonlySet<string>;
  readonly composeServices: ReadonlySet<string>;
  readonly composeProfiles: ReadonlySet<string>;
  /** Paths that web, worker or the simulator answer. */
  readonly routes: readonly RegExp[];
  /** Source of a file that a script runs, for the flags named in it. */
  sourceOf(file: string): Promise<string>;
}

export async function gatherCommandFacts(tree: ReadonlySet<string>): Promise<CommandFacts> {
  const [packages, help, list, programs, compose, simulated] = await Promise.all([
    packagesOf(tree),
    run(process.execPath, ["cli/main.ts", "--help"], { cwd: ROOT }),
    run(process.execPath, ["dev/bench.ts", "--list"], { cwd: ROOT }),
    readdir(join(ROOT, "node_modules", ".bin")),
    readFile(join(ROOT, "compose.yml"), "utf8"),
    simulatedPaths(tree),
  ]);
  const services = (parse(compose) as { services: Record<string, { profiles?: string[] }> }).services;
  return {
    tree,
    packages,
    operator: operatorOf(help.stdout),
    benches: benchesOf(list.stdout),
    programs: new Set(programs),
    composeServices: new Set(Object.keys(services)),
    composeProfiles: new Set(Object.values(services).flatMap(({ profiles = [] }) => profiles)),
    routes: [...[...tree].filter((path) => path.startsWith("app/routes/") && !SAYS_NO.test(path)).map(webPath), ...simulated].map(asPattern),
    sourceOf: (file) => readFile(join(ROOT, file), "utf8"),
  };
}

async function packagesOf(tree: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const files = [...tree].filter((path) => path === "package.json" || path.endsWith("/package.json"));
  const found = files.map(async (file) => {
    const { scripts = {} } = JSON.parse(await readFile(join(ROOT, file), "utf8")) as { scripts?: Record<string, string> };
    return [file.replace(/\/?package\.json$/, ""), new Map(Object.entries(scripts))] as const;
  });
  return new Map(await Promise.all(found));
}

const flagsIn = (text: string): ReadonlySet<string> => new Set(text.match(/--[a-z][a-z-]*/g) ?? []);

/** Lines of the help: two spaces, the command's one or two words, its options, what it does. */
export function operatorOf(help: string): ReadonlyMap<string, ReadonlySet<string>> {
  const lines = [...help.matchAll(/^ {2}([a-z]+(?: [a-z][a-z-]*)?)(?= |$)(.*)$/gm)];
  // A command of one word without options is followed by spaces and then by what it does.
  return new Map(lines.map(([, name = "", rest = ""]) => [name, new Set([...flagsIn(rest), "--json", "--help"])]));
}

function benchesOf(list: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const part of list.split(/^(?=[a-z-]+: )/m)) {
    const name = /^([a-z-]+): /.exec(part)?.[1];
    if (name !== undefined) found.set(name, new Set([...flagsIn(part), "--yes"]));
  }
  return found;
}

/** Remix's file names: dots part segments, `$name` is any, `_index` none, `_` at a segment's end only unnests, brackets escape. */
function webPath(file: string): string {
  const name = file.replace("app/routes/", "").replace(/\/.*$/, "").replace(/\.tsx?$/, "");
  const escaped: string[] = [];
  const bare = name.replaceAll(/\[([^\]]*)\]/g, (_, kept: string) => `‹${escaped.push(kept) - 1}›`);
  const segments = bare.split(".").filter((segment) => segment !== "_index").map((segment) => segment.replace(/_$/, "").replaceAll(/‹(\d+)›/g, (_, index: string) => escaped[Number(index)] ?? ""));
  return `/${segments.map((segment) => (segment === "$" ? "*" : segment.startsWith("$") ? ":any" : segment)).join("/")}`;
}

async function simulatedPaths(tree: ReadonlySet<string>): Promise<string[]> {
  const files = [...tree].filter((path) => path.startsWith("simulator/") && path.endsWith(".ts") && !path.endsWith(".test.ts"));
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/\.(?:get|post|put|delete)\(\s*[`"](\/[^`"]*)[`"]/g)].map(([, path = ""]) => path.replaceAll(/\$\{[^}]*\}/g, ":any")));
}

function asPattern(path: string): RegExp {
  const source = path.split("/").map((segment) => (segment === "*" ? ".*" : segment.startsWith(":") ? "[^/]+" : segment.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${source.join("/")}/?$`);
}
