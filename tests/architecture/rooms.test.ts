// Goal: imports point one way (docs/architecture.md). Method: dependency-cruiser over every room, with the rules of room-rules.ts.
import { cruise, type IReporterOutput } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { describe, expect, it } from "vitest";

import { ROOM_RULES } from "./room-rules.ts";

const ROOMS = ["app", "worker", "web", "cli", "simulator", "dev", "bench", "load"];

describe("the rooms of the house", () => {
  it("import only what their place allows", async () => {
    const options = { validate: true, ruleSet: { forbidden: ROOM_RULES }, tsPreCompilationDeps: true, doNotFollow: { path: "node_modules" } };
    const resolution = { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] };
    const result: IReporterOutput = await cruise(ROOMS, options, resolution, { tsConfig: extractTSConfig("tsconfig.json") });
    if (typeof result.output === "string") throw new TypeError("the report is an object");
    const violations = result.output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
    expect(violations).toEqual([]);
    expect(result.output.summary.totalCruised).toBeGreaterThan(100);
  });
});
