// How many requests a bearer may make, on a clock that the test moves.
import { describe, expect, it } from "vitest";

import { createTokenBucketRateLimiter } from "./token-bucket-rate-limiter.ts";

function limiterAt(requestsPerSecond: number) {
  const clock = { ms: 0 };
  return { clock, limiter: createTokenBucketRateLimiter({ requestsPerSecond, monotonicMs: () => clock.ms }) };
}

describe("the token bucket", () => {
  it("lets one second's worth through at once, then says when to come back", () => {
    const { limiter } = limiterAt(3);
    const decisions = [1, 2, 3, 4].map(() => limiter.take("a"));
    expect(decisions).toEqual([{ kind: "allowed" }, { kind: "allowed" }, { kind: "allowed" }, { kind: "limited", retryAfterSeconds: 1 }]);
  });

  it("fills again as time passes, to no more than its size", () => {
    const { clock, limiter } = limiterAt(2);
    limiter.take("a");
    limiter.take("a");
    clock.ms = 60_000;
    expect([limiter.take("a").kind, limiter.take("a").kind, limiter.take("a").kind]).toEqual(["allowed", "allowed", "limited"]);
  });

  it("counts each bearer apart", () => {
    const { limiter } = limiterAt(1);
    expect([limiter.take("a").kind, limiter.take("b").kind, limiter.take("a").kind]).toEqual(["allowed", "allowed", "limited"]);
  });

  it("has no limit at 0", () => {
    const { limiter } = limiterAt(0);
    expect(Array.from({ length: 1_000 }, () => limiter.take("a").kind)).not.toContain("limited");
  });
});
