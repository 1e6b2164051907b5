// The runs of the race lab: one at a time, the last ones kept side by side.
import type { LabResult } from "./lab-result.ts";

export type LabTask = { title: string; run: () => Promise<LabResult> };

export type LabRuns = {
  /** False: another is running. Tasks of one request run one after the other. */
  start(tasks: readonly LabTask[]): boolean;
  /** The title of what runs now and how many wait behind it. */
  current(): { title: string; left: number } | null;
  /** Newest first. */
  results(): readonly LabResult[];
  /** Why the last one that failed did. */
  failure(): string | null;
  clear(): void;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
  /** Begins nothing more, and waits a moment for what runs. */
  close(): Promise<void>;
};

const KEPT = 24;
/** A demo that is ended does not wait for a sale's end: what it works on is ended too. */
const CLOSE_LIMIT_MS = 5_000;

export function labRuns(): LabRuns {
  let results: LabResult[] = [];
  let current: { title: string; left: number } | null = null;
  let failure: string | null = null;
  let closed = false;
  let working: Promise<void> = Promise.resolve();

  const workOn = async (tasks: readonly LabTask[]) => {
    for (const [index, { title, run }] of tasks.entries()) {
      if (closed) break;
      current = { title, left: tasks.length - index - 1 };
      try {
        results = [await run(), ...results].slice(0, KEPT);
      } catch (error) {
        failure = `${title}: ${error instanceof Error ? error.message : String(error)}`;
        break;
      }
    }
    current = null;
  };

  return {
    start(tasks) {
      if (current !== null || closed || tasks.length === 0) return false;
      failure = null;
      working = workOn(tasks);
      return true;
    },
    current: () => current,
    results: () => results,
    failure: () => failure,
    clear() {
      results = [];
      failure = null;
    },
    settled: async () => await working,
    async close() {
      closed = true;
      await Promise.race([working, new Promise((wake) => setTimeout(wake, CLOSE_LIMIT_MS).unref())]);
    },
  };
}
