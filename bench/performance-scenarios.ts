// The performance scenarios, in the order in which `npm run bench -- all` runs them.
import { accept } from "./accept/scenario.ts";
import type { PerformanceScenario } from "./measure/performance-scenario.ts";

export const PERFORMANCE_SCENARIOS: readonly PerformanceScenario[] = [accept];
