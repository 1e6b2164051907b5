// `npm run bench -- pages`: the server time of every page over a million audit entries, as rows beside the other performance scenarios.
import { join } from "node:path";

import { makeRow, valueAtMost } from "../measure/row.ts";
import type { PerformanceScenario } from "../measure/performance-scenario.ts";
import { askPage, type ServerTimes } from "./ask-pages.ts";
import { SERVER_P95_MS_MAX, WARM_UPS } from "./limits.ts";
import { findLandmarks, measuredPages } from "./pages.ts";
import { ensureSeeded } from "./seed/ensure-seeded.ts";
import { BIG, startHouse } from "./start-house.ts";

const NAME = "pages";

export const pages: PerformanceScenario = {
  name: NAME,
  about: "server time of every page in a shop with 1,000,000 audit entries; what the browser makes of them: `dashboard`",
  usage: ["--requests N     of a page, one at a time, after five that are not counted (60)", "--keep DIR       PostgreSQL's data are kept in its folder pages, seeded once and used again"],
  options: { requests: { type: "string", default: "60" }, keep: { type: "string" } },
  async measure({ scope, number, text, tell }) {
    const keep = text("keep");
    const house = await startHouse(scope, { keep: keep === undefined ? null : join(keep, NAME) });
    await ensureSeeded(house, tell);
    const times = new Map<string, ServerTimes>();
    for (const page of measuredPages(await findLandmarks(house.databaseUrl, await house.installOf(BIG)))) {
      if (scope.signal.aborted) break;
      times.set(page.name, await askPage(house, page, { warmUps: WARM_UPS, times: number("requests"), signal: scope.signal }));
    }
    const rows = [...times].map(([name, { p95Ms }]) => makeRow({ scenario: NAME, row: `${name}: p95`, value: p95Ms, unit: "ms", mark: valueAtMost(SERVER_P95_MS_MAX) }));
    return { rows, raw: Object.fromEntries(times) };
  },
};
