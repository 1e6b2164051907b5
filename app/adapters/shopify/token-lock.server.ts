// The token lock over the general lock: one refresh of a shop's token at a time in all processes together.
import type { Lock } from "#app/ports/lock.ts";
import type { WithTokenLock } from "#app/ports/token-lock.ts";

/** @param callTimeoutMs the longest that the one request made under it may take. */
export function createTokenLock(lock: Pick<Lock, "acquire">, callTimeoutMs: number): WithTokenLock {
  // Longer than that request; the hold renews itself anyway.
  const leaseMs = 1.5 * callTimeoutMs;
  // Waiting longer than one refresh may take means that somebody else's failed: the caller goes on with what it has.
  const waitLimitMs = 1.25 * callTimeoutMs;
  return async (shop, work) => {
    const acquisition = await lock.acquire({ keys: [{ shop, resource: "offline-token" }], purpose: "token", leaseMs, waitLimitMs });
    switch (acquisition.kind) {
      case "timeout":
        return { kind: "not_held", cause: `the token lock was not free within ${acquisition.waitedMs} ms` };
      case "unavailable":
        return { kind: "not_held", cause: `the lock service is not reachable: ${acquisition.cause.message}` };
      case "acquired": {
        const run = await acquisition.hold.run(work);
        // The conditional write made the result safe even if the lease was lost; only the missing value matters.
        if (run.kind === "completed") return run;
        return run.value === undefined ? { kind: "not_held", cause: "the token lock was lost" } : { kind: "completed", value: run.value };
      }
    }
  };
}
