// The demo's rush on a custom checkout: the processes it needs, what is struck, and the verdict as JSON.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { rushScenarios, runRush } from "#simulator/scenarios/checkout-rush.ts";
import { switchHoldsOn } from "#simulator/scenarios/checkout-shop.ts";
import { say } from "../services/say.ts";
import type { DemoArguments } from "./demo-settings.ts";
import { startCheckouts } from "./start-checkouts.ts";
import type { CheckoutProcess } from "./start-checkouts.ts";
import { createToken, startSimulatorProcess } from "./start-processes.ts";
import type { AppProcesses, DemoFrame } from "./start-processes.ts";
import { startWholeApp } from "./start-whole-app.ts";

export const rushNames = Object.keys(rushScenarios);

/** A buyer's requests go to one of them. */
const CHECKOUT_COUNT = 2;

export function isRush(name: string): boolean {
  return rushNames.includes(name);
}

/** The exit code: 0 only if the verdict is ok. */
export async function runRushHeadless(frame: DemoFrame, args: DemoArguments, schema: string): Promise<number> {
  const { origin, processes } = args.naive ? await startAlone(frame, args, schema) : await startWhole(frame, args, schema);
  const control = controlClient(origin);
  let checkouts: CheckoutProcess[] = [];
  let struck = 0;
  const verdict = await runRush({
    name: args.scenario,
    seed: args.seed,
    naive: args.naive,
    control,
    shop: `rush-${Date.now().toString(36)}.myshopify.com`,
    app: frame.identity,
    say,
    prepareHoldfast:
      processes === null ? null : async (shop) => ({ url: processes.url, token: await switchHoldsOn({ url: processes.url, control, createToken: async (name) => await createToken(frame.root, processes.env, name) }, shop) }),
    startCheckouts: async (env) => {
      checkouts = await startCheckouts(frame, CHECKOUT_COUNT, env);
      return { origins: checkouts.map(({ origin: address }) => address) };
    },
    strike: async (target) => {
      // Checkouts take turns.
      if (target === "checkout") return await checkouts[struck++ % CHECKOUT_COUNT]?.killAndRestart();
      await processes?.[target].killAndRestart();
    },
  });
  for (const fault of verdict.faults) say(`not ok: ${fault}`);
  if (args.out !== undefined) {
    await mkdir(resolve(args.out), { recursive: true });
    await writeFile(join(resolve(args.out), "verdict.json"), `${JSON.stringify(verdict, null, 2)}\n`);
  }
  if (args.json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  else for (const [name, value] of Object.entries(verdict)) process.stdout.write(`${name.padEnd(20)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}\n`);
  return verdict.ok ? 0 : 1;
}

type Started = { origin: string; processes: AppProcesses | null };

async function startWhole(frame: DemoFrame, args: DemoArguments, schema: string): Promise<Started> {
  const { simulatorOrigin, processes } = await startWholeApp(frame, { schema, seed: args.seed });
  return { origin: simulatorOrigin, processes };
}

/** The naive checkout has no Holdfast behind it: Shopify's notifications find nobody. */
async function startAlone(frame: DemoFrame, args: DemoArguments, schema: string): Promise<Started> {
  const { origin } = await startSimulatorProcess(frame, { schema, appUrl: "http://127.0.0.1:9", seed: args.seed });
  return { origin, processes: null };
}
