// Goal: a rush on a custom checkout sells each unit once and charges nobody for nothing, while web, worker and checkout are killed; and the same
// buyers show what a checkout does that looks first.
// Method: the small rush of simulator/scenarios/checkout-rush.ts, with real processes; the verdict rests on Shopify's truth and the provider's books.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findFreePort } from "#dev/services/free-port.ts";
import { runRush, type RushInput, type RushTarget } from "#simulator/scenarios/checkout-rush.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import type { AppProcess } from "#tests/setup/e2e/app-process.ts";
import { startAppProcess } from "#tests/setup/e2e/app-process.ts";
import { openProvingGround, type ProvingGround } from "./processes/proving-ground.ts";
import type { StrikableProcess } from "./processes/strikable-process.ts";

const SEED = 1;
const NAME = "checkout-rush-small";
const RUSH_LIMIT_MS = 180_000;

interface Killable {
  strike(): Promise<void>;
}

let ground: ProvingGround;
let folder: string;
const checkouts: { process: AppProcess }[] = [];

beforeAll(async () => {
  ground = await openProvingGround();
  folder = await mkdtemp(join(tmpdir(), "holdfast-rush-"));
});
afterAll(async () => {
  await Promise.all(checkouts.map(async ({ process }) => await process.stop()));
  await ground.close();
  await rm(folder, { recursive: true, force: true });
});

/** Killed as an operator's machine would be, and started again at once. */
function killable(first: StrikableProcess, start: () => Promise<StrikableProcess>): Killable {
  let current = first;
  return {
    async strike() {
      await current.kill();
      current = await start();
    },
  };
}

async function startCheckouts(name: string, env: Readonly<Record<string, string>>): Promise<{ origins: string[]; killable: Killable[] }> {
  const started = await Promise.all(
    [1, 2].map(async (number) => {
      const port = await findFreePort();
      const own = { ...env, CHECKOUT_PORT: String(port), CHECKOUT_JOURNAL: join(folder, `${name}-${number}.journal`) };
      const start = async () => {
        const process = await startAppProcess({ name: `checkout-${number}`, args: ["simulator/checkout/main.ts"], env: own });
        await process.logged(({ text }) => text.startsWith("checkout: http"));
        return process;
      };
      const slot = { process: await start() };
      checkouts.push(slot);
      const strike = async () => {
        slot.process.signal("SIGKILL");
        await slot.process.ended;
        slot.process = await start();
      };
      return { origin: `http://127.0.0.1:${port}`, killable: { strike } };
    }),
  );
  return { origins: started.map(({ origin }) => origin), killable: started.map((each) => each.killable) };
}

function rush(naive: boolean, targets: Partial<Record<RushTarget, Killable[]>>, prepareHoldfast: RushInput["prepareHoldfast"]): RushInput {
  const { house } = ground;
  const { apiKey, apiSecret } = house.environment.shopify;
  const struck = new Map<RushTarget, number>();
  return {
    name: NAME,
    seed: SEED,
    naive,
    control: controlClient(house.simulator.origin),
    shop: `rush-${naive ? "naive" : "holding"}.myshopify.com`,
    app: { apiKey, apiSecret },
    say: () => undefined,
    prepareHoldfast,
    async startCheckouts(env) {
      const { origins, killable: processes } = await startCheckouts(naive ? "naive" : "holding", env);
      targets.checkout = processes;
      return { origins };
    },
    async strike(target) {
      const of = targets[target] ?? [];
      const count = struck.get(target) ?? 0;
      struck.set(target, count + 1);
      await of[count % of.length]?.strike();
    },
  };
}

describe(`100 buyers for 5 units, seed ${SEED}`, () => {
  it("are sold more than there is by a checkout that looks, then charges", { timeout: RUSH_LIMIT_MS }, async () => {
    const verdict = await runRush(rush(true, {}, null));
    expect(verdict).toMatchObject({ ok: false, naive: true, buyers: 100, units: 5, unfinished: 0 });
    expect(verdict.sold).toBeGreaterThan(5);
  });

  it("are sold exactly what there is by one that holds first, and each pays for what he gets", { timeout: RUSH_LIMIT_MS }, async () => {
    const { house } = ground;
    const [web, worker] = await Promise.all([ground.startWeb(), ground.startWorker()]);
    const targets = { web: [killable(web, ground.startWeb)], worker: [killable(worker, ground.startWorker)] };
    const prepare = async (shop: string) => {
      const installId = await house.install(shop, ["write_inventory", "write_orders"]);
      await house.settings({ shop, installId, locationIds: [] }, (settings) => ({ ...settings, mode: "enforce" }));
      const made = await house.composed.apiTokenStore.create({ installId, label: "checkout", actor: "test" });
      if (made.kind !== "created") throw new Error("the token was not made");
      return { url: ground.webUrl, token: made.token };
    };
    const verdict = await runRush(rush(false, targets, prepare));
    expect(verdict.faults).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, sold: 5, oversold: 0, chargedWithoutUnit: 0, soldWithoutCharge: 0, chargedTwice: 0, reserved: 0, committed: 5, available: 0 });
  });
});
