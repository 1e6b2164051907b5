// How the comparison of one item is told in words. Pure.

import type { CompareItemAnswer } from "./compare-item.server.ts";
import { formatDuration, formatQuantity, plural } from "./formatting.ts";
import { numbersText } from "./mismatch-view.ts";

export interface ComparisonWords {
  readonly tone: "success" | "warning" | "info";
  readonly title: string;
  /** One sentence a location, and what follows from them. */
  readonly sentences: readonly string[];
}

export function comparisonWords(answer: CompareItemAnswer): ComparisonWords {
  switch (answer.kind) {
    case "compared":
      return compared(answer);
    case "later":
      return { tone: "warning", title: `Shopify cannot be asked just now. Try again in ${formatDuration(Math.max(1_000, answer.afterMs))}.`, sentences: ["Nothing was compared, and nothing was changed."] };
    case "unknown_item":
      return { tone: "warning", title: "Holdfast knows no stock of this item.", sentences: ["It may have been deleted in Shopify. Reload the page."] };
    case "failed":
      return { tone: "warning", title: "It could not be compared. Try again in a moment.", sentences: ["Nothing was changed."] };
  }
}

function compared({ placeCount, differences, unsettled }: Extract<CompareItemAnswer, { kind: "compared" }>): ComparisonWords {
  const pending = unsettled.map((location) => `${location}: something is on its way there; ask again in a minute.`);
  if (differences.length > 0) {
    return {
      tone: "warning",
      title: `The numbers differ at ${plural(differences.length, "location")}.`,
      sentences: [...differences.map((one) => `${one.location}: ${numbersText({ shopify: one.shopify, known: one.known })}.`), ...pending, "Each is among the mismatches now, with what explains it. From here on Holdfast goes by Shopify's number."],
    };
  }
  if (pending.length > 0) return { tone: "info", title: "Its stock is moving right now.", sentences: pending };
  return { tone: "success", title: "Shopify and Holdfast have the same number.", sentences: [`${formatQuantity(placeCount)} ${placeCount === 1 ? "location was" : "locations were"} compared just now.`] };
}
