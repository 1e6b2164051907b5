import { describe, expect, it } from "vitest";

import { readRetryAfterMs } from "#app/domain/retry-after.ts";
import { backOffMs, judgeAnswer, PUSH_ATTEMPTS_MAX } from "./judge-answer.ts";

const NOW = new Date("2026-11-01T12:00:00Z");
const answered = (status: number, retryAfter: string | null = null) => judgeAnswer({ kind: "answered", status, retryAfter }, 0, NOW);

describe("a receiver's answer", () => {
  it.each([200, 201, 202, 204])("%s delivers", (status) => expect(answered(status)).toEqual({ kind: "delivered", status }));
  it.each([408, 429, 500, 502, 503, 504])("%s is asked again under the same key", (status) => expect(answered(status)).toMatchObject({ kind: "again", reason: `http_${status}`, delayMs: 5_000 }));
  it.each([400, 401, 403, 404, 409, 410, 413, 422])("%s parks at once with its reason", (status) => expect(answered(status)).toEqual({ kind: "parked", status, reason: `http_${status}` }));
  it.each([301, 302, 307, 308])("%s is not followed", (status) => expect(answered(status)).toMatchObject({ kind: "parked", reason: "redirect_refused" }));

  it("that never came is asked for again, and one that may not be asked for is parked", () => {
    expect(judgeAnswer({ kind: "unanswered", cause: "ECONNRESET" }, 0, NOW)).toEqual({ kind: "again", status: null, reason: "ECONNRESET", delayMs: 5_000 });
    expect(judgeAnswer({ kind: "address_refused", cause: "not_public" }, 0, NOW)).toEqual({ kind: "parked", status: null, reason: "address_refused:not_public" });
  });

  it("that keeps failing is a person's after the last try", () => {
    const last = judgeAnswer({ kind: "answered", status: 503, retryAfter: null }, PUSH_ATTEMPTS_MAX - 1, NOW);
    expect(last).toEqual({ kind: "parked", status: 503, reason: "attempts_used_up:http_503" });
    expect(judgeAnswer({ kind: "answered", status: 200, retryAfter: null }, PUSH_ATTEMPTS_MAX - 1, NOW).kind).toBe("delivered");
  });
});

describe("the wait before the next try", () => {
  it("doubles from five seconds to half an hour", () => {
    expect([0, 1, 2, 8, 9, 500].map(backOffMs)).toEqual([5_000, 10_000, 20_000, 1_280_000, 1_800_000, 1_800_000]);
  });

  it("is what Retry-After asks for, in seconds or as a date, when that is longer", () => {
    expect(answered(503, "120")).toMatchObject({ delayMs: 120_000 });
    expect(answered(503, "1")).toMatchObject({ delayMs: 5_000 });
    expect(readRetryAfterMs("Sun, 01 Nov 2026 12:01:00 GMT", NOW)).toBe(60_000);
    expect(readRetryAfterMs("Sun, 01 Nov 2026 11:00:00 GMT", NOW)).toBe(0);
    expect(readRetryAfterMs("soon", NOW)).toBeNull();
  });

  it("is six hours at most, whatever a receiver asks", () => {
    expect(answered(429, "999999999")).toMatchObject({ delayMs: 6 * 3_600_000 });
  });
});
