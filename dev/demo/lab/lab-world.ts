// The world of the lab's own handler: a simulated Shopify beside the demo's, because the lab makes its clock fast and lets it jump.
import { randomBytes } from "node:crypto";
import { startSimulator } from "#simulator/start.ts";
import type { LabWorld } from "./run-lab-handler.ts";

export type LabWorldOptions = Pick<LabWorld, "databaseUrl" | "redisUrl" | "apiVersion" | "graphqlMs" | "limitMs"> & { schemaPath: string };

export async function createLabWorld({ schemaPath, ...options }: LabWorldOptions): Promise<LabWorld & { close(): Promise<void> }> {
  const identity = { apiKey: randomBytes(16).toString("hex"), apiSecret: randomBytes(24).toString("hex") };
  const simulator = await startSimulator({
    ...identity,
    schemaPath,
    apiVersion: options.apiVersion,
    appHandle: "race-lab",
    scopes: ["read_orders", "read_products", "read_inventory", "read_locations"],
    optionalScopes: ["write_inventory"],
    subscriptions: [{ topic: "orders/create", uri: "/webhooks" }],
    seed: 1,
  });
  return { ...options, ...identity, simulator, close: async () => await simulator.close() };
}
