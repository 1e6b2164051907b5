// The pattern of docs/reference/lock.md, where the compiler sees it: the page's lines are these.
import type { Lock, FreeLockAcquisition, LockKey } from "#app/ports/lock.ts";

/** What whoever follows the pattern brings. */
export interface OneOwn<Result> {
  comeBackLater(acquisition: Exclude<FreeLockAcquisition, { kind: "acquired" }>): Result;
  changeStock(keys: readonly LockKey[], signal: AbortSignal): Promise<Result>;
  nothingIsDecided(loss: unknown): Result;
}

export async function underTheLock<Result>(lock: Lock, keys: readonly LockKey[], { comeBackLater, changeStock, nothingIsDecided }: OneOwn<Result>): Promise<Result> {
  const acquisition = await lock.tryAcquireFree({ keys, purpose: "turn", leaseMs: 12_000 });
  if (acquisition.kind !== "acquired") return comeBackLater(acquisition);
  const run = await acquisition.hold.run(async (signal) => {
    // Pass `signal` to everything that takes time; it aborts when the lock is lost.
    return await changeStock(acquisition.hold.keys, signal);
  });
  if (run.kind === "lost") return nothingIsDecided(run.loss);
  return run.value;
}
