// The performance scenarios, in the order in which `npm run bench -- all` runs them.
import { accept } from "./accept/scenario.ts";
import { acceptLarge } from "./accept/scenario-large.ts";
import { apply } from "./apply/scenario.ts";
import { burst } from "./burst/scenario.ts";
import { pages } from "./dashboard/pages-scenario.ts";
import { fairness } from "./fairness/scenario.ts";
import { latency } from "./latency/scenario.ts";
import { lock } from "./lock/scenario.ts";
import { memory } from "./memory/scenario.ts";
import type { PerformanceScenario } from "./measure/performance-scenario.ts";
import { scale } from "./scale/scenario.ts";

export const PERFORMANCE_SCENARIOS: readonly PerformanceScenario[] = [accept, acceptLarge, burst, apply, latency, lock, fairness, scale, pages, memory];
