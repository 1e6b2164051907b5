// `npm run bench -- accept-large`: whether millions of stored deliveries make taking the next one slower.
import { join } from "node:path";

import type { PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, ratioAtLeast } from "../measure/row.ts";
import { startMeasuredServices } from "../measure/start-services.ts";
import { countDeliveries, forgetDeliveries, installShop, seedDeliveries } from "./prepare-database.ts";
import { ACCEPT_OPTIONS, ACCEPT_USAGE, measureSide, WARM_UP_COUNT } from "./scenario.ts";

const NAME = "accept-large";
const OF_EMPTY_TABLE = 0.9;
/** Of a server whose table has ten million rows, as of one whose has none; with PostgreSQL's defaults the empty one would win by its size alone. */
const SETTINGS = ["shared_buffers=1GB", "max_wal_size=4GB"];

export const acceptLarge: PerformanceScenario = {
  name: NAME,
  about: "the rate of `accept` with millions of deliveries stored, beside that of an empty table on a server with the same settings",
  usage: [...ACCEPT_USAGE, "--stored N       deliveries in the large table (10000000)", "--keep DIR       the large table is kept in its folder accept-large, seeded once and used again"],
  options: { ...ACCEPT_OPTIONS, stored: { type: "string", default: "10000000" }, keep: { type: "string" } },
  async measure({ scope, number, text, tell }) {
    const load = { connections: number("connections"), warmUpMs: number("warm-up") * 1_000, warmUpCount: WARM_UP_COUNT, measureMs: number("seconds") * 1_000, bodyBytes: number("bytes"), prepared: number("prepared") };
    const wanted = number("stored");
    const keep = text("keep");
    const large = await startMeasuredServices(scope, { keep: keep === undefined ? undefined : join(keep, NAME), settings: SETTINGS });
    await installShop(large.databaseUrl);
    if ((await countDeliveries(large.databaseUrl)) < wanted) await seedDeliveries(large.databaseUrl, wanted, tell);
    const full = await measureSide(scope, large, "holdfast", load);
    tell(`${wanted.toLocaleString("en")} stored: ${full.perSecond.toFixed(0)}/s, p99 ${full.p99Ms.toFixed(0)} ms`);
    const small = await startMeasuredServices(scope, { settings: SETTINGS });
    await installShop(small.databaseUrl);
    await forgetDeliveries(small.databaseUrl);
    const empty = await measureSide(scope, small, "holdfast", load);
    tell(`none stored: ${empty.perSecond.toFixed(0)}/s, p99 ${empty.p99Ms.toFixed(0)} ms`);
    const rows = [
      makeRow({ scenario: NAME, row: "acknowledged, of the empty table's rate", value: full.perSecond, unit: "/s", baseline: { name: "empty table", value: empty.perSecond }, mark: ratioAtLeast(OF_EMPTY_TABLE) }),
      makeRow({ scenario: NAME, row: "p99", value: full.p99Ms, unit: "ms", baseline: { name: "empty table", value: empty.p99Ms } }),
    ];
    return { rows, raw: { full, empty }, postgres: large.postgres };
  },
};
