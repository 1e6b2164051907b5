// One side of the lock benchmark in a process of its own: takes and lets go alone, or with many contenders for one key, and tells what came of it.
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { openSide, type Side, type SideName } from "./sides.ts";

export interface ContendInput {
  readonly side: SideName;
  readonly url: string;
  /** 1: alone. */
  readonly contenders: number;
  readonly holdMs: number;
  readonly retryMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface Contended {
  readonly acquisitions: number;
  readonly perSecond: number;
  /** Of the time, the part in which the key was held by somebody at work. */
  readonly heldPart: number;
  readonly holdMsMean: number;
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  readonly sentPerAcquisition: number;
}

const input = JSON.parse(process.argv[2] ?? "{}") as ContendInput;
const opened = await openSide(input.side, input);
const result = await contend(opened, input);
await opened.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

async function contend(side: Side, { contenders, holdMs, warmUpMs, measureMs }: ContendInput): Promise<Contended> {
  // In half of its warm-up nobody holds for long: what runs seldom would otherwise be measured before it is compiled.
  const inHaste = performance.now() + warmUpMs / 2;
  const from = performance.now() + warmUpMs;
  const until = from + measureMs;
  const waits: number[] = [];
  const holds: number[] = [];
  let holders = 0;
  // Commands are counted from one release to another, between which there is a whole number of acquisitions.
  const sentAtRelease: number[] = [];
  const contender = async (): Promise<void> => {
    while (performance.now() < until) {
      const asked = performance.now();
      const release = await side.acquire("item");
      const got = performance.now();
      holders += 1;
      if (holders > 1) throw new Error("two hold the key");
      if (holdMs > 0 && got > inHaste) await passed(holdMs);
      const done = performance.now();
      holders -= 1;
      await release();
      if (done >= from && done <= until) sentAtRelease.push(side.sentCount());
      if (got < from || done > until) continue;
      waits.push(got - asked);
      holds.push(done - got);
    }
  };
  await Promise.all(Array.from({ length: contenders }, contender));
  const sorted = waits.toSorted((one, other) => one - other);
  const held = holds.reduce((sum, ms) => sum + ms, 0);
  return {
    acquisitions: holds.length,
    perSecond: (holds.length * 1_000) / measureMs,
    heldPart: held / measureMs,
    holdMsMean: held / holds.length,
    waitP50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    waitP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    sentPerAcquisition: ((sentAtRelease.at(-1) ?? 0) - (sentAtRelease[0] ?? 0)) / (sentAtRelease.length - 1),
  };
}
