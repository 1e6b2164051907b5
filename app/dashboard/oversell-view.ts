// How an oversell is told in sentences, which of them an address asks for, and its orders as people think of them. Pure.

import { formatItemName, plural } from "./formatting.ts";
import { OVERSELL_VIEWS, type OversellView } from "./oversell-terms.ts";

export function readOversellView(text: string | null): OversellView {
  return OVERSELL_VIEWS.find((view) => view === text) ?? "open";
}

/** Longer texts are nobody's SKU. */
export const SEARCH_LENGTH_MAX = 100;

/** What is searched for, or null when nothing is. */
export function readOversellSearch(text: string | null): string | null {
  const search = (text ?? "").trim().slice(0, SEARCH_LENGTH_MAX);
  // PostgreSQL holds neither NUL nor a lone surrogate.
  return search === "" || /\p{Cc}/u.test(search) || !search.isWellFormed() ? null : search;
}

/** `/app/oversells?show=done&search=mug&older=…` */
export function oversellsUrl(view: OversellView, more: { readonly search?: string | null; readonly older?: string; readonly newer?: string } = {}): string {
  const { search, ...page } = more;
  const query = new URLSearchParams({ ...(view === "open" ? {} : { show: view }), ...(search ? { search } : {}), ...page }).toString();
  return `/app/oversells${query === "" ? "" : `?${query}`}`;
}

export function itemName({ title, sku, inventoryItemId }: { readonly title: string | null; readonly sku: string | null; readonly inventoryItemId: string }): string {
  return formatItemName(title) ?? sku ?? `Item ${inventoryItemId}`;
}

export interface OversellFigures {
  readonly kind: string;
  readonly depth: number;
  readonly short: number;
  readonly item: string;
  readonly location: string;
}

/** "3 units of Blue mug too many were sold" */
export function oversellHeading({ kind, depth, short, item, location }: OversellFigures): string {
  if (kind === "move_stock") return `${plural(depth, "unit")} of ${item} ${depth === 1 ? "is" : "are"} missing at ${location}`;
  const sold = `${plural(short, "unit")} of ${item} too many ${short === 1 ? "was" : "were"} sold`;
  return kind === "likely_oversold" ? `Probably ${sold}` : sold;
}

export interface NamedOrder {
  readonly orderId: string;
  readonly name: string | null;
}

export function orderName({ orderId, name }: NamedOrder): string {
  return name ?? `Order ${orderId}`;
}

