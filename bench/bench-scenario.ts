// What a benchmark of this room is: a name, a sentence, and a run that ends by itself with an exit code.
import type { Shutdown } from "#dev/services/shutdown.ts";

export interface BenchScenario {
  readonly name: string;
  readonly about: string;
  /** One line a flag, for `--help`. */
  readonly usage: readonly string[];
  /** Answers with the exit code. What it starts is added to the shutdown. */
  run(args: readonly string[], shutdown: Shutdown): Promise<number>;
}
