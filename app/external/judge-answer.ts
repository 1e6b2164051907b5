// What a receiver's answer means for the push, and how long to wait before the next try. Pure.

import { assertNever } from "#app/domain/invariant.ts";
import { readRetryAfterMs } from "#app/domain/retry-after.ts";
import type { PushDecision } from "#app/ports/external-pushes.ts";
import type { ReceiverAnswer } from "#app/ports/external-receiver.ts";

/** Waits between tries: doubled from the first to the last. */
const DELAY_MS_FIRST = 5_000;
const DELAY_MS_MAX = 30 * 60_000;
/** Failed tries of one push, the first included, before a person is asked: some five and a half hours of waits. */
export const PUSH_ATTEMPTS_MAX = 20;
/** A receiver may ask for more patience than our own longest wait, not for days. */
const RETRY_AFTER_MS_MAX = 6 * 60 * 60_000;

/** Of a request that may succeed when it is repeated as it is. All other refusals would be the same again. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export function judgeAnswer(answer: ReceiverAnswer, attemptCount: number, now: Date): PushDecision {
  switch (answer.kind) {
    case "answered": {
      const { status } = answer;
      if (status >= 200 && status < 300) return { kind: "delivered", status };
      if (isPassing(status)) return again(`http_${status}`, status, attemptCount, readRetryAfterMs(answer.retryAfter, now));
      return { kind: "parked", status, reason: status >= 300 && status < 400 ? "redirect_refused" : `http_${status}` };
    }
    case "unanswered":
      return again(answer.cause, null, attemptCount, null);
    case "address_refused":
      return { kind: "parked", status: null, reason: `address_refused:${answer.cause}` };
    default:
      return assertNever(answer);
  }
}

function again(reason: string, status: number | null, attemptCount: number, askedMs: number | null): PushDecision {
  if (attemptCount + 1 >= PUSH_ATTEMPTS_MAX) return { kind: "parked", status, reason: `attempts_used_up:${reason}` };
  return { kind: "again", status, reason, delayMs: Math.max(backOffMs(attemptCount), Math.min(askedMs ?? 0, RETRY_AFTER_MS_MAX)) };
}

/** 5 s after the first failure, doubled after each further one, at most half an hour. */
export function backOffMs(failureCount: number): number {
  return Math.min(DELAY_MS_FIRST * 2 ** Math.min(failureCount, 30), DELAY_MS_MAX);
}
