// How a list of changes is walked: lanes, each in the order of ids on an index of its own for one value of the narrowest filter; what the
// other filters ask is tried row by row, within a bound. So a filter that matches nothing costs as little as one that matches all. Pure.

import { EXACT_REVIEW_REASONS, REFUSED_PREFIX, type ReviewReason } from "#app/domain/review.ts";

import { ANYBODY, type ChangeFilter } from "./change-filter.ts";
import type { SqlParameters } from "./sql-parameters.ts";

/** Rows that one page may look through, in all lanes together: some tens of milliseconds. */
export const SCAN_ROWS_MAX = 10_000;

/** A filter with what its search texts and days stand for. */
export interface ResolvedFilter {
  readonly filter: ChangeFilter;
  readonly orderIds?: readonly string[];
  readonly itemIds?: readonly string[];
  /** Who ever acted, when the filter asks for anybody. */
  readonly actors: readonly string[];
  /** See `IdBounds`. */
  readonly lowest: bigint | null;
  readonly highest: bigint | null;
}

export interface Walk {
  /** Placeholder of the install's id. */
  readonly install: string;
  /** `DESC`: newest first. */
  readonly order: "DESC" | "ASC";
  /** Placeholder of the cursor; null without one. */
  readonly cursor: string | null;
}

/** Lanes that differ in one value only. Its texts bind their values when they are asked for: a value that no text names is refused. */
export interface LaneGroup {
  readonly values: readonly string[];
  /** What is in a lane, `v.value` being its value; `c` is the change. */
  readonly from: (parameters: SqlParameters) => string;
  /**
   * The same for all rows of a lane. Asked to sort by it before the id, PostgreSQL takes the index that begins with it: left alone it expects
   * every value to be as frequent as the average, and for a rare one walks through the whole history (a second and more of a million rows).
   */
  readonly key: string;
  /** What its rows must meet to be in the list; null when every row is. */
  readonly condition: ((parameters: SqlParameters) => string) | null;
}

/** What a change can be asked. `column`: an index has it, in the order of ids. */
interface Ask {
  readonly name: keyof ChangeFilter | "items";
  readonly alternatives: readonly { readonly column: string; readonly values: readonly string[]; /** As the partial index says it. */ readonly indexed?: string }[];
}

/** States that few changes are in, or only for a moment. */
const RARE_STATES: ReadonlySet<string> = new Set(["waiting", "claimed", "parked", "rejected", "cancelled"]);

/** The asks of a filter that an index answers, the narrowest first, by experience. */
function asksOf({ filter, orderIds, itemIds }: ResolvedFilter): Ask[] {
  const { states, cause } = filter;
  const ask = (name: Ask["name"], column: string, values: readonly string[] | string | undefined, indexed?: string): Ask[] =>
    values === undefined ? [] : [{ name, alternatives: [{ column, values: typeof values === "string" ? [values] : values, ...(indexed === undefined ? {} : { indexed }) }] }];
  const stateAsk = ask("states", "state", states);
  const rare = states?.every((state) => RARE_STATES.has(state)) === true;
  const itemAsk: Ask[] =
    itemIds === undefined ? [] : [{ name: "items", alternatives: [{ column: "inventory_item_id", values: itemIds }, { column: "sku", values: filter.itemText === undefined ? [] : [filter.itemText] }] }];
  return [
    ...ask("traceId", "trace_id", filter.traceId),
    ...ask("webhookId", "webhook_id", filter.webhookId),
    ...ask("orderId", "order_id", filter.orderId),
    ...ask("orderText", "order_id", orderIds),
    ...(rare ? stateAsk : []),
    ...ask("inventoryItemId", "inventory_item_id", filter.inventoryItemId),
    ...itemAsk,
    ...(cause === "order" ? [] : ask("cause", "cause", cause, "c.cause <> 'order'")),
    ...ask("sourceKey", "source_key", filter.sourceKey),
    ...ask("locationId", "location_id", filter.locationId),
    ...(rare ? [] : stateAsk),
    // Nearly every change is an order's: an index would not help.
    ...(cause === "order" ? ask("cause", "cause", cause) : []),
  ];
}

