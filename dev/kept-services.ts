// PostgreSQL and Redis for `shopify app dev`: started once in the background, shared by web and worker, found again by the next start.
import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Client } from "pg";
import { say, SetupProblem } from "./services/say.ts";
import { isAlive } from "./services/is-alive.ts";

export interface KeptServices {
  /** The process that keeps them. */
  pid: number;
  databaseUrl: string;
  redisUrl: string;
}

/** Embedded PostgreSQL starts in about 2 s here, a first installation of Redis may take a minute. */
const startLimitMs = 180_000;
const lookEveryMs = 200;

export function keptServicesFile(root: string): string {
  return join(root, ".holdfast", "dev-services.json");
}

/** Web and worker prepare at the same time: whoever comes second waits for the first one's services. */
export async function ensureKeptServices(root: string): Promise<KeptServices> {
  await mkdir(join(root, ".holdfast", "logs"), { recursive: true });
  const running = await findKeptServices(root);
  if (running !== null) return say("using the PostgreSQL and Redis that are running already"), running;
  const logFile = join(root, ".holdfast", "logs", "dev-services.log");
  const log = await open(logFile, "a");
  say("starting PostgreSQL and Redis in the background");
  const keeper = spawn(process.execPath, [join(import.meta.dirname, "keep-services.ts")], { cwd: root, detached: true, stdio: ["ignore", log.fd, log.fd] });
  keeper.unref();
  let ended = false;
  keeper.once("exit", () => (ended = true));
  keeper.once("error", () => (ended = true));
  try {
    const deadline = performance.now() + startLimitMs;
    while (performance.now() < deadline) {
      const found = await findKeptServices(root);
      if (found !== null) return found;
      if (ended) break;
      await new Promise((wake) => setTimeout(wake, lookEveryMs));
    }
  } finally {
    await log.close();
  }
  const said = (await readFile(logFile, "utf8").catch(() => "")).trim().split("\n").slice(-10).join("\n");
  throw new SetupProblem(`PostgreSQL and Redis did not start:\n${said}\nSet DATABASE_URL and REDIS_URL in .env to use your own.`);
}

/** Null when there are none, or when what is written down no longer answers. */
export async function findKeptServices(root: string): Promise<KeptServices | null> {
  const text = await readFile(keptServicesFile(root), "utf8").catch(() => null);
  if (text === null) return null;
  const services: KeptServices = JSON.parse(text);
  if (isAlive(services.pid) && (await countSessions(services.databaseUrl)) !== null) return services;
  await rm(keptServicesFile(root), { force: true });
  return null;
}

export async function writeKeptServices(root: string, services: KeptServices): Promise<void> {
  await writeFile(keptServicesFile(root), JSON.stringify(services), { mode: 0o600 });
}

/** Connections of anybody but this look itself; null when PostgreSQL does not answer. */
export async function countSessions(databaseUrl: string): Promise<number | null> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const counted = await client.query<{ count: number }>("SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
    return counted.rows[0]?.count ?? 0;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
