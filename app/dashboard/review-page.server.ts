// Everything the review page shows for one address, and what its acts do: one bounded step a request, repeated by the page for more.

import { type ActRefusal, REVIEW_ACTS, REVIEW_REASONS, type ReviewAct, type ReviewReason, reviewReasonOf } from "#app/domain/review.ts";
import { REVIEW_STEP_MAX } from "#app/ports/review-desk.ts";
import { actOnChanges } from "#app/review/act-on-changes.server.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import type { EmbeddedContext } from "./embedded-context.server.ts";
import { toHistoryRow, type HistoryRow } from "./history-page.server.ts";
import { BACKLOG_COUNT_MAX } from "./limits.ts";
import { readPageRequest } from "./page-request.ts";
import type { ChangeFilter } from "./queries/change-filter.ts";
import { decodeCursor, type PageRequest } from "./queries/keyset-page.ts";
import { listParked, type ParkedRow } from "./queries/list-parked.server.ts";
import { readRowId } from "./queries/row-id.ts";
import { readWhy } from "./review-address.ts";
import type { StepAnswer } from "./stepwise.ts";

export interface ReviewRow extends HistoryRow {
  readonly reviewReason: ReviewReason;
  readonly allowedActs: readonly ReviewAct[];
  /** Names the call that it was sent in; rows of one call are settled together. */
  readonly mutationId: string | null;
  readonly sharedCount: number;
  readonly mayArriveUntil: Date | null;
  readonly beingRead: boolean;
}

export interface ReviewPage {
  readonly nowMs: number;
  readonly timeZone: string;
  /** Empty: all reasons. */
  readonly why: ReviewReason | "";
  readonly counts: readonly { readonly reason: ReviewReason; readonly count: number }[];
  /** Counted up to `BACKLOG_COUNT_MAX`. */
  readonly total: number;
  readonly rows: readonly ReviewRow[];
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export type ReviewActionResult = StepAnswer<ActRefusal | "not_found">;

export async function loadReviewPage(
  { database, clock, review: { desk } }: Pick<DashboardDependencies, "database" | "clock" | "review">,
  install: ActiveInstall,
  timeZone: string,
  query: URLSearchParams,
): Promise<ReviewPage> {
  const why = readWhy(query.get("why"));
  const [page, stored] = await Promise.all([
    listParked({ database, desk }, { installId: install.installId, filter: filterOf(why), page: readPageRequest(query) }),
    desk.countByReason(install.installId, BACKLOG_COUNT_MAX),
  ]);
  const byReason = new Map<ReviewReason, number>();
  for (const { reason, count } of stored) byReason.set(reviewReasonOf(reason), (byReason.get(reviewReasonOf(reason)) ?? 0) + count);
  return {
    nowMs: clock.now().getTime(),
    timeZone,
    why,
    counts: REVIEW_REASONS.flatMap((reason) => (byReason.has(reason) ? [{ reason, count: byReason.get(reason) ?? 0 }] : [])),
    total: stored.reduce((sum, { count }) => sum + count, 0),
    rows: page.items.map(toReviewRow),
    olderCursor: page.olderCursor,
    newerCursor: page.newerCursor,
  };
}

export function toReviewRow(change: ParkedRow): ReviewRow {
  const { reviewReason, allowedActs, mutationId, sharedCount, mayArriveUntil, beingRead } = change;
  return { ...toHistoryRow(change), reviewReason, allowedActs, mutationId, sharedCount, mayArriveUntil, beingRead };
}

/** As `decideReview`, but a failure is an answer: an error page in place of the list would lose the reason that was typed. */
export async function decideReviewSafely(context: Pick<EmbeddedContext, "dependencies" | "install" | "actor">, form: FormData): Promise<ReviewActionResult> {
  try {
    return await decideReview(context, form);
  } catch (error) {
    context.dependencies.logger.error({ err: error, shop: context.install.shop }, "an act on what needs review failed");
    return { kind: "failed" };
  }
}

/**
 * `form`: `act`, `note`, and either `ids` (comma-separated, at most a step's) or `matching` (a reason, or `all`) with `after`, the `next` of
 * the step before.
 */
export async function decideReview({ dependencies, install, actor }: Pick<EmbeddedContext, "dependencies" | "install" | "actor">, form: FormData): Promise<ReviewActionResult> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const act = REVIEW_ACTS.find((one) => one === text("act"));
  const selection = act === undefined ? null : await select(dependencies, install, text);
  if (act === undefined || selection === null) return { kind: "not_understood" };
  const answer = await actOnChanges(dependencies.review, { install, act, changeIds: selection.ids, actor, note: text("note") });
  if (answer.kind !== "acted") return answer;
  const refused = answer.refused.map(({ refusal, ids }) => ({ refusal, count: ids.length }));
  return { kind: "acted", doneCount: answer.doneIds.length, changedCount: answer.changedCount, refused, next: selection.next };
}

/** Null when it is not understood. */
async function select(
  { database, review: { desk } }: Pick<DashboardDependencies, "database" | "review">,
  install: ActiveInstall,
  text: (name: string) => string,
): Promise<{ readonly ids: readonly bigint[]; readonly next: string | null } | null> {
  const matching = text("matching");
  if (matching === "") {
    const ids = text("ids").split(",").map((id) => readRowId(id));
    const valid = ids.filter((id) => id !== null);
    return valid.length === ids.length && ids.length <= REVIEW_STEP_MAX ? { ids: valid, next: null } : null;
  }
  const why = readWhy(matching);
  if (why === "" && matching !== "all") return null;
  const after = text("after");
  const cursor = after === "" ? null : decodeCursor(after);
  if (after !== "" && cursor === null) return null;
  const page: PageRequest = cursor === null ? { direction: "newest", limit: REVIEW_STEP_MAX } : { direction: "older", cursor, limit: REVIEW_STEP_MAX };
  const found = await listParked({ database, desk }, { installId: install.installId, filter: filterOf(why), page });
  return { ids: found.items.map((item) => item.id), next: found.olderCursor };
}

function filterOf(why: ReviewReason | ""): ChangeFilter {
  return { states: ["parked"], ...(why === "" ? {} : { reviewReason: why }) };
}
