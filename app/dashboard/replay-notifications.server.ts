// What the notifications page does when a person wants some worked on once more: one bounded step a request.

import type { ReplayRefusal } from "#app/domain/review.ts";
import { REVIEW_STEP_MAX } from "#app/ports/review-desk.ts";
import { replayDeliveries } from "#app/review/replay-deliveries.server.ts";

import type { EmbeddedContext } from "./embedded-context.server.ts";
import { readNotificationFilters, toDeliveryFilter } from "./notification-filters.ts";
import { decodeCursor, type PageRequest } from "./queries/keyset-page.ts";
import { listDeliveries } from "./queries/list-deliveries.server.ts";
import { readRowId } from "./queries/row-id.ts";
import type { StepAnswer } from "./stepwise.ts";

type ReplayContext = Pick<EmbeddedContext, "dependencies" | "install" | "actor" | "timeZone">;

/** `form`: `ids` (comma-separated, at most a step's), or `matching` (the view's query, at least `?`) with `after`, the `next` of the step before. */
export async function replayNotifications(context: ReplayContext, form: FormData): Promise<StepAnswer<ReplayRefusal | "not_found">> {
  const { dependencies, install, actor } = context;
  try {
    const selection = await select(context, form);
    if (selection === null) return { kind: "not_understood" };
    const answer = await replayDeliveries(dependencies.review, { install, deliveryIds: selection.ids, actor });
    if (answer.kind !== "replayed") return answer;
    const refused = answer.refused.map(({ refusal, ids }) => ({ refusal, count: ids.length }));
    return { kind: "acted", doneCount: answer.doneIds.length, changedCount: answer.doneIds.length, refused, next: selection.next };
  } catch (error) {
    dependencies.logger.error({ err: error, shop: install.shop }, "notifications could not be replayed");
    return { kind: "failed" };
  }
}

/** Null when it is not understood. */
async function select({ dependencies, install, timeZone }: ReplayContext, form: FormData): Promise<{ readonly ids: readonly bigint[]; readonly next: string | null } | null> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  if (text("matching") === "") {
    const ids = text("ids").split(",").map((id) => readRowId(id));
    const valid = ids.filter((id) => id !== null);
    return valid.length === ids.length && ids.length <= REVIEW_STEP_MAX ? { ids: valid, next: null } : null;
  }
  const cursor = text("after") === "" ? null : decodeCursor(text("after"));
  if (text("after") !== "" && cursor === null) return null;
  const page: PageRequest = cursor === null ? { direction: "newest", limit: REVIEW_STEP_MAX } : { direction: "older", cursor, limit: REVIEW_STEP_MAX };
  const filters = readNotificationFilters(new URLSearchParams(text("matching")));
  const found = await listDeliveries(dependencies.database, { installId: install.installId, filter: toDeliveryFilter(filters, dependencies.clock.now(), timeZone), page });
  return { ids: found.items.map((item) => item.id), next: found.olderCursor };
}
