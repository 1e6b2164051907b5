// One sale with the lab's handler: a fresh shop, schema and key prefix, the accident at its forced moment, and everything removed afterwards.
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { exchangeToken } from "#simulator/scenarios/naive-shopify.ts";
import type { Simulator } from "#simulator/start.ts";
import { findFreePort } from "../../services/free-port.ts";
import { judgeLabSale, ledgerFromTruth } from "./judge-lab-sale.ts";
import { drawLabSale, HOT, LAST_UNITS } from "./lab-sale.ts";
import type { LabSale } from "./lab-sale.ts";
import { startLabHandler } from "./lab-handler.ts";
import type { LabHandler } from "./lab-handler.ts";
import type { LabResult } from "./lab-result.ts";
import { openLabStore } from "./lab-store.ts";
import { LAB_SOURCE, playLabSale, stockLabShop } from "./play-lab-sale.ts";
import type { LabShop } from "./play-lab-sale.ts";
import type { Moments } from "./take-line.ts";
import type { Switches } from "./switches.ts";

export type LabWorld = {
  /** The lab's own: its clock is made fast and jumps. */
  simulator: Simulator;
  apiKey: string;
  apiSecret: string;
  apiVersion: string;
  databaseUrl: string;
  redisUrl: string;
  /** How long Shopify takes over a call. */
  graphqlMs: number;
  /** After it a sale is given up. */
  limitMs: number;
};

/** The accident strikes when so many of the 28 lines have been written, and one of them not yet noted. */
const ACCIDENT_AT_WRITE = 23;
/** Shopify hangs up after 5 s of its own clock, which runs so fast that this is the time of so many calls. */
const CALLS_UNTIL_HANG_UP = 12.5;
const HANG_UP_MS = 5_000;

export async function runLabHandler(world: LabWorld, switches: Switches, seed: number): Promise<LabResult> {
  const { simulator, apiKey, apiSecret, apiVersion, graphqlMs } = world;
  const name = `race_lab_${randomBytes(5).toString("hex")}`;
  const sale = drawLabSale(seed);
  const control = controlClient(simulator.origin);
  const shop = await stockLabShop(control, `${name.replaceAll("_", "-")}.myshopify.com`);
  await control.install(shop.shop, ["write_inventory"]);
  const token = await exchangeToken({ control, apiKey, apiSecret }, shop.shop);
  await control.setLatency(graphqlMs);
  simulator.control.setClock({ scale: HANG_UP_MS / (CALLS_UNTIL_HANG_UP * graphqlMs) });
  // One call takes effect and its answer is lost.
  for (const boundary of ["inventoryAdjustQuantities", "inventorySetQuantities"]) simulator.control.addFault({ boundary, kind: "after_commit", shop: shop.shop });
  const store = await openLabStore(world.databaseUrl, name);
  try {
    return await runIn(world, { switches, seed, sale, shop, store, name, token, apiVersion });
  } finally {
    await store.close();
    simulator.control.clearFaults();
    simulator.control.setClock({ scale: 1 });
    simulator.control.uninstall(shop.shop);
  }
}

type Run = { switches: Switches; seed: number; sale: LabSale; shop: LabShop; store: Awaited<ReturnType<typeof openLabStore>>; name: string; token: string; apiVersion: string };

