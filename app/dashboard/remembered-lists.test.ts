// What is remembered of a list, and what a link to it then says.
import { describe, expect, it } from "vitest";

import { addressAsLeft, afterVisit, NOTHING_REMEMBERED, readRemembered } from "./remembered-lists.ts";

const visited = afterVisit(NOTHING_REMEMBERED, "/app/history", "?state=parked&item=MUG");

describe("a list", () => {
  it("is found again with the filters it was left with", () => {
    expect(addressAsLeft(visited, "/app/history")).toBe("/app/history?state=parked&item=MUG");
    expect(addressAsLeft(visited, "/app/holds")).toBe("/app/holds");
  });

  it("is forgotten when it is opened without filters, as Clear does", () => {
    expect(addressAsLeft(afterVisit(visited, "/app/history", ""), "/app/history")).toBe("/app/history");
    expect(addressAsLeft(afterVisit(visited, "/app/history", "?state="), "/app/history")).toBe("/app/history");
  });

  it("is found again at its newest rows, not on the page that was looked at, and without what Shopify adds to an address", () => {
    const later = afterVisit(NOTHING_REMEMBERED, "/app/review", "?older=abc&why=unknown_variant&shop=a.myshopify.com&id_token=secret&host=x");
    expect(later).toEqual({ "/app/review": "?why=unknown_variant" });
  });

  it("changes nothing when it is opened as it was left, or when the page is no list", () => {
    expect(afterVisit(visited, "/app/history", "?state=parked&item=MUG&older=abc")).toBe(visited);
    expect(afterVisit(visited, "/app/history/17", "?state=applied")).toBe(visited);
  });

  it("does not grow with whatever somebody puts into an address", () => {
    expect(afterVisit(NOTHING_REMEMBERED, "/app/history", `?item=${"x".repeat(700)}`)).toEqual({});
  });
});

describe("a link", () => {
  it("that says how a list is to be filtered wins", () => {
    expect(addressAsLeft(visited, "/app/history?state=applied")).toBe("/app/history?state=applied");
    expect(addressAsLeft(visited, "/app/help")).toBe("/app/help");
  });
});

describe("what was stored", () => {
  it("is read as it was written, and nothing else is taken for it", () => {
    expect(readRemembered(JSON.stringify(visited))).toEqual(visited);
    for (const text of [null, "", "no json", "7", "null", '{"/app/elsewhere":"?a=b"}', '{"/app/history":7}']) expect(readRemembered(text)).toEqual({});
  });
});
