// Rows of the blocks from rows of the read models: the dashboard's words, its numbers and its tones. Pure.

import { locationNameOf } from "#app/dashboard/change-names.ts";
import { formatDelta, formatQuantity, formatRelative, plural } from "#app/dashboard/formatting.ts";
import { formatAhead } from "#app/dashboard/hold-view.ts";
import { holdTerm } from "#app/dashboard/hold-terms.ts";
import type { HoldRow } from "#app/dashboard/holds-page.server.ts";
import { itemName, oversellHeading, shortSentence } from "#app/dashboard/oversell-view.ts";
import { oversellTerm } from "#app/dashboard/oversell-terms.ts";
import type { ChangeRow } from "#app/dashboard/queries/list-changes.server.ts";
import type { OversellCardRow } from "#app/dashboard/queries/list-oversell-cards.server.ts";
import { CHANGE_STATES, saleTerms, termFor, type Tone } from "#app/dashboard/terms.ts";

import type { BlockChange, BlockHold, BlockOversell, BlockTone } from "./extension-answers.ts";

/** The admin's components know no "attention". */
export function blockTone(tone: Tone): BlockTone {
  return tone === undefined ? "neutral" : tone === "attention" ? "warning" : tone;
}

export function toBlockChange(change: ChangeRow, nowMs: number): BlockChange {
  const { cause, delta } = saleTerms(change);
  const state = termFor(CHANGE_STATES, change.state);
  const { before, after } = change;
  return {
    id: String(change.id),
    delta: formatDelta(delta),
    cause: cause.label,
    order: change.orderName ?? (change.orderId === null ? null : `Order ${change.orderId}`),
    location: locationNameOf(change),
    state: state.label,
    tone: blockTone(state.tone),
    levels: before === null && after === null ? null : `${formatQuantity(before)} → ${formatQuantity(after)}`,
    when: formatRelative((change.finishedAt ?? change.createdAt).getTime(), nowMs),
    page: `/app/history/${change.id}`,
  };
}

export function toBlockOversell(row: Omit<OversellCardRow, "heldCount">): BlockOversell {
  const term = oversellTerm(row);
  const named = { ...row, item: itemName(row), location: row.locationName ?? `Location ${row.locationId}` };
  return { id: String(row.id), heading: oversellHeading(named), text: shortSentence(row), state: term.label, tone: blockTone(term.tone), page: `/app/oversells/${row.id}` };
}

export function toBlockHold(hold: Pick<HoldRow, "id" | "heading" | "state" | "settlement" | "refundRequired" | "expiresAt">, nowMs: number): BlockHold {
  const term = holdTerm(hold);
  return {
    id: hold.id,
    heading: hold.heading,
    state: term.label,
    tone: blockTone(term.tone),
    when: hold.state === "active" ? `ends ${formatAhead(hold.expiresAt, nowMs)}` : null,
    page: `/app/holds/${hold.id}`,
  };
}

export function effectText({ taken, givenBack }: { readonly taken: number; readonly givenBack: number }): string {
  if (taken === 0 && givenBack === 0) return "no stock changed";
  return [...(taken === 0 ? [] : [`${plural(taken, "unit")} taken`]), ...(givenBack === 0 ? [] : [`${plural(givenBack, "unit")} given back`])].join(", ");
}
