// Starts and ends one long-running child process (PostgreSQL, Redis, the simulator, web, worker); always ended by its pid.
import { spawn, type ChildProcess, type Serializable } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { unwatchChild, watchChild } from "./watchdog.ts";

export type ChildOptions = {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
  uid?: number;
  gid?: number;
  /** Every line of the child's output goes to this file. */
  logFile?: string;
  /** Sees each line of stdout and stderr. */
  onLine?: (line: string) => void;
  stopSignal?: NodeJS.Signals;
  /** How long the child may take to stop before it is killed. */
  stopTimeoutMs?: number;
  /** Opens a channel over which the child can be sent messages; it listens with `process.on("message")`. */
  takesMessages?: boolean;
};

export type RunningChild = {
  name: string;
  pid: number;
  /** Resolves when the process has ended, with a sentence that says how. */
  exited: Promise<string>;
  /** The last lines it wrote, for a message when it fails. */
  lastLines(): string[];
  /** Only for a child that takes messages. One to a child that has ended is lost. */
  send(message: Serializable): void;
  /** To one that has ended it does nothing. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
};

const keptLines = 40;

export function startChild(options: ChildOptions): RunningChild {
  const child: ChildProcess = spawn(options.command, options.args, {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.env },
    uid: options.uid,
    gid: options.gid,
    stdio: ["ignore", "pipe", "pipe", ...(options.takesMessages === true ? ["ipc" as const] : [])],
    // A process group of its own: Ctrl-C reaches only the command, which then stops its children in order.
    detached: true,
  });
  const lines: string[] = [];
  if (options.logFile !== undefined) mkdirSync(dirname(options.logFile), { recursive: true });
  const file = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: "a" });
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    file?.write(`${line}\n`);
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) readLines(stream, take);

  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not start: ${error.message}`));
    child.once("close", (code, signal) => resolve(signal === null ? `ended with code ${code}` : `ended by ${signal}`));
  }).then((how) => {
    if (child.pid !== undefined) unwatchChild(child.pid);
    file?.end();
    return how;
  });
  const pid = child.pid ?? -1;
  if (child.pid !== undefined) watchChild(child.pid);

  return {
    name: options.name,
    pid,
    exited,
    lastLines: () => [...lines],
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    signal: (name) => void child.kill(name),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill(options.stopSignal ?? "SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), options.stopTimeoutMs ?? 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function readLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) take(line);
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
}
