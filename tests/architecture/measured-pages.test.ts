// The benchmark of the dashboard measures every page there is: a new route cannot be forgotten.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Landmarks, measuredPages } from "#bench/dashboard/pages.ts";

const ROUTES = join(import.meta.dirname, "..", "..", "app", "routes");
/** It shows that there is no such page. */
const NOT_MEASURED = ["app.$"];

const LANDMARKS: Landmarks = {
  changeId: "1", orderId: "2", orderName: "#1001", holdId: "3", oversellId: "4", conflictId: "5", driftId: "6", hotItem: "7", hotSku: "HOT", coldSku: "COLD", locationId: "8", deliveryId: "9", secondPage: "a", farPage: "b", farDelivery: "c",
};

describe("the benchmark of the dashboard", () => {
  it("measures every page in the browser", async () => {
    const files = (await readdir(ROUTES)).filter((file) => file.startsWith("app.") && file.endsWith(".tsx") && file !== "app.tsx");
    // A route without a component is no page.
    const shown = await Promise.all(files.map(async (file) => ((await readFile(join(ROUTES, file), "utf8")).includes("export default") ? [file.replace(/\.tsx$/, "")] : [])));
    const measured = measuredPages(LANDMARKS).filter(({ inBrowser }) => inBrowser).map(({ route }) => route);
    expect([...new Set(measured), ...NOT_MEASURED].toSorted()).toEqual(shown.flat().toSorted());
  });
});
