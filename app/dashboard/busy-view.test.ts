// What the page of busy items says of its numbers.
import { describe, expect, it } from "vitest";

import { busyUrl, type Concluded, concludeBusy, readBusyPlace, readBusySpan, shareText, type WaitFigures } from "./busy-view.ts";

const NONE: WaitFigures = { waits: 0, p50Ms: null, p95Ms: null, longestMs: 0, longestHoldMs: 0, lost: 0 };
const waits = (count: number, p50Ms: number, p95Ms: number, longestMs: number, more: Partial<WaitFigures> = {}): WaitFigures => ({ ...NONE, waits: count, p50Ms, p95Ms, longestMs, longestHoldMs: 400, ...more });
const MUG = { inventoryItemId: "51", locationId: "61", name: "Blue mug" };
const facts = (all: WaitFigures, more: Partial<Concluded> = {}): Concluded => ({ span: "day", all, causes: [{ cause: "orders", waits: all.waits }], top: null, held: [], ...more });
const titles = (given: Concluded) => concludeBusy(given).map(({ tone, title }) => `${tone}: ${title}`);

describe("what may be concluded", () => {
  it("is that nothing had to wait, when nothing did", () => {
    expect(titles(facts(NONE))).toEqual(["calm: Nothing had to wait in the last 24 hours"]);
    expect(titles(facts(NONE, { span: "week", held: null }))).toEqual(["calm: Nothing had to wait in the last 7 days"]);
  });

  it("is that everything is normal while waits are short", () => {
    const [only, ...others] = concludeBusy(facts(waits(40, 120, 350, 400)));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ tone: "calm", title: "Everything is normal: the longest wait in the last 24 hours was 400 ms" });
    expect(only?.text).toMatch(/^40 times an item was wanted/);
    expect(titles(facts(waits(40, 120, 900, 6_000)))).toEqual(["calm: Waits are short: 95 of 100 in the last 24 hours took less than 900 ms"]);
  });

  it("names the item that is sold faster than Shopify lets its stock change, and says that nothing is lost", () => {
    const all = waits(200, 1_500, 4_000, 7_200);
    const [only] = concludeBusy(facts(all, { top: { ...MUG, ...waits(160, 1_500, 4_000, 7_200) } }));
    expect(only).toMatchObject({ tone: "notice", title: "Blue mug is sold faster than Shopify lets its stock change", link: { url: "/app/busy?item=51&location=61" } });
    expect(only?.text).toContain("80 % of all waits");
    expect(only?.text).toContain("Nothing is lost");
    expect(only?.text).toContain("95 of 100 less than 4.0 s, the longest 7.2 s");
  });

  it("blames no single item when the waits are spread, or too few to tell", () => {
    const all = waits(200, 1_500, 4_000, 7_200);
    expect(titles(facts(all, { top: { ...MUG, ...waits(60, 1_500, 4_000, 7_200) } }))).toEqual(["notice: Orders wait up to 7.2 s for busy items"]);
    expect(titles(facts(waits(4, 2_500, 4_000, 4_000), { top: { ...MUG, ...waits(4, 2_500, 4_000, 4_000) } }))).toEqual(["notice: Orders wait up to 4.0 s for busy items"]);
  });

  it("speaks of buyers where it was they who waited", () => {
    const all = waits(30, 2_100, 2_900, 3_000);
    const [only] = concludeBusy(facts(all, { causes: [{ cause: "reservations", waits: 20 }, { cause: "orders", waits: 10 }] }));
    expect(only).toMatchObject({ title: "Buyers in your checkout wait up to 3.0 s for units to be put aside", link: { url: "/app/settings/holds" } });
  });

  it("puts first what needs attention: an item held now, one that was held long, locks that were lost", () => {
    const all = waits(50, 20_000, 39_000, 40_000, { longestHoldMs: 39_000, lost: 2 });
    expect(titles(facts(all, { top: { ...MUG, ...all }, held: [{ name: "Candle", heldForMs: 1_000 }, { name: "Blue mug", heldForMs: 45_000 }] }))).toEqual([
      "warning: Something holds Blue mug for 45.0 s now",
      "warning: Blue mug was held for 39.0 s in the last 24 hours",
      "warning: 2 times a lock ended before its work in the last 24 hours",
      "notice: Blue mug is sold faster than Shopify lets its stock change",
    ]);
  });

  it("does not call normal what it warns of", () => {
    expect(titles(facts({ ...NONE, lost: 1 }))).toEqual(["warning: A lock ended before its work in the last 24 hours"]);
    expect(titles(facts(waits(3, 100, 200, 200, { lost: 1 }))).map((title) => title.split(":")[0])).toEqual(["warning", "notice"]);
  });

  it("says something whatever the numbers are", () => {
    for (const count of [0, 1, 500]) for (const ms of [10, 3_000, 90_000]) for (const lost of [0, 3]) expect(concludeBusy(facts(count === 0 ? { ...NONE, lost } : waits(count, ms, ms, ms, { lost }))).length).toBeGreaterThan(0);
  });
});

describe("an address", () => {
  it("leads to the shop's items or to one, over a day or a week", () => {
    expect([busyUrl("day"), busyUrl("week"), busyUrl("week", MUG)]).toEqual(["/app/busy", "/app/busy?span=week", "/app/busy?item=51&location=61&span=week"]);
    expect(readBusyPlace(new URLSearchParams("item=51&location=61"))).toEqual({ kind: "stock", place: { inventoryItemId: "51", locationId: "61" } });
    expect(readBusyPlace(new URLSearchParams(""))).toEqual({ kind: "all" });
    expect([readBusySpan(new URLSearchParams("span=week")), readBusySpan(new URLSearchParams("span=nonsense"))]).toEqual(["week", "day"]);
  });

  it.each(["item=51", "location=61", "item=&location=", "item=x&location=61", "item=51&location=-1", `item=${"1".repeat(21)}&location=1`])("that names no stock is none: %s", (query) => {
    expect(readBusyPlace(new URLSearchParams(query))).toEqual({ kind: "wrong" });
  });
});

describe("a share", () => {
  it("is never all while something is left, and never nothing while there is some", () => {
    expect([shareText(999, 1_000), shareText(1_000, 1_000), shareText(1, 1_000), shareText(0, 0), shareText(0, 5)]).toEqual(["99 %", "100 %", "under 1 %", "—", "0 %"]);
  });
});
