// What needs review, with its acts for one, for those selected, and for all that match.

import { Badge, BlockStack, InlineStack, Text } from "@shopify/polaris";

import { REVIEW_ACTS, type ReviewAct } from "#app/domain/review.ts";

import { changeHeading } from "../../change-story.ts";
import { formatTimeOfDay } from "../../formatting.ts";
import type { ReviewRow } from "../../review-page.server.ts";
import { reasonText, refusalTerm, REVIEW_ACT_TERMS, REVIEW_REASON_TERMS } from "../../terms.ts";
import { Moment } from "../moment.tsx";
import { SelectableList, type Selected } from "../selectable-list.tsx";
import { TextLink } from "../text-link.tsx";

interface ReviewListProps {
  readonly rows: readonly ReviewRow[];
  readonly nowMs: number;
  readonly timeZone: string;
  /** More match than this page shows: all of them can be selected. */
  readonly hasMore: boolean;
  readonly busy: boolean;
  readonly begunCount: number;
  readonly onAct: (act: ReviewAct, which: Selected) => void;
}

export function ReviewList({ rows, nowMs, timeZone, hasMore, busy, begunCount, onAct }: ReviewListProps) {
  const toActs = (acts: readonly ReviewAct[], which: Selected) => acts.map((act) => ({ label: REVIEW_ACT_TERMS[act].label, onAction: () => onAct(act, which) }));
  // What is beyond this page may allow what nothing here does.
  const possible = (selected: Selected) =>
    selected === "all" ? REVIEW_ACTS : REVIEW_ACTS.filter((act) => rows.some((row) => selected.includes(row.id) && row.allowedActs.includes(act)));
  return (
    <SelectableList
      noun="change"
      rows={rows.map((row) => ({
        id: row.id,
        name: changeHeading(row),
        content: <RowText row={row} nowMs={nowMs} timeZone={timeZone} />,
        acts: toActs(row.allowedActs, [row.id]),
      }))}
      hasMore={hasMore}
      busy={busy}
      begunCount={begunCount}
      bulkActs={(selected) => toActs(possible(selected), selected)}
    />
  );
}

function RowText({ row, nowMs, timeZone }: { readonly row: ReviewRow; readonly nowMs: number; readonly timeZone: string }) {
  const code = refusalTerm(row.reason);
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <TextLink primary url={`/app/history/${row.id}`}>
          {changeHeading(row)}
        </TextLink>
        <Badge tone={row.allowedActs.includes("resolve_applied") ? "critical" : "warning"}>{REVIEW_REASON_TERMS[row.reviewReason].label}</Badge>
      </InlineStack>
      <Text as="span">
        {reasonText(row.reason) ?? REVIEW_REASON_TERMS[row.reviewReason].meaning}
        {code === null ? null : <span className="hf-code"> {code}</span>}
      </Text>
      <Text as="span" variant="bodySm" tone="subdued">
        {[row.sku === row.item ? null : row.sku, row.location, ...notesOf(row, timeZone)].filter((part) => part !== null).map((part) => `${part} · `)}
        <Moment at={row.happenedAt} nowMs={nowMs} timeZone={timeZone} clock />
      </Text>
    </BlockStack>
  );
}

function notesOf(row: ReviewRow, timeZone: string): string[] {
  return [
    ...(row.sharedCount > 1 ? [`one of ${row.sharedCount} changes in its call`] : []),
    ...(row.mayArriveUntil === null ? [] : [`its call may still arrive until ${formatTimeOfDay(row.mayArriveUntil, timeZone)}`]),
    ...(row.beingRead ? ["its order is being read again"] : []),
  ];
}
