// The token lock over the general lock: one refresh of a shop's token at a time in all processes together.
import type { Lock } from "#app/ports/lock.ts";
import type { WithTokenLock } from "#app/ports/token-lock.ts";

import { TOTAL_TIMEOUT_MS } from "./shopify-transport.server.ts";

/** Longer than the one request made under it; the hold renews itself anyway. */
const LEASE_MS = TOTAL_TIMEOUT_MS + 10_000;
/** Waiting longer than one refresh may take means that somebody else's failed: the caller goes on with what it has. */
const WAIT_LIMIT_MS = TOTAL_TIMEOUT_MS + 5_000;

export function createTokenLock(lock: Pick<Lock, "acquire">): WithTokenLock {
  return async (shop, work) => {
    const acquisition = await lock.acquire({ keys: [{ shop, resource: "offline-token" }], purpose: "token", leaseMs: LEASE_MS, waitLimitMs: WAIT_LIMIT_MS });
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
