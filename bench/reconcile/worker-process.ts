// A real worker for the benchmark: worker/main.ts with the name space in Redis that the rest of its house has.
//
// `composition()` uses what it finds at `globalThis.holdfast`, so worker/main.ts knows nothing of this.
import process from "node:process";
import { compose, type Composition } from "#app/composition.server.ts";
import { environment } from "#app/config/environment.server.ts";

// Without the benchmark there is nothing to work for.
process.on("disconnect", () => process.exit(1));

const redisPrefix = process.env["BENCH_REDIS_PREFIX"];
if (redisPrefix === undefined) throw new Error("BENCH_REDIS_PREFIX is missing");
(globalThis as { holdfast?: Composition }).holdfast = compose(environment(), "worker", { redisPrefix });
await import("../../worker/main.ts");
