// Everything a shop needs around Holdfast: services, database, build, the simulated Shopify, web and worker.
import process from "node:process";
import { ensureBuild } from "../services/app-build.ts";
import { findFreePort } from "../services/free-port.ts";
import { deployMigrations, generateClient } from "../services/prisma.ts";
import type { RunningChild } from "../services/child-process.ts";
import { say } from "../services/say.ts";
import type { Shutdown } from "../services/shutdown.ts";
import { startServices } from "../services/start-services.ts";
import { startApp, startSimulatorProcess } from "./start-processes.ts";
import type { AppProcesses, DemoFrame } from "./start-processes.ts";

export type WholeApp = { simulatorOrigin: string; processes: AppProcesses };

export async function startWholeApp(frame: DemoFrame, options: { schema: string; seed: number }): Promise<WholeApp> {
  await generateClient(frame.root);
  await ensureBuild(frame.root);
  const services = await startServices({ root: frame.root, durability: "safe", shutdown: frame.shutdown });
  await deployMigrations(services.databaseUrl, frame.root);
  const port = await findFreePort();
  const simulator = await startSimulatorProcess(frame, { schema: options.schema, seed: options.seed, appUrl: `http://127.0.0.1:${port}` });
  const processes = await startApp(frame, { services, simulatorOrigin: simulator.origin, port });
  for (const child of [simulator.child, ...processes.children]) void endWith(child, frame.shutdown);
  return { simulatorOrigin: simulator.origin, processes };
}

/** A process that ends by itself takes the demo with it: half a house would only mislead. */
async function endWith(child: RunningChild, shutdown: Shutdown): Promise<void> {
  const how = await child.exited;
  if (shutdown.signal.aborted) return;
  say(`${child.name} ${how}; its last lines:\n${child.lastLines().slice(-10).join("\n")}`);
  process.kill(process.pid, "SIGTERM");
}
