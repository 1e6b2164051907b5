// What one run of a measurement started, and its end: the next run begins on a quiet machine.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import type { Shutdown } from "#dev/services/shutdown.ts";

export interface MeasureScope {
  /** A folder of this run's own, deleted with it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The last added is stopped first. */
  add(name: string, stop: () => Promise<void>): void;
}

/** Whatever ends it (its own end, a fault, Ctrl-C), everything that was added is stopped, once. */
export async function withinScope<Result>(shutdown: Pick<Shutdown, "add" | "signal">, name: string, run: (scope: MeasureScope) => Promise<Result>): Promise<Result> {
  const folder = join(tmpdir(), `holdfast-${name}-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  const stops = [async () => await rm(folder, { recursive: true, force: true })];
  const stopAll = async () => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  };
  shutdown.add(name, stopAll);
  try {
    return await run({ folder, signal: shutdown.signal, add: (_name, stop) => void stops.push(stop) });
  } finally {
    await stopAll();
  }
}
