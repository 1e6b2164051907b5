// The page and the picture of the race lab, without a browser: what is shown is what happened, in words as well as in colour.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guidePage, labPage, titleOf } from "./lab-page.ts";
import { drawRun, unitsOf } from "./lab-picture.ts";
import type { LabResult } from "./lab-result.ts";
import { drawLabSale, LAST_UNITS } from "./lab-sale.ts";
import { labRuns } from "./lab-runs.ts";
import { anchorOf, renderGuide } from "./render-guide.ts";
import { ALL_OFF, ALL_ON, nameOf, SWITCH_NAMES, SWITCH_TEXTS, without } from "./switches.ts";

const clean: LabResult = {
  kind: "lab",
  switches: ALL_ON,
  seed: 7,
  lost: 0,
  doublyApplied: 0,
  oversold: 0,
  lines: [{ wanted: 2, taken: 2 }, { wanted: 1, taken: 1 }],
  lateAnswers: 0,
  calls: 40,
  waiting: 0,
  counterSold: 6,
  seconds: 2.5,
  finished: true,
};
const damaged: LabResult = { ...clean, switches: ALL_OFF, lost: 3, doublyApplied: 2, oversold: 1, lines: [{ wanted: 2, taken: 0 }, { wanted: 1, taken: 3 }], counterSold: 7 };
const page = { switches: ALL_ON, seed: 7, running: null, failure: null, withHoldfast: true, adminUrl: null };

describe("the picture of a run", () => {
  it("has a square for each order and each lamp that was promised, and says of each what happened", () => {
    const units = unitsOf(damaged);
    expect(units.map(({ mark }) => mark)).toEqual(["lost", "twice", ...Array.from({ length: LAST_UNITS.available }, () => "right"), "oversold"]);
    expect(units[0]?.text).toBe("Order 1: 2 sold, 0 taken");
  });

  it("is described in words for whoever does not see it", () => {
    expect(drawRun(damaged, "Naked")).toContain('aria-label="Naked: 9 orders and lamps, 1 with units lost, 1 with units taken too often, 1 with promised, and not there"');
    expect(drawRun(clean, "Good")).toContain("every order and lamp is as it should be");
  });
});

describe("the page", () => {
  it("shows each run beside the others, with its name and its numbers", () => {
    const html = labPage({ ...page, results: [damaged, clean, { ...clean, kind: "holdfast" }] });
    expect(html).toContain("Wrong units: 3 lost, 2 taken too often, 1 promised and not there.");
    for (const title of ["All five off", "All five on", "The whole Holdfast"]) expect(html).toContain(`<th scope="row">${title}`);
  });

  it("lets nobody start a second sale while one runs", () => {
    const html = labPage({ ...page, results: [], running: { title: "All five on", left: 2 } });
    expect(html.match(/<button[^>]* disabled/g)).toHaveLength(3);
    expect(html).toContain("Running: All five on, 2 more to come");
  });

  it("says why a run failed, harmlessly", () => {
    expect(labPage({ ...page, results: [], failure: "<script>" })).toContain("The last run failed. &lt;script&gt;");
  });

  it("links each switch to a heading that the guide has", () => {
    const guide = guidePage(readFileSync("docs/reference/races.md", "utf8"));
    for (const name of SWITCH_NAMES) expect(guide).toContain(`id="${SWITCH_TEXTS[name].guide}"`);
    expect(anchorOf("Read, subtract, set")).toBe("read-subtract-set");
  });
});

describe("the guide", () => {
  it("is shown with its headings, tables and marks, and nothing of it is taken for HTML", () => {
    const html = renderGuide("# A < B\n\n**The recipe.** Use `a*b*c` and [Shopify](https://shopify.dev/x), not\n[this](other.md).\n\nBefore:\n| who | |\n|---|---|\n| *Ada* | 1 |");
    expect(html).toContain('<h1 id="a--b">A &lt; B</h1>');
    expect(html).toContain('<p><strong>The recipe.</strong> Use <code>a*b*c</code> and <a href="https://shopify.dev/x" rel="noopener">Shopify</a>, not this.</p>');
    expect(html).toContain('<p>Before:</p>\n<div class="wide" tabindex="0" role="group" aria-label="Table: who">');
    expect(html).toContain("<td><em>Ada</em></td><td>1</td>");
  });
});

describe("the names of the rows", () => {
  it("say what is off", () => {
    expect([ALL_ON, ALL_OFF, without("lock")].map(nameOf)).toEqual(["All five on", "All five off", "Without lock"]);
    expect(titleOf({ ...clean, kind: "holdfast" })).toBe("The whole Holdfast");
  });
});

describe("the sale", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(drawLabSale(7)).toEqual(drawLabSale(7));
    expect(drawLabSale(7)).not.toEqual(drawLabSale(8));
  });

  it.each([1, 2, 3, 99])("has 28 channel orders, 8 of the online store and more buyers than lamps, with seed %i", (seed) => {
    const { channel, web, counterBuyers } = drawLabSale(seed);
    expect([channel.length, web.length]).toEqual([28, 8]);
    expect(counterBuyers.length).toBeGreaterThan(LAST_UNITS.available);
  });
});

describe("runs", () => {
  it("happen one at a time, one request's in a row, the newest first", async () => {
    const runs = labRuns();
    const gate = Promise.withResolvers<LabResult>();
    expect(runs.start([{ title: "first", run: () => gate.promise }, { title: "second", run: async () => damaged }])).toBe(true);
    expect(runs.start([{ title: "third", run: async () => clean }])).toBe(false);
    expect(runs.current()).toEqual({ title: "first", left: 1 });
    gate.resolve(clean);
    await runs.settled();
    expect(runs.current()).toBeNull();
    expect(runs.results()).toEqual([damaged, clean]);
  });

  it("tell why one failed, and can be started again", async () => {
    const runs = labRuns();
    runs.start([{ title: "first", run: async () => await Promise.reject(new Error("no database")) }]);
    await runs.settled();
    expect(runs.failure()).toBe("first: no database");
    expect(runs.start([{ title: "second", run: async () => clean }])).toBe(true);
    await runs.settled();
    expect(runs.failure()).toBeNull();
  });
});
