// Which holds an address asks for, and how one is told in a line. Pure.

import { formatItemName, plural } from "./formatting.ts";
import { HOLD_VIEWS, type HoldView } from "./hold-terms.ts";
import type { ReservationFilter, ReservationRow } from "./queries/list-reservations.server.ts";

export function readHoldView(text: string | null): HoldView {
  return HOLD_VIEWS.find((view) => view === text) ?? "all";
}

export function holdFilter(view: HoldView): ReservationFilter {
  switch (view) {
    case "person":
      return { waitingForPerson: true };
    case "refund":
      return { refundRequired: true };
    case "active":
      return { states: ["active"] };
    case "all":
      return {};
  }
}

/** `/app/holds/all?show=person&older=…` */
export function holdsUrl(view: HoldView, page: { readonly older?: string; readonly newer?: string } = {}): string {
  const query = new URLSearchParams({ ...(view === "all" ? {} : { show: view }), ...page }).toString();
  return `/app/holds/all${query === "" ? "" : `?${query}`}`;
}

/** It waits for a person's decision: the same rule as the list of those that do. */
export function isUndecided({ settlement, making }: Pick<ReservationRow, "settlement" | "making">): boolean {
  return settlement === "person" || (settlement === "order" && making === "person");
}

interface NamedStock {
  readonly title: string | null;
  readonly sku: string | null;
  readonly inventoryItemId: string;
}

export function stockName({ title, sku, inventoryItemId }: NamedStock): string {
  return formatItemName(title) ?? sku ?? `Item ${inventoryItemId}`;
}

/** Lines that a heading names before it counts the rest. */
const NAMED_LINES_MAX = 2;

/** "2 × Beeswax candle, 1 × Stoneware mug and 3 more items". */
export function holdHeading(lines: readonly (NamedStock & { readonly quantity: number })[]): string {
  if (lines.length === 0) return "Hold";
  const named = lines.slice(0, NAMED_LINES_MAX).map((line) => `${line.quantity} × ${stockName(line)}`);
  const more = lines.length - named.length;
  return more === 0 ? named.join(", ") : `${named.join(", ")} and ${plural(more, "more item")}`;
}

/** Of what was put on hold, how much was sold: "62 %"; what was put on hold before the span may be sold in it. */
export function formatConversion({ grantedUnits, committedUnits }: { readonly grantedUnits: number; readonly committedUnits: number }): string {
  return grantedUnits === 0 ? "—" : `${Math.min(100, Math.round((committedUnits / grantedUnits) * 100))} %`;
}

/** A time ahead: "in 4 minutes"; one that has passed is being dealt with. */
export function formatAhead(at: Date, nowMs: number): string {
  const aheadMs = at.getTime() - nowMs;
  if (aheadMs <= 0) return "now";
  const seconds = Math.ceil(aheadMs / 1000);
  if (seconds < 60) return `in ${plural(seconds, "second")}`;
  return seconds < 3_600 ? `in ${plural(Math.round(seconds / 60), "minute")}` : `in ${plural(Math.round(seconds / 3_600), "hour")}`;
}
