// Relay connections over a list: one page of it, with cursors that survive what is added behind them.
import { GraphQLError } from "graphql";

export interface PageArgs {
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

export function connect<T>(items: readonly T[], args: PageArgs, idOf: (item: T) => string): Connection<T> {
  const size = pageSize(args);
  const ordered = args.reverse ? items.toReversed() : items;
  const afterIndex = args.after ? indexOfCursor(ordered, args.after, idOf) + 1 : 0;
  const beforeIndex = args.before ? indexOfCursor(ordered, args.before, idOf) : ordered.length;
  const start = args.first === undefined || args.first === null ? Math.max(afterIndex, beforeIndex - size) : afterIndex;
  const nodes = ordered.slice(start, Math.min(start + size, beforeIndex));
  const edges = nodes.map((node) => ({ cursor: cursorOf(idOf(node)), node }));
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
  const size = args.first ?? args.last;
  if (size === undefined || size === null) throw new GraphQLError("you must provide one of first or last", { extensions: { code: "BAD_REQUEST" } });
  if (size < 0 || size > PAGE_SIZE_MAX) {
    throw new GraphQLError(`first and last must lie between 0 and ${PAGE_SIZE_MAX}`, { extensions: { code: "BAD_REQUEST" } });
  }
  return size;
}

function cursorOf(id: string): string {
  return Buffer.from(JSON.stringify({ last_id: id })).toString("base64url");
}

function indexOfCursor<T>(items: readonly T[], cursor: string, idOf: (item: T) => string): number {
  const id = readCursor(cursor);
  const index = id === null ? -1 : items.findIndex((item) => idOf(item) === id);
  if (index === -1) throw new GraphQLError("Invalid cursor for current pagination sort.", { extensions: { code: "BAD_REQUEST" } });
  return index;
}

function readCursor(cursor: string): string | null {
  try {
    const value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as { last_id?: unknown };
    return typeof value.last_id === "string" ? value.last_id : null;
  } catch {
    return null;
  }
}
