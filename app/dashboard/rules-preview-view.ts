// A preview of rules in sentences: how many orders, how many units, and what is different from the rules in force. Pure.

import type { PreviewExample, RulesPreview } from "#app/domain/preview-rules.ts";

import { formatCount, formatDelta, formatItemName, plural } from "./formatting.ts";

interface Previewed {
  readonly preview: RulesPreview;
  readonly orderCount: number;
  /** Only the newest `orderCount` were looked at. */
  readonly cut: boolean;
}

/** The first one is the answer; the others say what it rests on. */
export function previewSentences({ preview, orderCount, cut }: Previewed): readonly string[] {
  if (orderCount === 0) return ["There was no order in the last 24 hours to try these rules on."];
  const { touchedCount, touchedBefore, differentCount, unitsTaken, watchedCount, questionCount } = preview;
  const of = cut ? `the newest ${formatCount(orderCount)} orders` : orderCount === 1 ? "the one order" : `the ${formatCount(orderCount)} orders`;
  const sentences = [
    `Of ${of} of the last 24 hours, these rules would have changed stock for ${touchedCount === 0 ? "none" : `${formatCount(touchedCount)}, taking ${plural(unitsTaken, "unit")}`}.`,
    differentCount === 0
      ? "The rules in force come to the same."
      : `The rules in force come to ${formatCount(touchedBefore)}; for ${plural(differentCount, "order")} the two differ.`,
  ];
  if (watchedCount > 0) {
    sentences.push(`${plural(watchedCount, "order")} of them would only be watched: ${watchedCount === 1 ? "its" : "their"} source has not been seen to leave stock alone often enough, or is paused.`);
  }
  if (questionCount > 0) sentences.push(`${plural(questionCount, "line")} would need review.`);
  return sentences;
}

/** `−2 Beeswax candle, −1 Mug (now: nothing)` */
export function exampleText({ items, savedItems, questionCount, watchedBecause }: Pick<PreviewExample, "items" | "savedItems" | "questionCount" | "watchedBecause">): string {
  const now = itemsText(items, questionCount);
  const watched = watchedBecause === null ? "" : ", only watched";
  return savedItems === null ? `${now}${watched}` : `${now}${watched}; by the rules in force ${itemsText(savedItems, 0)}`;
}

function itemsText(items: PreviewExample["items"], questionCount: number): string {
  if (items.length === 0) return questionCount === 0 ? "nothing" : "needs review";
  return items.map(({ name, delta }) => `${formatDelta(delta)} ${formatItemName(name) ?? name}`).join(", ");
}
