// Relay connections over a list: one page of it, with cursors that survive what is added behind them.
import { GraphQLError } from "graphql";

/** Given by a bulk operation in place of a page size; a symbol, so that no client can send it. */
export const EVERYTHING: unique symbol = Symbol("everything");

export interface PageArgs {
  [EVERYTHING]?: true;
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  reverse?: boolean | null;
}

export interface Connection<T> {
  nodes: T[];
  edges: { cursor: string; node: T }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

export const PAGE_SIZE_MAX = 250;

/** `sortedBy`: what the list is sorted by, when that may change. Its cursors name a place in the order, which stays when the item moves away. */
export function connect<T>(items: readonly T[], args: PageArgs, idOf: (item: T) => string, sortedBy?: (item: T) => number): Connection<T> {
  const size = pageSize(args);
  const ordered = args.reverse ? items.toReversed() : items;
  const find = (cursor: string) => placeOfCursor(ordered, cursor, { idOf, sortedBy, reverse: args.reverse === true });
  const afterIndex = args.after ? find(args.after).behind : 0;
  const beforeIndex = args.before ? find(args.before).at : ordered.length;
  const start = args.first === undefined || args.first === null ? Math.max(afterIndex, beforeIndex - size) : afterIndex;
  const nodes = ordered.slice(start, Math.min(start + size, beforeIndex));
  const edges = nodes.map((node) => ({ cursor: cursorOf(idOf(node), sortedBy?.(node)), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: start + nodes.length < ordered.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function pageSize(args: PageArgs): number {
  if (args[EVERYTHING]) return Number.POSITIVE_INFINITY;
  const size = args.first ?? args.last;
  if (size === undefined || size === null) throw new GraphQLError("you must provide one of first or last", { extensions: { code: "BAD_REQUEST" } });
  if (size < 0 || size > PAGE_SIZE_MAX) {
    throw new GraphQLError(`first and last must lie between 0 and ${PAGE_SIZE_MAX}`, { extensions: { code: "BAD_REQUEST" } });
  }
  return size;
}

interface Cursor {
  id: string;
  value: number | null;
}

function cursorOf(id: string, value?: number): string {
  return Buffer.from(JSON.stringify({ last_id: id, ...(value === undefined ? {} : { last_value: value }) })).toString("base64url");
}

interface Sorting<T> {
  idOf: (item: T) => string;
  sortedBy: ((item: T) => number) | undefined;
  reverse: boolean;
}

/** Where the cursor's item stands and what follows it; of an item that moved away, the place that it left. */
function placeOfCursor<T>(items: readonly T[], text: string, { idOf, sortedBy, reverse }: Sorting<T>): { at: number; behind: number } {
  const cursor = readCursor(text);
  if (cursor === null) throw invalidCursor();
  const { id, value } = cursor;
  if (value === null || !sortedBy) {
    const index = items.findIndex((item) => idOf(item) === id);
    if (index === -1) throw invalidCursor();
    return { at: index, behind: index + 1 };
  }
  const sign = reverse ? -1 : 1;
  const compare = (item: T) => sign * (sortedBy(item) - value || compareIds(idOf(item), id));
  const at = items.findIndex((item) => compare(item) >= 0);
  if (at === -1) return { at: items.length, behind: items.length };
  return { at, behind: compare(items[at] as T) === 0 ? at + 1 : at };
}

/** Ids are decimal and may be longer than a number holds. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function invalidCursor(): GraphQLError {
  return new GraphQLError("Invalid cursor for current pagination sort.", { extensions: { code: "BAD_REQUEST" } });
}

function readCursor(cursor: string): Cursor | null {
  try {
    const value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as { last_id?: unknown; last_value?: unknown };
    if (typeof value.last_id !== "string") return null;
    return { id: value.last_id, value: typeof value.last_value === "number" ? value.last_value : null };
  } catch {
    return null;
  }
}
