// Holds the conversion between Shopify's global ids and the bare decimal strings used inside.
import { describe, expect, it } from "vitest";

import { formatGid, idFromGid, isDecimalId, parseGid, readId } from "./gid.ts";

describe("global ids", () => {
  it("survive the way out and back when they exceed 2^53", () => {
    const id = "271878346596884015";
    expect(String(Number(id))).not.toBe(id);
    expect(idFromGid("InventoryItem", formatGid("InventoryItem", id))).toBe(id);
  });

  it("refuse an id of another kind", () => {
    expect(idFromGid("Order", "gid://shopify/DraftOrder/1")).toBeNull();
  });

  it("ignore the query string that inventory levels carry", () => {
    expect(parseGid("gid://shopify/InventoryLevel/5?inventory_item_id=7")).toEqual({ kind: "InventoryLevel", id: "5" });
  });

  it.each(["", "gid://shopify/Order/", "gid://shopify/Order/x", "gid://other/Order/1", "gid://shopify/Order/12345678901234567890", "gid://shopify/Order/0"])(
    "are not read from %j",
    (text) => {
      expect(parseGid(text)).toBeNull();
    },
  );

  it.each(["123", "gid://shopify/Order/123", "gid%3A%2F%2Fshopify%2FOrder%2F123"])("are read from what a caller of the API writes: %s", (text) => {
    expect(readId("Order", text)).toBe("123");
  });

  it.each(["-1", "1.5", "0", "007", " 1", "1e3", "%E0%A4%A", "gid://shopify/Location/1"])("refuse %j as the id of an order", (text) => {
    expect(readId("Order", text)).toBeNull();
  });

  it("cannot be made from anything but decimal digits, because that would be a bug", () => {
    expect(() => formatGid("Order", "1; drop")).toThrow(TypeError);
    expect(isDecimalId("9".repeat(19))).toBe(true);
    expect(isDecimalId("9".repeat(20))).toBe(false);
  });
});
