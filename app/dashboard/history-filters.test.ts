// Filters of Stock history between the address, the form and the query.
import { describe, expect, it } from "vitest";

import { historyQuery, readHistoryFilters } from "./history-filters.ts";

const NOW = new Date("2026-11-21T14:05:09Z");
const read = (query: string) => readHistoryFilters(new URLSearchParams(query), NOW, "Europe/Berlin");

describe("readHistoryFilters", () => {
  it("filters by nothing without parameters", () => {
    expect(read("")).toMatchObject({ changeFilter: {}, problems: {} });
  });

  it("reads order, item, state and cause", () => {
    const { changeFilter } = read("order=%231001&item=SKU-1&state=waiting,claimed&cause=refund");
    expect(changeFilter).toEqual({ orderText: "#1001", itemText: "SKU-1", states: ["waiting", "claimed"], cause: "refund" });
  });

  it("reads location, source, who and mode; a mode and a state that exclude each other find nothing", () => {
    const { changeFilter, filters } = read(`location=${encodeURIComponent("gid://shopify/Location/5")}&source=name:shelf&who=staff:7&mode=protect&state=parked,shadow`);
    expect(changeFilter).toEqual({ locationId: "5", sourceKey: "name:shelf", actor: "staff:7", states: ["parked"] });
    expect(filters.location).toBe("5");
    expect(read("mode=watch&state=applied").changeFilter.states).toEqual([]);
    expect(read("why=no_location").changeFilter).toEqual({ states: ["parked"], reviewReason: "no_location" });
  });

  it("begins today at the shop's midnight and includes the last day of a range", () => {
    expect(read("when=today").changeFilter.happenedFrom?.toISOString()).toBe("2026-11-20T23:00:00.000Z");
    const { changeFilter } = read("from=2026-11-01&to=2026-11-02");
    expect([changeFilter.happenedFrom?.toISOString(), changeFilter.happenedBefore?.toISOString()]).toEqual(["2026-10-31T23:00:00.000Z", "2026-11-02T23:00:00.000Z"]);
  });

  it.each(["state=done", "cause=magic", "when=ever", "from=yesterday", "order=%00", `item=${"x".repeat(256)}`])("shows %s as a problem and does not filter by it", (query) => {
    const { changeFilter, problems, filters } = read(query);
    const name = query.split("=")[0] ?? "";
    expect(changeFilter).toEqual({});
    expect(Object.keys(problems)).toEqual([name]);
    expect(Object.entries(filters).filter(([, value]) => value !== "").map(([field]) => field)).toEqual(name === "order" ? ["order"] : [name]);
  });

  it("writes the same address for the same filters, without empty ones", () => {
    expect(historyQuery({ state: "parked", order: "#1" }, { older: "aTE" })).toBe("?order=%231&state=parked&older=aTE");
    expect(historyQuery({})).toBe("");
  });

  it("reads back what it wrote", () => {
    const { filters } = read("order=%231001&state=parked&when=week&trace=abc");
    expect(read(historyQuery(filters).slice(1)).filters).toEqual(filters);
  });
});
