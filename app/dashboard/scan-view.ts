// How a comparison with Shopify is told in words: the last complete one, and how far one under way has come. Pure.

import { formatCount, formatDuration, formatRelative, plural } from "./formatting.ts";
import { SCAN_STATE_TERMS } from "./problem-terms.ts";
import type { FinishedScan, RunningScan } from "./queries/scan-standing.server.ts";

/** "4,210 of 4,380 items checked 12 minutes ago". */
export function lastCheckText({ checkedCount, totalCount, finishedAt }: Pick<FinishedScan, "checkedCount" | "totalCount" | "finishedAt">, nowMs: number): string {
  const counted = checkedCount === totalCount ? `${totalCount === 1 ? "The only item was" : `All ${formatCount(totalCount)} items were`}` : `${formatCount(checkedCount)} of ${formatCount(totalCount)} items were`;
  return `${totalCount === 0 ? "There were no items to be" : counted} checked ${formatRelative(finishedAt.getTime(), nowMs)}`;
}

/** Why not all were; null when all were. */
export function uncheckedText({ checkedCount, totalCount }: Pick<FinishedScan, "checkedCount" | "totalCount">): string | null {
  const left = totalCount - checkedCount;
  if (left <= 0) return null;
  return `${plural(left, "item")} sold so fast that ${left === 1 ? "its number" : "their numbers"} never held still; ${left === 1 ? "it is" : "they are"} looked at again next time.`;
}

/** "compared in 12 seconds; 2 mismatches found". */
export function lastCheckSummary({ startedAt, finishedAt, mismatchCount }: Pick<FinishedScan, "startedAt" | "finishedAt" | "mismatchCount">): string {
  const found = mismatchCount === 0 ? "nothing differed" : `${plural(mismatchCount, "number")} differed`;
  return `It took ${formatDuration(Math.max(1_000, finishedAt.getTime() - startedAt.getTime()))}; ${found}.`;
}

export interface ScanProgress {
  /** 0 to 100; null: it cannot be told yet. */
  readonly percent: number | null;
  readonly text: string;
}

type Underway = Pick<RunningScan, "kind" | "state" | "checkedCount" | "totalCount" | "lineCount" | "linesRead" | "toConfirmCount">;

/**
 * The list is as long as Shopify has written it: how much of it is read is exact. How long it will be is not known while it is written, but
 * for what the last one had.
 */
export function scanProgress(running: Underway): ScanProgress {
  const { state, checkedCount, totalCount, lineCount, linesRead, toConfirmCount } = running;
  if (running.kind === "orders") return { percent: null, text: "Holdfast is reading the orders of before its installation; stock was compared just before." };
  switch (state) {
    case "starting":
      return { percent: 0, text: `${SCAN_STATE_TERMS.starting}.` };
    case "running":
      return { percent: null, text: `${SCAN_STATE_TERMS.running}${lineCount === 0 ? "" : `: ${plural(lineCount, "line")} so far`}.` };
    case "reading": {
      const percent = lineCount === 0 ? null : Math.min(100, Math.floor((linesRead / lineCount) * 100));
      return { percent, text: totalCount === null ? `${plural(checkedCount, "item")} checked so far.` : `${formatCount(checkedCount)} of ${formatCount(totalCount)} items checked.` };
    }
    case "confirming":
      return {
        percent: 100,
        text:
          toConfirmCount === 0
            ? `${plural(checkedCount, "item")} checked; finishing.`
            : `${plural(checkedCount, "item")} checked. ${plural(toConfirmCount, "number")} ${toConfirmCount === 1 ? "differs and is" : "differ and are"} read once more, a minute after the first look: an order may be on its way.`,
      };
  }
}
