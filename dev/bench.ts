// `npm run bench`: benchmarks and long tests against whole processes; see bench/.
import process from "node:process";
import { runBench } from "#bench/main.ts";
import { runTask } from "./services/run-task.ts";

await runTask(async (shutdown) => await runBench(process.argv.slice(2), shutdown));
