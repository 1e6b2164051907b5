// `npm run bench`: starts the services and runs one benchmark against them.
import process from "node:process";
import { ensureAdminSchema } from "./services/admin-schema.ts";
import { startChild } from "./services/child-process.ts";
import { generateClient } from "./services/prisma.ts";
import { runTask } from "./services/run-task.ts";
import { startServices } from "./services/start-services.ts";

await runTask(async (shutdown) => {
  const args = process.argv.slice(2);
  let env: Record<string, string> = {};
  if (!args.includes("--list")) {
    await generateClient();
    const schema = await ensureAdminSchema();
    const services = await startServices({ root: process.cwd(), durability: "safe", shutdown });
    env = { DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl, SIM_SCHEMA: schema };
  }
  const child = startChild({
    name: "bench",
    command: process.execPath,
    args: ["bench/main.ts", ...args],
    env,
    onLine: (line) => process.stdout.write(`${line}\n`),
    stopTimeoutMs: 20_000,
  });
  shutdown.add("benchmark", child.stop);
  return (await child.exited) === "ended with code 0" ? 0 : 1;
});