/** "#1044, #1046 and 4 more" */
export function namesOf(orders: readonly NamedOrder[], count: number): string {
  const names = orders.map(orderName);
  const more = count - names.length;
  if (more > 0) return `${names.join(", ")} and ${more} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export interface ShortFigures {
  readonly kind: string;
  readonly state: string;
  /** The first of them, in the order they took stock. */
  readonly shortOrders: readonly NamedOrder[];
  readonly shortOrderCount: number;
}

/** Who goes without: "#1044 and #1046 are short of stock." */
export function shortSentence({ kind, state, shortOrders, shortOrderCount }: ShortFigures): string {
  const over = state === "closed";
  if (shortOrderCount === 0) {
    if (kind === "move_stock") return over ? "Other locations had them." : "Other locations have them, so no order has to go short.";
    return over ? "No order that Holdfast knew was short." : "No order that Holdfast knows is short: what took the units is not known.";
  }
  const are = shortOrderCount === 1 ? (over ? "was" : "is") : over ? "were" : "are";
  return `${namesOf(shortOrders, shortOrderCount)} ${are} short of stock.`;
}

/** One line of an order, as an incident keeps it. */
export interface OrderLineHere {
  readonly orderId: string;
  readonly name: string | null;
  readonly lineId: string;
  /** ISO 8601. */
  readonly committedAt: string;
  readonly units: number;
  readonly unitsShort: number;
  readonly paid: boolean;
  readonly verdict: string;
  readonly exempt: string | null;
}

export interface OrderHere {
  readonly orderId: string;
  readonly name: string | null;
  readonly committedAt: Date;
  readonly units: number;
  readonly unitsShort: number;
  readonly paid: boolean;
  readonly verdict: "short" | "served" | "exempt";
  readonly exempt: string | null;
}

/** One entry an order, in the order in which they took stock; an order may want the item on several lines. */
export function ordersOf(lines: readonly OrderLineHere[]): OrderHere[] {
  return [...Map.groupBy(lines, ({ orderId }) => orderId).values()].flatMap((same): OrderHere[] => {
    const [first] = same;
    if (first === undefined) return [];
    const sum = (of: (line: OrderLineHere) => number) => same.reduce((total, line) => total + of(line), 0);
    const unitsShort = sum((line) => line.unitsShort);
    const exempt = same.every((line) => line.verdict === "exempt") ? first.exempt : null;
    return [
      {
        orderId: first.orderId,
        name: first.name,
        committedAt: new Date(first.committedAt),
        units: sum((line) => line.units),
        unitsShort,
        paid: same.every((line) => line.paid),
        verdict: unitsShort > 0 ? "short" : exempt === null ? "served" : "exempt",
        exempt,
      },
    ];
  });
}

/** What stands before the first order that is short is folded, but for the last few. */
const SERVED_SHOWN_MAX = 5;

/** How many of the first orders are folded away: those long before anybody goes short say little. */
export function foldedCount(orders: readonly Pick<OrderHere, "verdict">[]): number {
  const firstShort = orders.findIndex(({ verdict }) => verdict === "short");
  const folded = (firstShort === -1 ? orders.length : firstShort) - SERVED_SHOWN_MAX;
  // A button for one or two would take as much room as they do.
  return folded > 2 ? folded : 0;
}

export type HoldStanding = "none" | "asked" | "held" | "released" | "failed";

/** What counts of an order's holds: one that is in place, then one that is under way, then how the last ended. */
export function holdStanding(holds: readonly { readonly state: string }[]): HoldStanding {
  const has = (...states: readonly string[]) => holds.some(({ state }) => states.includes(state));
  if (has("held", "release_asked")) return "held";
  if (has("asked")) return "asked";
  return has("failed") ? "failed" : has("released") ? "released" : "none";
}

export interface CauseEvidence {
  readonly cause: string;
  readonly depth: number;
  readonly putBack: number;
  readonly takenAway: number;
  readonly orderCount: number;
}

/** What the numbers say about the cause, in a sentence; null where its general words are all there is. */
export function causeSentence({ cause, putBack, takenAway, orderCount }: CauseEvidence): string | null {
  switch (cause) {
    case "foreign_write": {
      const parts = [...(putBack > 0 ? [`put ${plural(putBack, "unit")} back on sale that orders had taken`] : []), ...(takenAway > 0 ? [`took ${plural(takenAway, "unit")} away`] : [])];
      return parts.length === 0 ? null : `Within the hour before, it ${parts.join(" and ")}.`;
    }
    case "two_sales":
      return orderCount < 2 ? null : `${plural(orderCount, "order line")} wanted these units, and nobody else changed the stock.`;
    default:
      return null;
  }
}

/** Lead of the picture before the first thing that matters, and after the last. */
const LEAD_MS_MIN = 60_000;
const LEAD_MS_MAX = 3_600_000;
/** Orders that were sold longer before an oversell opened say little about how it came about. */
const BEFORE_MS_MAX = 24 * 3_600_000;

/** From when until when an incident is looked at: from the first sale that is short, a little before it, until now or a little after it was over. */
export function spanOf(incident: { readonly openedAt: Date; readonly closedAt: Date | null; readonly soldAt: readonly Date[] }, now: Date): { readonly from: Date; readonly until: Date } {
  const openedMs = incident.openedAt.getTime();
  const firstMs = Math.max(openedMs - BEFORE_MS_MAX, Math.min(openedMs, ...incident.soldAt.map((at) => at.getTime())));
  // Shopify's clock may be ahead of ours: its newest sale is not left out of the picture for that, nor the number at the end of that second.
  const lastMs = Math.max(openedMs, (incident.closedAt ?? now).getTime(), ...incident.soldAt.map((at) => at.getTime() + 1_000));
  const leadMs = Math.min(LEAD_MS_MAX, Math.max(LEAD_MS_MIN, (lastMs - firstMs) / 5));
  return { from: new Date(firstMs - leadMs), until: incident.closedAt === null ? new Date(lastMs) : new Date(lastMs + leadMs) };
}

interface Point {
  readonly at: Date;
  readonly available: number | null;
}

/** The numbers as they would be without what overwrites put back over orders: what there really is. */
export function withoutPutBack(points: readonly Point[], overwrites: readonly { readonly at: Date; readonly units: number }[]): { readonly at: Date; readonly value: number | null }[] {
  return points.map(({ at, available }) => ({
    at,
    value: available === null ? null : available - overwrites.filter((one) => one.at.getTime() <= at.getTime()).reduce((sum, { units }) => sum + units, 0),
  }));
}
