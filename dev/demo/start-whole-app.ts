// Everything a shop needs around Holdfast: services, database, build, the simulated Shopify, web and worker.
import { ensureBuild } from "../services/app-build.ts";
import { findFreePort } from "../services/free-port.ts";
import { deployMigrations, generateClient } from "../services/prisma.ts";
import { startServices, type Services } from "../services/start-services.ts";
import { endWith, startApp, startSimulatorProcess } from "./start-processes.ts";
import type { AppProcesses, DemoFrame } from "./start-processes.ts";

export type WholeApp = { simulatorOrigin: string; services: Services; processes: AppProcesses };

export async function startWholeApp(frame: DemoFrame, options: { schema: string; seed: number; links?: readonly string[] }): Promise<WholeApp> {
  await generateClient(frame.root);
  await ensureBuild(frame.root);
  const services = await startServices({ root: frame.root, durability: "safe", shutdown: frame.shutdown });
  await deployMigrations(services.databaseUrl, frame.root);
  const port = await findFreePort();
  const simulator = await startSimulatorProcess(frame, { ...options, appUrl: `http://127.0.0.1:${port}` });
  const processes = await startApp(frame, { services, simulatorOrigin: simulator.origin, port });
  void endWith(simulator.child, frame.shutdown);
  return { simulatorOrigin: simulator.origin, services, processes };
}
