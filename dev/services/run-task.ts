// The frame around every command of dev/: its shutdown, its exit code, and one clear message when something is missing.
import process from "node:process";
import { say, SetupProblem } from "./say.ts";
import { createShutdown } from "./shutdown.ts";
import type { Shutdown } from "./shutdown.ts";

/** The task answers with the exit code; everything it started is stopped before the process ends. */
export async function runTask(task: (shutdown: Shutdown) => Promise<number>): Promise<never> {
  const shutdown = createShutdown();
  let code = 1;
  try {
    code = await task(shutdown);
  } catch (error) {
    // A command that is being stopped fails in all sorts of ways that are nobody's problem.
    if (!shutdown.signal.aborted) {
      say(error instanceof SetupProblem ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
  await shutdown.stopAll();
  // After a signal the shutdown's own handler ends the process, with the code that tells which signal it was.
  if (shutdown.interrupted()) await new Promise(() => undefined);
  process.exit(code);
}