export function lanesOf(resolved: ResolvedFilter, walk: Walk): LaneGroup[] {
  const { filter, lowest, actors } = resolved;
  const asks = asksOf(resolved);
  if (filter.actor !== undefined) return [actedLanes(filter.actor === ANYBODY ? actors : [filter.actor], walk, conditionOf(filter, asks))];
  const narrowest = asks.find((ask) => ask.name !== "cause" || filter.cause !== "order");
  const condition = conditionOf(filter, asks.filter((ask) => ask !== narrowest));
  // BETWEEN and not `=`: what equals a value counts as sorted already, and the order by `key` would say nothing.
  const within = (parameters: SqlParameters) => `${changesSql(walk)}${boundsSql(resolved, parameters)}`;
  const groups: LaneGroup[] =
    narrowest === undefined
      ? [{ values: [""], from: within, key: "c.install_id", condition }]
      : narrowest.alternatives.map(({ column, values, indexed }) => ({ values, from: (parameters) => `${within(parameters)} AND c.${column} BETWEEN v.value AND v.value${indexed === undefined ? "" : ` AND ${indexed}`}`, key: `c.${column}`, condition }));
  return lowest === null ? groups : [...groups, lateLane(filter, lowest, walk, conditionOf(filter, asks))];
}

function changesSql(walk: Walk): string {
  return `changes c WHERE c.install_id = ${walk.install}${beyondSql("c.id", walk)}`;
}

function beyondSql(id: string, { cursor, order }: Walk): string {
  return cursor === null ? "" : ` AND ${id} ${order === "DESC" ? "<" : ">"} ${cursor}::bigint`;
}

function boundsSql({ lowest, highest }: ResolvedFilter, parameters: SqlParameters): string {
  return `${lowest === null ? "" : ` AND c.id >= ${parameters.bind(lowest)}::bigint`}${highest === null ? "" : ` AND c.id <= ${parameters.bind(highest)}::bigint`}`;
}

/** What people and programs acted on; several entries of one change are one row. */
function actedLanes(actors: readonly string[], walk: Walk, condition: LaneGroup["condition"]): LaneGroup {
  const acted = `SELECT a.change_id FROM audit_entries a WHERE a.install_id = ${walk.install} AND a.actor = v.value AND a.actor <> 'holdfast'
    AND a.change_id IS NOT NULL${beyondSql("a.change_id", walk)} GROUP BY a.change_id ORDER BY a.change_id ${walk.order}`;
  return { values: actors, from: () => `(${acted}) acted JOIN changes c ON c.id = acted.change_id WHERE c.install_id = ${walk.install}`, key: "c.install_id", condition };
}

/** Decided before the range of days, and settled within it long after. */
function lateLane(filter: ChangeFilter, lowest: bigint, walk: Walk, condition: LaneGroup["condition"]): LaneGroup {
  const settled = (parameters: SqlParameters) => timeSql(filter, parameters, "c.finished_at").map((sql) => ` AND ${sql}`).join("");
  return {
    values: [""],
    from: (parameters) => `${changesSql(walk)} AND c.id < ${parameters.bind(lowest)}::bigint AND c.finished_at - c.created_at > interval '1 hour'${settled(parameters)}`,
    key: "c.install_id",
    condition,
  };
}

function conditionOf(filter: ChangeFilter, asks: readonly Ask[]): LaneGroup["condition"] {
  const { happenedFrom, happenedBefore, reviewReason } = filter;
  if (asks.length === 0 && happenedFrom === undefined && happenedBefore === undefined && reviewReason === undefined) return null;
  return (parameters) => [...asks.map((ask) => askSql(ask, parameters)), ...timeSql(filter, parameters), ...(reviewReason === undefined ? [] : [reviewReasonSql(reviewReason, parameters)])].join(" AND ");
}

function askSql({ alternatives }: Ask, parameters: SqlParameters): string {
  return `(${alternatives.map(({ column, values }) => `c.${column} = ANY(${parameters.bind(values)}::text[])`).join(" OR ")})`;
}

function timeSql({ happenedFrom, happenedBefore }: ChangeFilter, parameters: SqlParameters, at = "coalesce(c.finished_at, c.created_at)"): string[] {
  return [
    ...(happenedFrom === undefined ? [] : [`${at} >= ${parameters.bind(happenedFrom)}::timestamptz`]),
    ...(happenedBefore === undefined ? [] : [`${at} < ${parameters.bind(happenedBefore)}::timestamptz`]),
  ];
}

/** The same closed list as `reviewReasonOf`. */
function reviewReasonSql(reason: ReviewReason, parameters: SqlParameters): string {
  const refused = `c.reason LIKE '${REFUSED_PREFIX}%'`;
  if (reason === "refused") return refused;
  if (reason !== "other") return `c.reason = ${parameters.bind(reason)}`;
  return `(c.reason IS NULL OR NOT (${refused} OR c.reason = ANY(${parameters.bind([...EXACT_REVIEW_REASONS])}::text[])))`;
}
