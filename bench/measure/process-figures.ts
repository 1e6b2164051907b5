// What a process has used so far, as Linux counts it; null where there is no /proc.
import { readFile } from "node:fs/promises";

export interface ProcessFigures {
  /** Computing time of all its threads, user and system, of children that ended not counted. */
  readonly cpuMs: number;
  /** The same of children that ended. */
  readonly endedChildrenMs: number;
  readonly residentMb: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICK_MS = 10;
const KB_PER_MB = 1_024;

export async function processFigures(pid: number): Promise<ProcessFigures | null> {
  try {
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/status`, "utf8")]);
    // The command's name stands in brackets and may hold spaces; utime, stime, cutime and cstime are the 12th to 15th field behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const residentKb = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    const ticks = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * TICK_MS;
    return { cpuMs: ticks(11), endedChildrenMs: ticks(13), residentMb: Number(residentKb ?? Number.NaN) / KB_PER_MB };
  } catch {
    return null;
  }
}
