// Cursors and the two directions of a keyset page.
import { describe, expect, it } from "vitest";

import { decodeCursor, encodeCursor, keysetSql, toPage } from "./keyset-page.ts";

const rows = (...ids: number[]) => ids.map((id) => ({ id: BigInt(id) }));
const idsOf = (items: readonly { id: bigint }[]) => items.map((item) => Number(item.id));

describe("cursors", () => {
  it.each([0n, 1n, 9_223_372_036_854_775_807n])("carry the row id %s", (id) => {
    expect(decodeCursor(encodeCursor(id))).toBe(id);
  });

  it.each(["", "x", "i1", "aTE=", "LTE", "aS0x", encodeCursor(9_223_372_036_854_775_808n), "a".repeat(1_000), "' OR 1=1"])("refuse %j", (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});

describe("toPage", () => {
  it("offers older rows only when one more was read than asked for", () => {
    expect(toPage(rows(9, 8, 7), { direction: "newest", limit: 2 })).toMatchObject({ olderCursor: encodeCursor(8n), newerCursor: null });
    expect(toPage(rows(9, 8), { direction: "newest", limit: 2 })).toMatchObject({ olderCursor: null, newerCursor: null });
  });

  it("turns rows read from the other side around and offers the way back", () => {
    const page = toPage(rows(5, 6, 7), { direction: "newer", cursor: 4n, limit: 2 });
    expect(idsOf(page.items)).toEqual([6, 5]);
    expect(page).toMatchObject({ olderCursor: encodeCursor(5n), newerCursor: encodeCursor(6n) });
  });

  it("offers nothing around an empty page", () => {
    expect(toPage([], { direction: "older", cursor: 4n, limit: 2 })).toEqual({ items: [], olderCursor: null, newerCursor: null });
  });

  it("puts no value into the SQL", () => {
    expect(keysetSql({ direction: "older", cursor: 4n, limit: 2 }, "c.id", "$3")).toEqual({ where: "c.id < $3::bigint", orderBy: "c.id DESC" });
  });
});
