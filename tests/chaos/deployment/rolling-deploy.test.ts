// Goal: a deploy in the middle of a sale loses and doubles nothing, and refuses no webhook (issue 8, item 4). Method: web and worker as
// processes; beside them a second web and a second worker start, the load balancer turns to the new web, and the old two get SIGTERM, while
// buyers go on buying. Then the stops alone: a webhook that is under way, and a Shopify that does not answer.
import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startBalancer, type Balancer } from "#bench/fault-storm/balancer.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import type { LogLine } from "#tests/setup/e2e/app-process.ts";
import type { House } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { openStage, readWorkLeft, type Stage } from "../crash/stage.ts";
import { openProvingGround, type ProvingGround } from "../processes/proving-ground.ts";
import type { StrikableProcess } from "../processes/strikable-process.ts";

const LIMIT_MS = 120_000;

let ground: ProvingGround;
let house: House;
let balancer: Balancer;
beforeAll(async () => {
  [ground, balancer] = await Promise.all([openProvingGround(), startBalancer()]);
  house = ground.house;
}, LIMIT_MS);
afterAll(async () => {
  await ground.close();
  await balancer.close();
});

interface Version {
  readonly web: StrikableProcess;
  readonly worker: StrikableProcess;
  readonly port: number;
}

/** It listens on a port of its own; what reaches it is the balancer's to say. */
async function startWeb(): Promise<Pick<Version, "web" | "port">> {
  const port = await findFreePort();
  const web = await ground.startWeb({ variables: { PORT: String(port) } });
  house.simulator.setAppUrl(balancer.origin);
  return { web, port };
}

async function start(): Promise<Version> {
  const [{ web, port }, worker] = await Promise.all([startWeb(), ground.startWorker()]);
  return { web, worker, port };
}

async function openShop(): Promise<Stage> {
  return openStage(ground, `deploy-${randomUUID().slice(0, 8)}`, () => null);
}

const said = ({ log }: StrikableProcess, msg: string) => log().filter((line: LogLine) => line.msg === msg).length;
/** Only this shop's: a bulk operation of the test before may end, and be told of, when that test's web is gone. */
const failures = (stage: Stage) =>
  house.simulator.control
    .webhookLog({ limit: 5_000 })
    .items.filter(({ shop, status }) => shop === stage.shop.shop && status !== 200)
    .map(({ topic, status, attempt, sentAt }) => ({ topic, status, attempt, sentAt }));
const atRest = async (stage: Stage) => {
  await expect.poll(() => readWorkLeft(stage), { timeout: LIMIT_MS }).toEqual([]);
  // What our own change makes Shopify tell comes after it: a process that stops before it would be missed, also by the test that follows.
  await house.delivered();
};

/** One buyer after the other, each as soon as the order before was told and worked on. */
function openSale(stage: Stage) {
  let soldCount = 0;
  const closing = new AbortController();
  const buying = (async () => {
    while (!closing.signal.aborted) {
      stage.order();
      soldCount += 1;
      await house.delivered();
      await expect.poll(() => stage.rows(`SELECT 1 FROM deliveries WHERE install_id = $1 AND state = 'pending'`), { timeout: LIMIT_MS }).toEqual([]);
    }
  })();
  return {
    /** Until so many more have bought. */
    async goesOn(count: number): Promise<void> {
      const wanted = soldCount + count;
      await expect.poll(() => soldCount, { timeout: LIMIT_MS }).toBeGreaterThanOrEqual(wanted);
    },
    async ends(): Promise<number> {
      closing.abort();
      await buying;
      return soldCount;
    },
  };
}

describe("a new version, started beside the old one in the middle of a sale", { timeout: LIMIT_MS }, () => {
  it("takes over without a webhook refused, an order lost or a unit taken twice", async () => {
    const old = await start();
    balancer.targets = () => [old.port];
    const stage = await openShop();
    const sale = openSale(stage);
    await sale.goesOn(4);

    const next = await start();
    balancer.targets = () => [old.port, next.port];
    await sale.goesOn(4);
    balancer.targets = () => [next.port];
    await Promise.all([old.web.stop(), old.worker.stop(), sale.goesOn(4)]);
    await sale.goesOn(4);
    const soldCount = await sale.ends();

    await atRest(stage);
    expect([await old.web.ended, await old.worker.ended]).toEqual(["ended with code 0", "ended with code 0"]);
    expect(failures(stage)).toEqual([]);
    expect(unitsMoved(house, stage.shop, stage.items[0].inventoryItemId)).toBe(-soldCount);
    expect(await ledgerDifferences(house, stage.shop)).toEqual([]);
    expect(await stage.rows(`SELECT reason FROM changes WHERE install_id = $1 AND state <> 'applied'`)).toEqual([]);
    // Both had their part in it.
    for (const { web, worker } of [old, next]) expect([said(web, "notification answered") > 0, said(worker, "change applied") > 0]).toEqual([true, true]);
    await Promise.all([next.web.stop(), next.worker.stop()]);
  });
});

describe("a process that is asked to stop", { timeout: LIMIT_MS }, () => {
  it("answers the webhook that is under way, on a connection that Shopify would keep, and ends", async () => {
    const [{ web, worker, port }, next] = [await start(), await startWeb()];
    balancer.targets = () => [port];
    const stage = await openShop();
    // The connection that is used from now on was kept.
    stage.order();
    await atRest(stage);
    await web.arm({ act: "hold", step: "intake.store", moment: "before" });
    stage.order();
    await web.struck();
    balancer.targets = () => [next.port];
    const stopped = web.stop();
    await web.logged(({ msg }) => msg === "web stops");
    await web.release();
    await stopped;
    expect(await web.ended).toBe("ended with code 0");
    await atRest(stage);
    expect(failures(stage)).toEqual([]);
    expect(unitsMoved(house, stage.shop, stage.items[0].inventoryItemId)).toBe(-2);
    await Promise.all([worker.stop(), next.web.stop()]);
  });

  it("gives up a call that Shopify does not answer, and the next worker ends it under its key", async () => {
    const { web, worker, port } = await start();
    balancer.targets = () => [port];
    const stage = await openShop();
    // Beyond the time that a call may take, and it arrives all the same.
    stage.fault("slow", { delayMs: 5_000 });
    await worker.arm({ act: "hold", step: "shopifyInventory.adjustQuantities", moment: "before" });
    stage.order();
    await worker.struck();
    const stopped = worker.stop();
    await worker.logged(({ msg }) => msg === "worker stops");
    await worker.release();
    await stopped;
    expect(await worker.ended).toBe("ended with code 0");
    expect(await stage.rows(`SELECT state FROM mutations WHERE install_id = $1`)).toEqual([{ state: "open" }]);

    const next = await ground.startWorker();
    await atRest(stage);
    expect(unitsMoved(house, stage.shop, stage.items[0].inventoryItemId)).toBe(-1);
    expect(await ledgerDifferences(house, stage.shop)).toEqual([]);
    expect(await stage.rows(`SELECT count(DISTINCT mutation_id)::int AS calls, (count(*) > 1) AS again FROM attempts WHERE install_id = $1`)).toEqual([{ calls: 1, again: true }]);
    await Promise.all([web.stop(), next.stop()]);
  });
});
