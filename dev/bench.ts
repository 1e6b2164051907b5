// `npm run bench`: benchmarks and long tests against whole processes; see bench/.
import process from "node:process";
import { generateClient } from "./services/prisma.ts";
import { runTask } from "./services/run-task.ts";

await runTask(async (shutdown) => {
  await generateClient();
  // Only now: what it runs is linked against the generated client, which a fresh clone does not have.
  const { runBench } = await import("#bench/main.ts");
  return await runBench(process.argv.slice(2), shutdown);
});
