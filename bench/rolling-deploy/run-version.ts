// One version's web and worker as processes of their own, started as an operator starts them.
import process from "node:process";
import { join } from "node:path";
import { startChild, type RunningChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { runCommand } from "#dev/services/run-command.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import type { Version } from "./old-version.ts";

export interface RunningVersion {
  readonly webPort: number;
  /** SIGTERM to both; how each ended, and after how long. */
  stop(): Promise<{ readonly endings: readonly string[]; readonly seconds: number }>;
}

export interface VersionInput {
  readonly version: Version;
  readonly env: Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly shutdown: Pick<Shutdown, "add">;
}

const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** More than either process takes by itself: who is ended here did not keep its promise. */
const STOP_LIMIT_MS = 30_000;
const NODE = ["--disable-warning=ExperimentalWarning"];

export async function runVersion({ version, env, logFolder, shutdown }: VersionInput): Promise<RunningVersion> {
  const [webPort, workerPort] = [await findFreePort(), await findFreePort()];
  const ports = { PORT: String(webPort), WORKER_PORT: String(workerPort) };
  const start = (name: "web" | "worker"): RunningChild => {
    const child = startChild({ name, command: process.execPath, args: [...NODE, `${name}/main.ts`], cwd: version.folder, env: { ...env, ...ports }, logFile: join(logFolder, `${name}-${version.name}.log`), stopTimeoutMs: STOP_LIMIT_MS });
    shutdown.add(`${name} of ${version.name}`, child.stop);
    return child;
  };
  const [web, worker] = [start("web"), start("worker")];
  await Promise.all([becomesReady(web, webPort), becomesReady(worker, workerPort)]);
  return {
    webPort,
    async stop() {
      const startedMs = performance.now();
      await Promise.all([web.stop(), worker.stop()]);
      return { endings: await Promise.all([web, worker].map(async ({ name, exited }) => `${name} ${await exited}`)), seconds: Math.round((performance.now() - startedMs) / 100) / 10 };
    },
  };
}

/** `holdfast token create` of that version. */
export async function createToken({ folder }: Version, env: Readonly<Record<string, string>>, shop: string): Promise<string> {
  const result = await runCommand(process.execPath, [...NODE, "cli/main.ts", "token", "create", "--shop", shop, "--json"], { cwd: folder, env: { ...env } });
  const line = result.output.split("\n").findLast((text) => text.startsWith("{"));
  const token = line === undefined ? undefined : (JSON.parse(line) as { token?: string }).token;
  if (result.code !== 0 || token === undefined) throw new Error(`\`holdfast token create\` failed:\n${result.output}`);
  return token;
}

async function becomesReady(child: RunningChild, port: number): Promise<void> {
  const ended = new AbortController();
  void child.exited.then((how) => ended.abort(how));
  const deadline = performance.now() + START_LIMIT_MS;
  while (!ended.signal.aborted && performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
  throw new Error(`${child.name} did not get ready (${ended.signal.aborted ? String(ended.signal.reason) : "too slow"}):\n${child.lastLines().join("\n")}`);
}
