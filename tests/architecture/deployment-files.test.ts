// Goal: what docs/deployment.md hands out is what the processes need. There is no Docker engine here, so Dockerfile, compose.yml, Procfile and
// render.yaml are read: each file they name exists and reaches the image, each package the image's processes import is one that is installed
// there, each variable is one that the app reads, and with what each process is given it would start.
import { access, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join, matchesGlob } from "node:path";

import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { readEnvironment } from "#app/config/read-environment.ts";
import { ROOT } from "#tests/setup/e2e/app-process.ts";

const read = (path: string) => readFile(join(ROOT, path), "utf8");
const exists = (path: string) => access(join(ROOT, path)).then(() => true, () => false);

interface Instruction {
  readonly name: string;
  readonly words: string;
}
interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The instructions of a Dockerfile, stage by stage. */
function readStages(text: string): Stage[] {
  const instructions = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line): Instruction[] => {
      const [, name, words] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      return name === undefined || words === undefined ? [] : [{ name, words: words.trim() }];
    });
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    const [, from, name] = instruction.name === "FROM" ? (/^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.words) ?? []) : [];
    if (from !== undefined) stages.push({ from, name: name ?? String(stages.length), instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** Paths that a stage copies from the checkout. */
function copied({ instructions }: Stage): string[] {
  return instructions.flatMap(({ name, words }) => (name === "COPY" && !words.startsWith("--from") ? words.split(/\s+/).slice(0, -1) : []));
}

/** As Docker does: the last pattern that matches decides. */
function isIgnored(patterns: readonly string[], path: string): boolean {
  let ignored = false;
  for (const pattern of patterns) {
    const plain = pattern.replace(/^!/, "");
    // Docker's `*` also means names that begin with a dot.
    if (plain === "*" || matchesGlob(path, plain) || matchesGlob(path, `${plain}/**`)) ignored = !pattern.startsWith("!");
  }
  return ignored;
}

const dockerfile = readStages(await read("Dockerfile"));
const ignorePatterns = (await read(".dockerignore")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const { scripts, dependencies } = JSON.parse(await read("package.json")) as { scripts: Record<string, string>; dependencies: Record<string, string> };
const run = dockerfile.at(-1);
const instruction = (name: string) => run?.instructions.findLast((one) => one.name === name)?.words;
const example = new Set([...(await read(".env.example")).matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
/** Shell words of a command, without `npm run` between. */
const programOf = (command: string | readonly string[]) => {
  const words = typeof command === "string" ? command.split(" ") : command;
  return words[0] === "npm" && words[1] === "run" ? (scripts[words[2] ?? ""] ?? "no such script").split(" ") : words;
};

describe("the image", () => {
  it("copies what exists and is not ignored, from stages that exist", async () => {
    expect(dockerfile.map(({ name }) => name)).toEqual(["base", "build", "packages", "run"]);
    for (const stage of dockerfile) {
      for (const path of copied(stage)) expect([stage.name, path, await exists(path), isIgnored(ignorePatterns, path)]).toEqual([stage.name, path, true, false]);
      for (const { words } of stage.instructions.filter(({ name, words: said }) => name === "COPY" && said.startsWith("--from"))) {
        expect(dockerfile.map(({ name }) => name)).toContain(/^--from=(\S+)/.exec(words)?.[1]);
      }
    }
  });

  it("runs scripts that exist", () => {
    const asked = dockerfile.flatMap(({ instructions }) => instructions.flatMap(({ words }) => [...words.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? "")));
    expect(asked).toEqual(["build", "setup"]);
    expect(asked.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  it("takes no secrets, no tests and nothing made on the builder's machine", () => {
    for (const path of [".env", ".env.production", "app/.env", "app/config/read-environment.test.ts", "node_modules/pg/package.json", "build/server/index.js", ".git/config", ".holdfast/x", "tests/setup/house.ts"]) {
      expect([path, isIgnored(ignorePatterns, path)]).toEqual([path, true]);
    }
    const written = dockerfile.flatMap(({ instructions }) => instructions.filter(({ name }) => name === "ENV" || name === "ARG").map(({ words }) => words)).join(" ");
    expect(written).not.toMatch(/SECRET|TOKEN|PASSWORD|_KEY/);
  });

  it("runs as somebody who is not root, starts Node without a shell between, and tells its health", () => {
    expect(instruction("USER")).toBe("node");
    expect(JSON.parse(instruction("CMD") ?? "")).toEqual(scripts["web"]?.split(" "));
    expect(instruction("HEALTHCHECK")).toMatch(/CMD \["node", "cli\/check-health\.ts"\]$/);
    expect(instruction("ENV")).toContain("NODE_ENV=production");
    // Node strips no types below a folder of this name.
    expect(dockerfile.flatMap(({ instructions }) => instructions.filter(({ name }) => name === "WORKDIR")).map(({ words }) => words)).toEqual(["/srv/holdfast"]);
  });

  it("holds every file and every package that its processes import", async () => {
    const entryPoints = ["web/main.ts", "worker/main.ts", "cli/main.ts", "cli/check-health.ts", "dev/setup-database.ts", "prisma.config.ts"];
    const { metafile } = await build({ entryPoints, absWorkingDir: ROOT, bundle: true, metafile: true, write: false, packages: "external", platform: "node", format: "esm", outdir: "nowhere", logLevel: "error" });
    const places = run === undefined ? [] : copied(run);
    const files = Object.keys(metafile.inputs);
    expect(files.length).toBeGreaterThan(200);
    expect(files.filter((file) => isIgnored(ignorePatterns, file) || !places.some((place) => file === place || file.startsWith(`${place}/`)))).toEqual([]);
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path));
    const packages = new Set(imported.filter((path) => !path.startsWith("node:") && !builtinModules.includes(path)).map((path) => path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/")));
    const removed = new Set(dockerfile.flatMap(({ instructions }) => instructions.flatMap(({ words }) => /^npm uninstall (.*)$/.exec(words)?.[1]?.split(" ") ?? [])).filter((word) => !word.startsWith("--")));
    expect([...removed].filter((name) => dependencies[name] === undefined)).toEqual([]);
    // What Vite leaves outside of the server's one file is imported by web as well.
    const leftOutside = /OUTSIDE_SERVER = \[(.*)\]/.exec(await read("vite.config.ts"))?.[1]?.match(/[^", ]+/g) ?? [];
    expect(leftOutside).toContain("@prisma/client");
    expect([...packages].filter((name) => dependencies[name] === undefined)).toEqual([]);
    expect([...packages, ...leftOutside].filter((name) => removed.has(name))).toEqual([]);
  });
});

interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly restart?: string;
  readonly healthcheck?: unknown;
  readonly build?: string;
  readonly env_file?: unknown;
}

const compose = parse(await read("compose.yml"), { merge: true }) as { services: Record<string, ComposeService>; volumes: Record<string, unknown> };
const KNOWN_KEYS = ["build", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "ports", "profiles", "restart", "stop_grace_period", "volumes"];
/** What a person fills in; the rest is given. */
const FILLED_IN = { SHOPIFY_API_KEY: "key", SHOPIFY_API_SECRET: "secret", SHOPIFY_APP_URL: "https://holdfast.example.com", ENCRYPTION_KEY: Buffer.alloc(32).toString("base64") };

describe("compose.yml", () => {
  it("says only what compose knows, of services, volumes and files that exist", async () => {
    const names = Object.keys(compose.services);
    for (const [name, service] of Object.entries(compose.services)) {
      expect([name, Object.keys(service).filter((key) => !KNOWN_KEYS.includes(key))]).toEqual([name, []]);
      const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
      expect(needed.filter((other) => !names.includes(other))).toEqual([]);
      for (const volume of service.volumes ?? []) {
        const [source = ""] = volume.split(":");
        expect([source, source.startsWith("./") ? await exists(source) : Object.hasOwn(compose.volumes, source)]).toEqual([source, true]);
      }
    }
  });

  it("starts PostgreSQL and Redis alone for a developer, on this machine only", () => {
    const alone = Object.entries(compose.services).filter(([, { profiles }]) => profiles === undefined);
    expect(alone.map(([name]) => name)).toEqual(["postgres", "redis"]);
    const open = Object.entries(compose.services).filter(([, { ports = [] }]) => ports.some((port) => !port.startsWith("127.0.0.1:")));
    expect(open.map(([name]) => name)).toEqual(["proxy"]);
  });

  it("keeps a Redis that evicts nothing and comes back with what it held", () => {
    const words = compose.services["redis"]?.command?.join(" ") ?? "";
    expect(words).toContain("--maxmemory-policy noeviction");
    expect(words).toContain("--appendonly yes");
  });

  it.each(["web", "worker"])("gives %s what it needs to start, and the time it needs to stop", async (name) => {
    const service = compose.services[name];
    expect(service?.command).toEqual(scripts[name]?.split(" "));
    expect(service?.stop_grace_period).toBe("30s");
    const variables = Object.fromEntries(Object.entries(service?.environment ?? {}).map(([key, value]) => [key, value.replaceAll(/\$\{\w+:-(\w+)\}/g, "$1")]));
    expect(Object.keys(variables).filter((key) => key !== "NODE_ENV" && !example.has(key))).toEqual([]);
    expect(readEnvironment({ ...FILLED_IN, ...variables })).toMatchObject({ kind: "ok", environment: { production: true, port: 3000, workerPort: 3001 } });
    expect(service?.depends_on).toMatchObject({ setup: { condition: "service_completed_successfully" } });
  });

  it("watches the ports on which the processes answer", async () => {
    const { scrape_configs: jobs, rule_files: rules } = parse(await read("deploy/prometheus.yml")) as { scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[]; rule_files: string[] };
    expect(jobs.flatMap(({ dns_sd_configs: found }) => found.map(({ names, port }) => `${names.join()}:${port}`))).toEqual(["web:3000", "worker:3001"]);
    expect(compose.services["prometheus"]?.volumes?.map((volume) => volume.split(":")[1])).toEqual(expect.arrayContaining(rules));
    expect(await read("deploy/Caddyfile")).toMatch(/name web\s+port 3000/);
  });
});

describe("the Procfile", () => {
  it("names the processes that the package's scripts start, and applies migrations before a release", async () => {
    const lines = (await read("Procfile")).trim().split("\n").map((line) => line.split(": "));
    expect(Object.fromEntries(lines)).toEqual({ release: "npm run setup", web: scripts["web"], worker: scripts["worker"] });
    for (const [, command = ""] of lines) expect(await exists(programOf(command).at(-1) ?? "")).toBe(true);
  });
});

interface RenderVariable {
  readonly key: string;
  readonly value?: string;
  readonly generateValue?: boolean;
  readonly sync?: boolean;
  readonly fromDatabase?: { readonly name: string };
  readonly fromService?: { readonly name: string; readonly type: string; readonly envVarKey?: string };
}
interface RenderService {
  readonly type: string;
  readonly name: string;
  readonly dockerCommand?: string;
  readonly preDeployCommand?: string;
  readonly healthCheckPath?: string;
  readonly maxShutdownDelaySeconds?: number;
  readonly maxmemoryPolicy?: string;
  readonly envVars?: readonly RenderVariable[];
}

describe("render.yaml", async () => {
  const render = parse(await read("render.yaml")) as { services: readonly RenderService[]; databases: readonly { name: string }[] };
  const of = (type: string) => render.services.find((service) => service.type === type);

  it("runs the image's own programs, migrations before each release, and leaves 30 s for a stop", async () => {
    expect([of("web")?.dockerCommand, of("worker")?.dockerCommand]).toEqual([scripts["web"], scripts["worker"]]);
    expect(await exists(programOf(of("web")?.preDeployCommand ?? "").at(-1) ?? "")).toBe(true);
    expect([of("web")?.maxShutdownDelaySeconds, of("worker")?.maxShutdownDelaySeconds]).toEqual([30, 30]);
    expect(of("web")?.healthCheckPath).toBe("/readyz");
    expect(of("keyvalue")?.maxmemoryPolicy).toBe("noeviction");
  });

  it.each(["web", "worker"])("gives %s what it needs to start, each from something that exists", (type) => {
    const made: Record<string, string> = { DATABASE_URL: "postgresql://u:p@host/holdfast", REDIS_URL: "redis://host:6379", ...FILLED_IN };
    const given = of(type)?.envVars ?? [];
    const nowhere = given.filter(({ fromDatabase, fromService }) => {
      const service = render.services.find(({ type: kind, name }) => kind === fromService?.type && name === fromService.name);
      const lacksKey = fromService?.envVarKey !== undefined && service?.envVars?.every(({ key }) => key !== fromService.envVarKey) !== false;
      return (fromDatabase !== undefined && render.databases.every(({ name }) => name !== fromDatabase.name)) || (fromService !== undefined && (service === undefined || lacksKey));
    });
    expect(nowhere).toEqual([]);
    expect(given.filter(({ key }) => key !== "NODE_ENV" && !example.has(key))).toEqual([]);
    const variables = Object.fromEntries(given.map(({ key, value }) => [key, value ?? made[key] ?? ""]));
    expect(readEnvironment(variables)).toMatchObject({ kind: "ok", environment: { production: true } });
  });

  it("seals tokens of web and worker with one key", () => {
    const key = (type: string) => of(type)?.envVars?.find((one) => one.key === "ENCRYPTION_KEY");
    expect(key("web")).toMatchObject({ generateValue: true });
    expect(key("worker")).toMatchObject({ fromService: { name: of("web")?.name, envVarKey: "ENCRYPTION_KEY" } });
  });
});
