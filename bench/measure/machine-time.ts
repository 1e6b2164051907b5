// How the computing time of the whole machine is divided among those who take part in a measurement; null where there is no /proc.
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

import { processFigures } from "./process-figures.ts";

/** In ms of computing time since some moment in the past: only differences mean something. */
interface MachineTime {
  /** Of all cores, whoever used them, the system's own work for them included. */
  readonly busyMs: number;
  /** Of all cores, used or not. */
  readonly allMs: number;
  /** By name: a process with all its children, those that ended included. */
  readonly of: Readonly<Record<string, number>>;
}

export interface MachineShares {
  /** µs of all cores for each. */
  readonly machineUs: number;
  /** By name, µs each. */
  readonly us: Readonly<Record<string, number>>;
  /** Part of all cores' time that was used, 0 to 1. */
  readonly busy: number;
  readonly cores: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICK_MS = 10;
const IDLE = [3, 4];
/** Guests' time is counted in the first two already. */
const FIELDS = 8;

/** @param pids by name. */
export async function machineTime(pids: Readonly<Record<string, number>>): Promise<MachineTime | null> {
  try {
    const line = (await readFile("/proc/stat", "utf8")).split("\n", 1)[0] ?? "";
    const ticks = line.trim().split(/\s+/).slice(1, 1 + FIELDS).map(Number);
    const all = ticks.reduce((sum, each) => sum + each, 0);
    const idle = IDLE.reduce((sum, field) => sum + (ticks[field] ?? 0), 0);
    const parents = await parentsOfAll();
    const of = await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await treeMs(pid, parents)] as const));
    return { busyMs: (all - idle) * TICK_MS, allMs: all * TICK_MS, of: Object.fromEntries(of) };
  } catch {
    return null;
  }
}

/** @param count of what was done between the two. */
export function sharesBetween(before: MachineTime | null, after: MachineTime | null, count: number): MachineShares | null {
  if (before === null || after === null || count === 0) return null;
  const perOne = (ms: number) => (ms * 1_000) / count;
  return {
    machineUs: perOne(after.busyMs - before.busyMs),
    us: Object.fromEntries(Object.entries(after.of).map(([name, ms]) => [name, perOne(ms - (before.of[name] ?? 0))])),
    busy: (after.busyMs - before.busyMs) / (after.allMs - before.allMs),
    cores: availableParallelism(),
  };
}

/** For people: who used the machine for each of what was done. */
export function machineText(shares: MachineShares | null, what: string): string {
  if (shares === null) return "no /proc";
  const parts = Object.entries(shares.us).map(([name, us]) => `${name} ${us.toFixed(0)}`);
  return `of ${shares.cores} cores ${(shares.busy * 100).toFixed(0)} % used, ${shares.machineUs.toFixed(0)} µs ${what}: ${parts.join(", ")}`;
}

async function treeMs(pid: number, parents: ReadonlyMap<number, number>): Promise<number> {
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  const own = await processFigures(pid);
  const ofChildren = await Promise.all(children.map((child) => treeMs(child, parents)));
  return (own === null ? 0 : own.cpuMs + own.endedChildrenMs) + ofChildren.reduce((sum, ms) => sum + ms, 0);
}

async function parentsOfAll(): Promise<ReadonlyMap<number, number>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return [Number(pid), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])] as const;
    }),
  );
  return new Map(rows);
}
