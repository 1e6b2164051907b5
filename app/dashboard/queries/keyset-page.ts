// Keyset pages, newest first: a cursor names a row, so rows that arrive while somebody turns pages shift nothing. Pure.

/** `older` than the cursor's row, or `newer`; without a cursor the newest rows. */
export type PageRequest<Cursor = bigint> =
  | { readonly direction: "newest"; readonly limit: number }
  | { readonly direction: "older" | "newer"; readonly cursor: Cursor; readonly limit: number };

export interface KeysetPage<Row> {
  readonly items: readonly Row[];
  /** Cursor for the page of older rows, when there are any. */
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 250;

/** PostgreSQL's bigint. */
const ID_MAX = 9_223_372_036_854_775_807n;

/** The cursor of a row; opaque to clients, so that it may come to name more than an id. */
export function encodeCursor(id: bigint): string {
  return Buffer.from(`i${id}`, "latin1").toString("base64url");
}

/** The row id inside a cursor, or null when the text is none of ours. */
export function decodeCursor(cursor: string): bigint | null {
  if (cursor.length > 64 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const digits = /^i([0-9]{1,19})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (digits === undefined) return null;
  const id = BigInt(digits);
  return id <= ID_MAX ? id : null;
}

/** The SQL that a page adds to a query over `column`; the caller binds `cursor` at `parameter` when there is one. */
export function keysetSql(page: PageRequest, column: string, parameter: string): { readonly where: string; readonly orderBy: string } {
  if (page.direction === "newest") return { where: "TRUE", orderBy: `${column} DESC` };
  if (page.direction === "older") return { where: `${column} < ${parameter}::bigint`, orderBy: `${column} DESC` };
  return { where: `${column} > ${parameter}::bigint`, orderBy: `${column} ASC` };
}

/** Makes a page of `rows`, which were read with `limit + 1` in the order of `keysetSql`. */
export function toPage<Row extends { readonly id: bigint }>(rows: readonly Row[], page: PageRequest): KeysetPage<Row> {
  return toPageBy(rows, page, (row) => encodeCursor(row.id));
}

/** The same for rows that are ordered by something else than an id. */
export function toPageBy<Row>(rows: readonly Row[], page: PageRequest<unknown>, cursorOf: (row: Row) => string): KeysetPage<Row> {
  const more = rows.length > page.limit;
  const read = rows.slice(0, page.limit);
  const items = page.direction === "newer" ? read.toReversed() : read;
  const first = items[0];
  const last = items.at(-1);
  // Coming from the other side, the rows one came from are still there.
  const hasOlder = page.direction === "newer" ? items.length > 0 : more;
  const hasNewer = page.direction === "older" ? items.length > 0 : page.direction === "newer" && more;
  return {
    items,
    olderCursor: hasOlder && last !== undefined ? cursorOf(last) : null,
    newerCursor: hasNewer && first !== undefined ? cursorOf(first) : null,
  };
}

/** A page that ends before the row `nextId`, which was not looked at: the next page begins with it. `rows` are those that match before it. */
export function toCutPage<Row extends { readonly id: bigint }>(rows: readonly Row[], page: PageRequest, nextId: bigint): KeysetPage<Row> {
  const whole = toPage(rows, page);
  if (page.direction === "newer") return { ...whole, newerCursor: encodeCursor(nextId - 1n), olderCursor: whole.olderCursor ?? encodeCursor(page.cursor + 1n) };
  return { ...whole, olderCursor: encodeCursor(nextId + 1n), newerCursor: page.direction === "newest" ? null : (whole.newerCursor ?? encodeCursor(page.cursor - 1n)) };
}
