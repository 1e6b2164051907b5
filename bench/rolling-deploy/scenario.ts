// `npm run bench -- rolling-deploy`: an earlier commit serves a sale; in its middle the migrations since are applied, this checkout's web and
// worker start beside the old ones, and the old ones are asked to stop. Every unit is then compared with what the buyers did.
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { newIdentity, readManifest } from "#dev/demo/demo-settings.ts";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { ensureBuild } from "#dev/services/app-build.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { say, SetupProblem } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import { startServices } from "#dev/services/start-services.ts";
import { controlClient, type ControlClient } from "#simulator/scenarios/control-client.ts";
import { holdfastApp } from "#simulator/scenarios/holdfast-app.ts";
import { runScenario, scenarios } from "#simulator/scenarios/run-scenario.ts";
import { startSimulator } from "#simulator/start.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { startBalancer, type Balancer } from "../fault-storm/balancer.ts";
import { prepareOldVersion, type Version } from "./old-version.ts";
import { createToken, runVersion, type RunningVersion } from "./run-version.ts";

export const rollingDeploy: BenchScenario = {
  name: "rolling-deploy",
  about: "an earlier commit and this checkout take turns in the middle of a sale, migrations included; nothing may be refused, lost or doubled",
  usage: ["--from REF      the earlier commit (the newest before the last migration)", "--scenario NAME flash-sale (3,000 orders) or smoke (60)", "--seed N        the buyers' (1)", "--json          one JSON document"],
  async run(args, shutdown) {
    const { values } = parseArgs({
      args: [...args],
      options: { from: { type: "string" }, scenario: { type: "string", default: "flash-sale" }, seed: { type: "string", default: "1" }, json: { type: "boolean", default: false }, yes: { type: "boolean", default: false } },
    });
    if (scenarios[values.scenario] === undefined || scenarios[values.scenario]?.strikes !== undefined) throw new SetupProblem(`There is no sale ${values.scenario} to deploy in`);
    const result = await deployInSale(shutdown, { from: values.from, scenario: values.scenario, seed: Number(values.seed) });
    process.stdout.write(`${values.json ? JSON.stringify(result) : Object.entries(result).map(([name, value]) => `${name.padEnd(20)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join("\n")}\n`);
    return result.ok ? 0 : 1;
  },
};

interface Swap {
  readonly endings: readonly string[];
  readonly stopSeconds: number;
}

async function deployInSale(shutdown: Shutdown, input: { from: string | undefined; scenario: string; seed: number }) {
  const root = process.cwd();
  await generateClient(root);
  await ensureBuild(root);
  const old = await prepareOldVersion(root, input.from);
  const services = await startServices({ root, durability: "fast", shutdown });
  await deployMigrations(services.databaseUrl, old.folder);
  const { identity, manifest } = { identity: newIdentity(), manifest: await readManifest(root) };
  const balancer = await startBalancer();
  shutdown.add("the balancer", () => balancer.close());
  const simulator = await startSimulator({ ...identity, ...manifest, appUrl: balancer.origin, schemaPath: await ensureAdminSchema(root), seed: input.seed });
  shutdown.add("the simulator", () => simulator.close());
  const env = {
    NODE_ENV: "production", DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl, SHOPIFY_API_KEY: identity.apiKey, SHOPIFY_API_SECRET: identity.apiSecret,
    SHOPIFY_APP_URL: balancer.origin, SCOPES: manifest.scopes.join(","), ENCRYPTION_KEY: identity.encryptionKey, SHOPIFY_ORIGIN_OVERRIDE: simulator.origin, ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${simulator.origin}/app-bridge.js`, API_RATE_LIMIT: "0",
  };
  const start = (version: Version) => runVersion({ version, env, logFolder: join(root, ".holdfast", "logs"), shutdown });
  const first = await start(old);
  balancer.targets = () => [first.webPort];
  const swap = inMidSale(controlClient(simulator.origin), scenarios[input.scenario]?.size.orders ?? 0, async (isUp) => {
    await deployMigrations(services.databaseUrl, root);
    const next = await start({ folder: root, name: "next" });
    isUp();
    return swapVersions(balancer, first, next);
  });
  const holdfast = holdfastApp({ url: balancer.origin, control: swap.control, createToken: (shop) => createToken(old, env, shop) });
  // The ledger is read from who is there to stay.
  const app = { ...holdfast, unfinished: async () => (await swap.done, await holdfast.unfinished()) };
  const { verdict, findings } = await runScenario({ name: input.scenario, seed: input.seed, naive: false, control: swap.control, app, shop: `deploy-${input.seed}.myshopify.com`, say });
  const { endings, stopSeconds } = await swap.done;
  const { abandoned } = simulator.control.webhookCounters();
  const failed = (await swap.control.webhookLog()).filter(({ status }) => typeof status !== "number" || status >= 300);
  // Answered after Shopify's 5 s: a slow machine or a process that has just started, and no refusal.
  const refused = failed.filter(({ status }) => status !== "timeout").length;
  const clean = endings.every((ending) => ending.endsWith("ended with code 0"));
  return { from: old.name, ...verdict, findings: findings.slice(0, 5), webhooksRefused: refused, webhooksAnsweredLate: failed.length - refused, webhooksAbandoned: abandoned, oldVersion: endings, stopSeconds, ok: verdict.ok && refused === 0 && abandoned === 0 && clean };
}

/** New beside old, then new alone, then the old one is asked to stop. */
async function swapVersions(balancer: Balancer, old: RunningVersion, next: RunningVersion): Promise<Swap> {
  say("the new version is up beside the old one");
  balancer.targets = () => [next.webPort];
  const { endings, seconds } = await old.stop();
  say(`the old version has stopped: ${endings.join(", ")} after ${seconds} s`);
  return { endings, stopSeconds: seconds };
}

/** The control of the sale, a third of which is over when the deploy begins; its second half begins when the new version is up beside the old one. */
function inMidSale(control: ControlClient, orderCount: number, deploy: (isUp: () => void) => Promise<Swap>): { control: ControlClient; done: Promise<Swap> } {
  const [done, up] = [Promise.withResolvers<Swap>(), Promise.withResolvers<void>()];
  const fail = (cause: unknown) => {
    done.reject(cause);
    up.reject(cause);
  };
  // Whoever waits for them hears of a failure; until then it must not end the process.
  for (const { promise } of [done, up]) promise.catch(() => undefined);
  let placedCount = 0;
  let begun = false;
  return {
    done: done.promise,
    control: {
      ...control,
      async placeOrders(shop, orders) {
        if (placedCount >= orderCount / 2) await up.promise;
        placedCount += orders.length;
        if (!begun && placedCount >= orderCount / 3) {
          begun = true;
          void deploy(up.resolve).then(done.resolve, fail);
        }
        return control.placeOrders(shop, orders);
      },
    },
  };
}
