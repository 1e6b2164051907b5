// One process of Holdfast as an operator starts it: a child with exactly the variables it is given, and the log it wrote.
import type { Serializable } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { vi } from "vitest";
import { startChild } from "#dev/services/child-process.ts";

export const ROOT = join(import.meta.dirname, "..", "..", "..");
/** What any program needs to run; everything else in the environment of the tests stays out of the child's. */
const KEPT_VARIABLES = ["PATH", "HOME", "TMPDIR", "LANG"];
/** The app's own limit for a stop is 25 s for a turn and some more to close; only a hanging process takes longer. */
const STOP_LIMIT_MS = 40_000;
const START_LIMIT_MS = 60_000;
const POLL_MS = 50;
/** Compiled code is kept between the many starts of a run. */
const COMPILE_CACHE = join(tmpdir(), "holdfast-compile-cache");

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly text: string;
}

export interface AppProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, with a sentence that says how. */
  readonly ended: Promise<string>;
  /** Everything it wrote, each line parsed where it is JSON. */
  log(): readonly LogLine[];
  /** Resolves with the first line, written already or to come, that `isMet` holds for. Rejects when the process ends before. */
  logged(isMet: (line: LogLine) => boolean): Promise<LogLine>;
  /** Only for one that takes messages. */
  send(message: Serializable): void;
  /** To one that has ended it does nothing. */
  signal(name: NodeJS.Signals): void;
  /** Asks it to stop and waits until it has ended. Safe to repeat. */
  stop(): Promise<void>;
}

export interface AppProcessOptions {
  readonly name: string;
  /** Relative to the project, with arguments: `["worker/main.ts"]`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of Node itself, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Default: an empty folder, so that a developer's .env is not read. */
  readonly cwd?: string;
  /** It listens to messages of the test. */
  readonly takesMessages?: boolean;
}

export async function startAppProcess(options: AppProcessOptions): Promise<AppProcess> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-process-"));
  const removeFolder = async () => await rm(folder, { recursive: true, force: true });
  const [entry = "", ...args] = options.args;
  const lines: LogLine[] = [];
  const listeners = new Set<() => void>();
  const child = startChild({
    name: options.name,
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", ...(options.nodeOptions ?? []), join(ROOT, entry), ...args],
    cwd: options.cwd ?? folder,
    env: { ...nothingInherited(), NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env },
    stopTimeoutMs: STOP_LIMIT_MS,
    takesMessages: options.takesMessages ?? false,
    onLine: (text) => {
      lines.push(readLogLine(text));
      for (const listener of listeners) listener();
    },
  });
  const ended = child.exited.then(async (how) => {
    await removeFolder();
    for (const listener of listeners) listener();
    return how;
  });
  return {
    name: options.name,
    pid: child.pid,
    ended,
    log: () => lines,
    send: child.send,
    signal: child.signal,
    async logged(isMet) {
      const { promise, resolve } = Promise.withResolvers<LogLine>();
      const look = () => {
        const found = lines.find(isMet);
        if (found !== undefined) resolve(found);
      };
      listeners.add(look);
      look();
      try {
        return await Promise.race([promise, ended.then((how) => Promise.reject(new Error(`${options.name} ${how} without writing that line:\n${lastLines(lines)}`)))]);
      } finally {
        listeners.delete(look);
      }
    },
    async stop() {
      await child.stop();
      await ended;
    },
  };
}

/** Resolves when `url` answers 200; rejects with the process's last lines when it ends before, or takes too long. */
export async function becomesReady(started: AppProcess, url: string): Promise<void> {
  let how: string | null = null;
  void started.ended.then((sentence) => (how = sentence));
  const ask = async () => {
    if (how !== null) return;
    const response = await fetch(url);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  };
  const problem = await vi.waitFor(ask, { timeout: START_LIMIT_MS, interval: POLL_MS }).then(() => how, String);
  if (problem !== null) throw new Error(`${started.name} did not get ready (${problem}):\n${lastLines(started.log())}`);
}

/** The errors that a process logs, each told once; a test that provokes one says which. */
export function readErrors(started: AppProcess): { newErrors(expected: readonly RegExp[]): string[] } {
  let readCount = 0;
  return {
    newErrors(expected) {
      const fresh = started.log().slice(readCount);
      readCount += fresh.length;
      const bad = fresh.filter(({ level, text }) => (level === "error" || level === "fatal") && !expected.some((one) => one.test(text)));
      return bad.map(({ text }) => `${started.name} logged: ${text.slice(0, 1_000)}`);
    },
  };
}

function readLogLine(text: string): LogLine {
  try {
    const { level, msg } = JSON.parse(text) as { level?: string; msg?: string };
    return { level: level ?? "", msg: msg ?? "", text };
  } catch {
    // Not ours: Node's own warnings, a stack trace.
    return { level: "", msg: text, text };
  }
}

function lastLines(lines: readonly LogLine[]): string {
  return lines.slice(-20).map(({ text }) => text).join("\n");
}

function nothingInherited(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => !KEPT_VARIABLES.includes(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
