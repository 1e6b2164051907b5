// Which page of a list an address asks for: `older=` or `newer=` a cursor; a cursor that is none of ours gives the first page. Pure.

import { decodeCursor, type PageRequest } from "./queries/keyset-page.ts";

/** Rows on a page of a list in the dashboard. */
export const PAGE_ROWS = 50;

export function readPageRequest(query: URLSearchParams): PageRequest {
  return readPageRequestBy(query, decodeCursor);
}

/** For lists that are ordered by something else than an id. */
export function readPageRequestBy<Cursor>(query: URLSearchParams, decode: (text: string) => Cursor | null): PageRequest<Cursor> {
  for (const direction of ["older", "newer"] as const) {
    const text = query.get(direction);
    const cursor = text === null ? null : decode(text);
    if (cursor !== null) return { direction, cursor, limit: PAGE_ROWS };
  }
  return { direction: "newest", limit: PAGE_ROWS };
}
