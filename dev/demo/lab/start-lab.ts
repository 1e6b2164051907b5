// Opens the race lab in the demo: its page at once, its own simulated Shopify with the first sale.
import { controlClient } from "#simulator/scenarios/control-client.ts";
import type { DemoFrame } from "../start-processes.ts";
import { createToken } from "../start-processes.ts";
import type { WholeApp } from "../start-whole-app.ts";
import { strikeWholeApp } from "../strike.ts";
import { createLabWorld } from "./lab-world.ts";
import { runHoldfast } from "./run-holdfast.ts";
import { runLabHandler } from "./run-lab-handler.ts";
import { serveLab } from "./serve-lab.ts";

export type DemoLab = { whole: WholeApp; schema: string; port: number; adminUrl: string; graphqlMs: number };

const LAB_GRAPHQL_MS = 80;
const LAB_LIMIT_MS = 20_000;

/** Resolves with the page's address. */
export async function startLab(frame: DemoFrame, { whole, schema, port, adminUrl, graphqlMs }: DemoLab): Promise<string> {
  const { services, processes, simulatorOrigin } = whole;
  let world: ReturnType<typeof createLabWorld> | undefined;
  const openWorld = () =>
    (world ??= createLabWorld({ schemaPath: schema, databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, apiVersion: frame.manifest.apiVersion, graphqlMs: LAB_GRAPHQL_MS, limitMs: LAB_LIMIT_MS }));
  frame.shutdown.add("the lab's simulator", async () => await (await world)?.close());
  const strike = strikeWholeApp(whole);
  const accident = async () => {
    // A Redis that was given is not emptied: others may live in it.
    if (services.redis !== undefined) await strike("redis_emptied");
    await strike("worker");
  };
  const under = { control: controlClient(simulatorOrigin), url: processes.url, createToken: async (shop: string) => await createToken(frame.root, processes.env, shop), accident, graphqlMs };
  const server = await serveLab({
    port,
    runHandler: async (switches, seed) => await runLabHandler(await openWorld(), switches, seed),
    runHoldfast: async (seed) => await runHoldfast(under, seed),
    adminUrl,
  });
  frame.shutdown.add("the race lab", server.close);
  return server.origin;
}
