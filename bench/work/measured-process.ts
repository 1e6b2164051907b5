// One real web or worker process of a benchmark: started as an operator starts it, ready when it says so, and what it has used.
import { join } from "node:path";
import process from "node:process";
import { type RunningChild, startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { nodeArgs } from "#dev/services/node-args.ts";
import { type ProcessFigures, processFigures } from "../measure/process-figures.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const READY_MS_MAX = 60_000;
const READY_POLL_MS = 50;

export interface MeasuredProcess {
  readonly name: string;
  readonly pid: number;
  /** Where it answers: pages and webhooks of web, health of a worker. */
  readonly origin: string;
  usage(): Promise<ProcessFigures>;
  stop(): Promise<void>;
}

export interface MeasuredProcessOptions {
  readonly service: "web" | "worker";
  readonly env: Readonly<Record<string, string>>;
  /** An empty folder, so that no .env is read. */
  readonly folder: string;
  /** Of Node itself: `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
}

export async function startMeasuredProcess({ service, env, folder, nodeOptions = [], port: given }: MeasuredProcessOptions): Promise<MeasuredProcess> {
  const port = given ?? (await findFreePort());
  const child = startChild({
    name: service,
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", ...nodeOptions, ...nodeArgs(service)],
    cwd: service === "web" ? ROOT : folder,
    stopTimeoutMs: 40_000,
    env: { ...env, ...(service === "web" ? { PORT: String(port) } : { PORT: "1", WORKER_PORT: String(port) }) },
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(child, `${origin}/readyz`);
  return {
    name: service,
    pid: child.pid,
    origin,
    async usage() {
      const figures = await processFigures(child.pid);
      if (figures === null) throw new Error(`what ${service} uses cannot be read:\n${child.lastLines().slice(-5).join("\n")}`);
      return figures;
    },
    stop: child.stop,
  };
}

async function untilReady(child: RunningChild, url: string): Promise<void> {
  const until = performance.now() + READY_MS_MAX;
  let ended: string | null = null;
  void child.exited.then((how) => (ended = how));
  for (;;) {
    if (await fetch(url).then((response) => response.ok, () => false)) return;
    if (ended !== null || performance.now() > until) throw new Error(`${child.name} is not ready (${ended ?? "it runs"}):\n${child.lastLines().slice(-5).join("\n")}`);
    await new Promise((wake) => setTimeout(wake, READY_POLL_MS));
  }
}