async function runIn({ simulator, apiSecret, redisUrl, limitMs }: LabWorld, { switches, seed, sale, shop, store, name, token, apiVersion }: Run): Promise<LabResult> {
  const control = controlClient(simulator.origin);
  const direction = direct({ sale, shop, place: async (line) => void (await control.placeOrders(shop.shop, [webOrder(shop, line)])) });
  const stockOf = (variantId: string) => shop.products.find((product) => product.variantId === variantId)?.stock;
  const access = { origin: simulator.origin, shop: shop.shop, token, apiVersion };
  const start = async (port: number) => await startLabHandler({ switches, port, apiSecret, access, store, redisUrl, prefix: name, source: LAB_SOURCE, stockOf, moments: direction.moments });
  const port = await findFreePort();
  let handler: LabHandler = await start(port);
  simulator.setAppUrl(`http://127.0.0.1:${port}`);
  // The machine restarts: the process is killed, and Redis, which kept nothing on disk, comes back empty.
  let down = false;
  const accident = direction.accidentDue.then(async () => {
    down = true;
    await handler.kill();
    await emptyRedis(redisUrl, name);
    handler = await start(port);
    down = false;
  });
  try {
    const contender = { sell: async (buyer: string, { stock }: { stock: LabShop["lastUnits"]["stock"] }) => await handler.sell(buyer, stock), accident, atRest: async () => !down && (await handler.atRest()) };
    const played = await playLabSale({ control, shop, sale, contender, restOfWeb: direction.restOfWeb, mayJump: true, limitMs });
    const truth = (await control.truth(shop.shop, 0)).filter((entry) => entry.cause.kind === "app");
    const counter = { stock: shop.lastUnits.stock, available: LAST_UNITS.available, sold: played.sold };
    const damage = judgeLabSale({ truth, ledger: ledgerFromTruth(truth), lines: played.lines, counter });
    const waiting = (await store.unfinished(0)).length;
    return { kind: "lab", switches, seed, ...damage, ...(await counts(shop.shop)), waiting, counterSold: played.sold, seconds: played.seconds, finished: played.finished };
  } finally {
    await handler.close();
    await emptyRedis(redisUrl, name);
  }

  async function counts(domain: string): Promise<{ lateAnswers: number; calls: number }> {
    const log = (await control.webhookLog()).filter((entry) => entry.shop === domain);
    return { lateAnswers: log.filter(({ status }) => status === "timeout" || status === "connect_timeout").length, calls: (await control.requests(domain)).length };
  }
}

type Directed = { sale: LabSale; shop: LabShop; place: (line: LabSale["web"][number]) => Promise<void> };

/** Lets things happen at moments of the handler's work, so that the races of the sale are there in every run. */
function direct({ sale, shop, place }: Directed) {
  const accidentDue = Promise.withResolvers<void>();
  const counterOpen = Promise.withResolvers<void>();
  const web = [...sale.web];
  const hot = shop.products[HOT]?.stock.inventoryItemId;
  const lamp = shop.lastUnits.stock.inventoryItemId;
  let [writes, looked, waits] = [0, 0, 0];
  const openCounter = () => {
    // Enough have looked to oversell; or everybody has either looked or waits for the lock, and nobody else can come.
    if (looked > LAST_UNITS.available || looked + waits >= sale.counterBuyers.length) counterOpen.resolve();
  };
  const moments: Moments = async (moment, { inventoryItemId }) => {
    if (moment === "waits" && inventoryItemId === lamp) return void ((waits += 1), openCounter());
    if (moment === "looked") {
      looked += 1;
      openCounter();
      return await counterOpen.promise;
    }
    // Between the read, if there was one, and the write, a buyer of the online store gets one.
    if (moment === "before_write" && inventoryItemId === hot) {
      const next = web.shift();
      if (next !== undefined) await place(next);
    }
    if (moment === "written" && ++writes === ACCIDENT_AT_WRITE) {
      accidentDue.resolve();
      // This very work dies after its call and before its note.
      await new Promise(() => undefined);
    }
  };
  const restOfWeb = async () => {
    for (let next = web.shift(); next !== undefined; next = web.shift()) await place(next);
  };
  return { moments, restOfWeb, accidentDue: accidentDue.promise };
}

function webOrder(shop: LabShop, { product, quantity }: LabSale["web"][number]) {
  return { channel: "web" as const, lines: [{ variantId: shop.products[product]?.variantId ?? "", quantity }] };
}

async function emptyRedis(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  try {
    for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
      const [next, keys] = await redis.scan(cursor, "MATCH", `${prefix}:*`, "COUNT", 1_000);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    }
  } finally {
    redis.disconnect();
  }
}
