// Starts the demo's processes, each a child with its own log file: the simulated Shopify, web and worker.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { startChild } from "../services/child-process.ts";
import type { RunningChild } from "../services/child-process.ts";
import { findFreePort } from "../services/free-port.ts";
import { nodeArgs } from "../services/node-args.ts";
import { runCommand } from "../services/run-command.ts";
import { say, SetupProblem } from "../services/say.ts";
import type { Shutdown } from "../services/shutdown.ts";
import type { Services } from "../services/start-services.ts";
import type { Identity, Manifest } from "./demo-settings.ts";

export type DemoFrame = { root: string; shutdown: Shutdown; identity: Identity; manifest: Manifest };

const startLimitMs = 60_000;
const pollMs = 100;
/** Handles of extensions/, which Shopify knows once the app is deployed. */
const FLOW_TRIGGERS = "holdfast-oversell-opened";

export async function startSimulatorProcess(frame: DemoFrame, options: { schema: string; appUrl: string; seed: number; links?: readonly string[] }): Promise<{ origin: string; child: RunningChild }> {
  const { root, identity, manifest } = frame;
  const port = await findFreePort();
  const folder = join(root, ".holdfast", `run-${process.pid}`);
  await mkdir(folder, { recursive: true });
  frame.shutdown.add("run folder", async () => await rm(folder, { recursive: true, force: true }));
  const subscriptions = join(folder, "subscriptions.json");
  await writeFile(subscriptions, JSON.stringify(manifest.subscriptions));
  const flags = { port: String(port), "app-url": options.appUrl, schema: options.schema, seed: String(options.seed), subscriptions, "flow-triggers": FLOW_TRIGGERS };
  await rm(logFileOf(frame, "simulator"), { force: true });
  const child = await startNode(frame, "simulator", ["simulator/main.ts", ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]), ...(options.links ?? []).flatMap((link) => ["--link", link])], {
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: identity.apiSecret,
    SCOPES: manifest.scopes.join(","),
    OPTIONAL_SCOPES: manifest.optionalScopes.join(","),
  });
  const origin = `http://127.0.0.1:${port}`;
  await answers(child, `${origin}/sim/shops`);
  return { origin, child };
}

/** A process that may be struck; `current` is the one that runs now. */
export type AppProcess = { current: RunningChild; killAndRestart(): Promise<void> };
export type AppProcesses = { url: string; workerUrl: string; env: Record<string, string>; web: AppProcess; worker: AppProcess };

/** Web's address must be known to the simulator before web starts, so its port is chosen by the caller. */
export async function startApp(frame: DemoFrame, options: { services: Services; simulatorOrigin: string; port: number }): Promise<AppProcesses> {
  const { identity, manifest } = frame;
  const workerPort = await findFreePort();
  const url = `http://127.0.0.1:${options.port}`;
  const env = {
    NODE_ENV: "production",
    DATABASE_URL: options.services.databaseUrl,
    REDIS_URL: options.services.redisUrl,
    PORT: String(options.port),
    WORKER_PORT: String(workerPort),
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: identity.apiSecret,
    SHOPIFY_APP_URL: url,
    SCOPES: manifest.scopes.join(","),
    ENCRYPTION_KEY: identity.encryptionKey,
    SHOPIFY_ORIGIN_OVERRIDE: options.simulatorOrigin,
    ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${options.simulatorOrigin}/app-bridge.js`,
    // The verdict reads the whole ledger page by page, as fast as it is answered.
    API_RATE_LIMIT: "0",
  };
  const workerUrl = `http://127.0.0.1:${workerPort}`;
  const [web, worker] = await Promise.all([
    startAppProcess(frame, { name: "web", args: nodeArgs("web"), env, healthUrl: `${url}/healthz`, readyUrl: `${url}/readyz` }),
    startAppProcess(frame, { name: "worker", args: nodeArgs("worker"), env, healthUrl: `${workerUrl}/healthz`, readyUrl: `${workerUrl}/readyz` }),
  ]);
  return { url, workerUrl, env, web, worker };
}

export type AppProcessOptions = { name: string; args: string[]; env: Record<string, string>; healthUrl: string; readyUrl: string };

/** One process that may be struck, up and answering at `readyUrl`. */
export async function startAppProcess(frame: DemoFrame, { name, args, env, healthUrl, readyUrl }: AppProcessOptions): Promise<AppProcess> {
  const start = async () => {
    const child = await startNode(frame, name, args, env);
    void endWith(child, frame.shutdown, () => struck.has(child.pid));
    return child;
  };
  const struck = new Set<number>();
  await rm(logFileOf(frame, name), { force: true });
  const running: AppProcess = {
    current: await start(),
    async killAndRestart() {
      const { current } = running;
      struck.add(current.pid);
      process.kill(current.pid, "SIGKILL");
      await current.exited;
      running.current = await start();
      // Alive, not ready: what it stands on may be struck at the same time.
      await answers(running.current, healthUrl);
    },
  };
  await answers(running.current, readyUrl);
  return running;
}

/** A process that ends by itself takes the demo with it: half a house would only mislead. */
export async function endWith(child: RunningChild, shutdown: Shutdown, isMeant: () => boolean = () => false): Promise<void> {
  const how = await child.exited;
  if (shutdown.signal.aborted || isMeant()) return;
  say(`${child.name} ${how}; its last lines:\n${child.lastLines().slice(-10).join("\n")}`);
  process.kill(process.pid, "SIGTERM");
}

/** `holdfast token create`, as an operator runs it. */
export async function createToken(root: string, env: Record<string, string>, shop: string): Promise<string> {
  const result = await runCommand(process.execPath, ["cli/main.ts", "token", "create", "--shop", shop, "--json"], { cwd: root, env });
  const line = result.output.split("\n").findLast((text) => text.startsWith("{"));
  const token = line === undefined ? undefined : (JSON.parse(line) as { token?: string }).token;
  if (result.code !== 0 || token === undefined) throw new Error(`\`holdfast token create\` failed:\n${result.output}`);
  return token;
}

async function startNode(frame: DemoFrame, name: string, args: string[], env: Record<string, string>): Promise<RunningChild> {
  say(`starting ${name}`);
  const child = startChild({ name, command: process.execPath, args: ["--disable-warning=ExperimentalWarning", ...args], cwd: frame.root, env, logFile: logFileOf(frame, name) });
  frame.shutdown.add(name, child.stop);
  return child;
}

function logFileOf({ root }: DemoFrame, name: string): string {
  return join(root, ".holdfast", "logs", `${name}.log`);
}

/** Until it answers 200, or ends, or takes too long. */
async function answers(child: RunningChild, url: string): Promise<void> {
  const ended = new AbortController();
  void child.exited.then((how) => ended.abort(how));
  const deadline = performance.now() + startLimitMs;
  let last = "no answer";
  while (!ended.signal.aborted && performance.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => void (last = String(error)));
    await response?.arrayBuffer().catch(() => undefined);
    if (response?.status === 200) return;
    if (response !== undefined) last = `status ${response.status}`;
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
  const how = ended.signal.aborted ? String(ended.signal.reason) : `${new URL(url).pathname}: ${last}`;
  throw new SetupProblem(`${child.name} did not start (${how}):\n${child.lastLines().join("\n")}\nIts whole log is .holdfast/logs/${child.name}.log`);
}
