// `npm run simulator`: fetches the schema the simulator runs on, then becomes the simulator.
import process from "node:process";
import { ensureAdminSchema } from "./services/admin-schema.ts";
import { startChild } from "./services/child-process.ts";
import { runTask } from "./services/run-task.ts";

await runTask(async (shutdown) => {
  const schema = await ensureAdminSchema();
  const child = startChild({
    name: "simulator",
    command: process.execPath,
    args: ["simulator/main.ts", ...process.argv.slice(2)],
    env: { SIM_SCHEMA: schema },
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
  shutdown.add("simulator", child.stop);
  return (await child.exited) === "ended with code 0" ? 0 : 1;
});
