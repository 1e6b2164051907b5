// Answers as they come, and what is told of them at the end.
import process from "node:process";

import { type LoadFigures, MEASURING } from "./load-plan.ts";

const OK = 200;

export class Latencies {
  #fromMs: number;
  #untilMs: number;
  readonly #measured: number[] = [];
  readonly #byStatus: Record<string, number> = {};
  #acknowledged = 0;
  #lost = 0;
  #cpuAtStart = process.cpuUsage();

  constructor(fromMs: number, untilMs: number) {
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
  }

  /** From now on this process's own computing counts, and others' too: whoever reads our lines is told. */
  start(): void {
    this.#cpuAtStart = process.cpuUsage();
    process.stdout.write(`${MEASURING}\n`);
  }

  /** The warm-up goes on: what is measured begins later. */
  startLater(byMs: number): void {
    this.#fromMs += byMs;
    this.#untilMs += byMs;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  /** @param atMs what decides whether it counts: the answer's moment in a closed loop, the planned one in an open loop. */
  answered(status: number, latencyMs: number, atMs: number): void {
    if (status === OK) this.#acknowledged += 1;
    if (atMs < this.#fromMs || atMs > this.#untilMs) return;
    this.#measured.push(latencyMs);
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
  }

  lost(): void {
    this.#lost += 1;
  }

  figures(sent: number): LoadFigures {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const sorted = Float64Array.from(this.#measured).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
    return {
      count: sorted.length,
      perSecond: (sorted.length / (this.#untilMs - this.#fromMs)) * 1_000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
      byStatus: this.#byStatus,
      lost: this.#lost,
      acknowledged: this.#acknowledged,
      sent,
      cpuMs: (user + system) / 1_000,
    };
  }
}
