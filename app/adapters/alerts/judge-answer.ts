// What an HTTP receiver's answer means for a message: taken, to be sent again, or never to be.

import type { AlertSendResult } from "#app/ports/alert-channel.ts";
import type { OutsideOutcome } from "./post-outside.server.ts";

const SAID_LENGTH_MAX = 120;

/**
 * `finalStatuses`: answers that no repeat changes. Any other 4xx may be a receiver that is being set up; it certainly took nothing.
 * 408 and 5xx may come from something in front of a receiver that has taken the message.
 */
export function judgeAnswer(outcome: OutsideOutcome, finalStatuses: ReadonlySet<number>): AlertSendResult {
  if (outcome.kind === "forbidden") return { kind: "refused", error: outcome.error };
  if (outcome.kind === "unanswered") return { kind: "again", error: outcome.error, maybeTaken: outcome.sent, retryAfterMs: null };
  const { status, retryAfterMs } = outcome;
  if (status >= 200 && status < 300) return { kind: "taken" };
  const error = `it answered ${status}${said(outcome.text)}`;
  if (status >= 300 && status < 400) return { kind: "refused", error: `${error} (redirects are not followed)` };
  if (finalStatuses.has(status)) return { kind: "refused", error };
  return { kind: "again", error, maybeTaken: status === 408 || status >= 500 || status < 200, retryAfterMs };
}

/** The first line of the answer: receivers say there what is wrong. */
function said(text: string): string {
  const line = text.split("\n", 1)[0]?.replaceAll(/\p{Cc}/gu, " ").trim() ?? "";
  return line === "" || line.startsWith("<") ? "" : `: ${line.slice(0, SAID_LENGTH_MAX)}`;
}
