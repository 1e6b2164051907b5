// A program that is measured: a process of its own whose output goes to a file, not through the process that measures.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { startChild } from "#dev/services/child-process.ts";

import type { MeasureScope } from "./measure-scope.ts";

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
const LINES_SHOWN = 10;

export interface ProgramOptions {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers below 500 when the program is ready. */
  readonly readyUrl: string;
}

export interface Program {
  readonly pid: number;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
  /** What it wrote. */
  output(): Promise<string>;
}

export async function startProgram(scope: MeasureScope, { name, args, env, readyUrl }: ProgramOptions): Promise<Program> {
  const log = join(scope.folder, `${name}.log`);
  // The shell is replaced by Node: the process keeps the id of the child.
  const child = startChild({ name, command: "/bin/sh", args: ["-c", `exec "$0" "$@" >"$MEASURED_LOG" 2>&1`, process.execPath, "--disable-warning=ExperimentalWarning", ...args], env: { ...env, MEASURED_LOG: log } });
  const output = () => readFile(log, "utf8");
  scope.add(name, child.stop);
  let ended: string | null = null;
  void child.exited.then((how) => (ended = how));
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const ready = await fetch(readyUrl, { signal: scope.signal }).then((answer) => answer.status < 500, () => false);
    if (ready) return { pid: child.pid, stop: child.stop, output };
    if (ended !== null || performance.now() > until) throw new Error(`${name} is not ready (${ended ?? "it runs"}):\n${(await output()).split("\n").slice(-LINES_SHOWN).join("\n")}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
