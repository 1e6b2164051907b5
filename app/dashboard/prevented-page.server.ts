// Everything the page behind "what was prevented" shows: the evidence that has no list of its own elsewhere.

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { formatDelta, formatItemName, plural } from "./formatting.ts";
import { listLostAnswers, listMissedOrders, type LostAnswer, type MissedOrder, PREVENTED_ROWS_MAX } from "./queries/list-prevented.server.ts";
import { HOUR_MS, startOfHour } from "./time-zone.ts";

const WEEK_HOURS = 168;

export interface LostAnswerRow {
  readonly key: string;
  readonly at: Date;
  /** "−3 Beeswax candle for #1001, and 4 more changes" */
  readonly what: string;
  readonly outcome: string;
  /** Null where its changes are gone. */
  readonly url: string | null;
}

export interface PreventedPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly answers: readonly LostAnswerRow[];
  readonly moreAnswers: boolean;
  readonly missed: readonly MissedOrder[];
  readonly moreMissed: boolean;
}

export async function loadPreventedPage({ database, clock }: Pick<DashboardDependencies, "database" | "clock">, { installId }: Pick<ActiveInstall, "installId">, timeZone: string): Promise<PreventedPage> {
  const now = clock.now();
  // As Home counts its seven days.
  const since = new Date(startOfHour(now, timeZone).getTime() - (WEEK_HOURS - 1) * HOUR_MS);
  const [answers, missed] = await Promise.all([listLostAnswers(database, installId, since), listMissedOrders(database, installId, since)]);
  return {
    nowMs: now.getTime(),
    timeZone,
    answers: answers.slice(0, PREVENTED_ROWS_MAX).map((answer) => ({ key: answer.key, at: answer.at, what: whatOf(answer), outcome: outcomeOf(answer), url: answer.changeId === null ? null : `/app/history/${answer.changeId}` })),
    moreAnswers: answers.length > PREVENTED_ROWS_MAX,
    missed: missed.slice(0, PREVENTED_ROWS_MAX),
    moreMissed: missed.length > PREVENTED_ROWS_MAX,
  };
}

function whatOf({ item, delta, orderName, changeCount }: LostAnswer): string {
  if (item === null || delta === null) return "A call whose changes are no longer kept";
  const first = `${formatDelta(delta)} ${formatItemName(item) ?? item}${orderName === null ? "" : ` for ${orderName}`}`;
  return changeCount <= 1 ? first : `${first}, and ${plural(changeCount - 1, "more change")}`;
}

/** What became of the call, so that it can be seen to have counted once. */
function outcomeOf({ state, tryNumber, tryCount }: LostAnswer): string {
  switch (state) {
    case "applied":
      return tryCount > tryNumber ? `Asked again under the same key: it counted once, known since try ${tryCount}.` : "It had taken effect, once.";
    case "refused":
      return "It had no effect; its changes went on under a new key or were set aside.";
    case "parked":
      return "Shopify may have forgotten the key: set aside for a person rather than repeated.";
    default:
      return "It is asked for again under the same key.";
  }
}
