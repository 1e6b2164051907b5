// One question to another system, asked again with the same key and content until it is answered: the rule every call of the checkout follows.

/** Not an answer: a lost connection, "not now", a fault on the other side. Whether anything happened there is unknown. */
export interface Unanswered {
  readonly kind: "unanswered";
  readonly why: string;
  /** What the other side asked for with Retry-After. */
  readonly waitMs?: number;
}

export interface Patience {
  readonly sleep: (ms: number) => Promise<void>;
  /** Ends the asking, as the end of a process does: it is taken up again from the journal. */
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** A request that hangs is given up and asked again. */
export const REQUEST_LIMIT_MS = 30_000;

/** Null: `timesMax` answers stayed away. */
export async function askAgain<Answer extends { kind: string }>(ask: () => Promise<Answer | Unanswered>, { sleep, signal }: Patience, timesMax = Number.POSITIVE_INFINITY): Promise<Answer | null> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let times = 1; ; times += 1) {
    signal.throwIfAborted();
    const answer = await ask();
    if (!isUnanswered(answer)) return answer;
    if (times >= timesMax) return null;
    await sleep(Math.max(answer.waitMs ?? 0, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function isUnanswered(answer: { kind: string }): answer is Unanswered {
  return answer.kind === "unanswered";
}

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What came back whole, or why nothing did. 429 and 5xx are no answers: the other side wants to be asked again. */
export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<({ kind: "replied" } & Reply) | Unanswered> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    const text = await response.text();
    if (response.status === 429 || response.status >= 500) return { kind: "unanswered", why: `status ${response.status}: ${text.slice(0, 200)}`, ...waitOf(response) };
    return { kind: "replied", status: response.status, body: JSON.parse(text) as Record<string, unknown> };
  } catch (error) {
    return { kind: "unanswered", why: error instanceof Error ? error.message : String(error) };
  }
}

function waitOf(response: Response): { waitMs?: number } {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? { waitMs: seconds * 1_000 } : {};
}
