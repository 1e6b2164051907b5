// The performance scenarios, in the order in which `npm run bench -- all` runs them.
import { accept } from "./accept/scenario.ts";
import { apply } from "./apply/scenario.ts";
import { fairness } from "./fairness/scenario.ts";
import { latency } from "./latency/scenario.ts";
import { lock } from "./lock/scenario.ts";
import type { PerformanceScenario } from "./measure/performance-scenario.ts";
import { scale } from "./scale/scenario.ts";

export const PERFORMANCE_SCENARIOS: readonly PerformanceScenario[] = [accept, apply, latency, lock, fairness, scale];
