// The working part of the review page: the list, its selection, the dialog before final acts, and what became of them.

import { BlockStack, Card } from "@shopify/polaris";
import { useState } from "react";

import type { ReviewPage, ReviewRow } from "../../review-page.server.ts";
import { EmptyMessage } from "../empty-message.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { ReviewList } from "./review-list.tsx";
import { ReviewOutcome } from "./review-outcome.tsx";
import { type ReviewSelection, useReviewActs } from "./use-review-acts.ts";

/** Mount it with a key made of the filter: another reason starts with nothing selected. */
export function ReviewDesk({ page, othersWait }: { readonly page: ReviewPage; /** Something else than a change waits on the same page. */ readonly othersWait: boolean }) {
  const [begunCount, setBegunCount] = useState(0);
  const acts = useReviewActs(() => setBegunCount((count) => count + 1));
  return (
    <BlockStack gap="400">
      <ReviewOutcome acts={acts} />
      <Card padding="0">
        {page.rows.length === 0 ? (
          <NothingToReview page={page} othersWait={othersWait} />
        ) : (
          <ReviewList
            rows={page.rows}
            nowMs={page.nowMs}
            timeZone={page.timeZone}
            hasMore={page.olderCursor !== null || page.newerCursor !== null}
            busy={acts.running !== null}
            begunCount={begunCount}
            onAct={(act, which) => acts.want({ act, selection: which === "all" ? { kind: "matching", why: page.why } : { kind: "ids", ids: which } })}
          />
        )}
      </Card>
      {acts.asked === null ? null : <ActDialog act={acts.asked.act} {...countsOf(acts.asked.selection, page.rows)} onConfirm={acts.confirm} onClose={acts.dismiss} />}
    </BlockStack>
  );
}

/** A call counts once, however many of its changes were selected. */
function countsOf(selection: ReviewSelection, rows: readonly ReviewRow[]): { count: number | null; touchedCount: number | null } {
  if (selection.kind === "matching") return { count: null, touchedCount: null };
  const chosen = rows.filter((row) => selection.ids.includes(row.id));
  const calls = new Map(chosen.map((row) => [row.sharedCount > 1 ? row.mutationId : row.id, row.sharedCount]));
  return { count: selection.ids.length, touchedCount: [...calls.values()].reduce((sum, count) => sum + count, 0) };
}

function NothingToReview({ page, othersWait }: { readonly page: ReviewPage; readonly othersWait: boolean }) {
  if (page.why !== "" && page.total > 0) {
    return <EmptyMessage heading="Nothing is left for this reason" text="Other changes still need review." action={{ label: "Show them", url: "/app/review" }} />;
  }
  return (
    <EmptyMessage
      heading={othersWait ? "No stock change needs review" : "Nothing needs review"}
      text="When Holdfast cannot go on without guessing, it stops here and says why. You then retry, discard, or say what happened; each act is in the audit trail."
      action={{ label: "See the stock history", url: "/app/history" }}
    />
  );
}
