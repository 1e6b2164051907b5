// Walks a list page by page, newest first, for exports: one page is in memory at a time, and a row's place is its id, which never changes.

import type { KeysetPage, PageRequest } from "../queries/keyset-page.ts";
import { decodeCursor } from "../queries/keyset-page.ts";

/** Rows read at once: some hundred kilobytes, and a query that stays well below its time limit. */
export const EXPORT_PAGE_ROWS = 1_000;

/**
 * The pages of a list that is ordered by id, newest first, to its end. Rows that are added meanwhile have larger ids and are passed by;
 * a row that changes meanwhile is read as it is when its page is, and once, because it keeps its id.
 */
export async function* pagesOf<Row>(read: (page: PageRequest) => Promise<KeysetPage<Row>>, limit = EXPORT_PAGE_ROWS): AsyncGenerator<readonly Row[]> {
  let page: PageRequest = { direction: "newest", limit };
  for (;;) {
    const { items, olderCursor } = await read(page);
    if (items.length > 0) yield items;
    const cursor = olderCursor === null ? null : decodeCursor(olderCursor);
    if (cursor === null) return;
    page = { direction: "older", cursor, limit };
  }
}
