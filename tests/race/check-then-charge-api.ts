// Holdfast's reservations over HTTP in a test's own house, and shops with one item for two buyers to fight over.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

import { createSettlementBook } from "#app/adapters/prisma/settlement-book.server.ts";
import { createTokenBucketRateLimiter } from "#app/adapters/system/token-bucket-rate-limiter.ts";
import { commitEndpoint, extendEndpoint, releaseEndpoint } from "#app/api/reservation-endpoint.server.ts";
import type { ReservationApiDependencies } from "#app/api/reservation-dependencies.ts";
import { reservationsEndpoint } from "#app/api/reservations-endpoint.server.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { exchangeToken } from "#simulator/scenarios/naive-shopify.ts";
import type { ShopifyAccess } from "#simulator/checkout/shopify-client.ts";
import { openHouse, type House } from "#tests/setup/house.ts";

export interface Store {
  readonly access: ShopifyAccess;
  readonly variantId: string;
  readonly apiToken: string;
  /** What Shopify shows of the item. */
  quantities(): Readonly<Record<string, number>>;
  /** Takes the shop's turns, as a worker does, until what is asked is answered. */
  whileTurning<Answer>(answer: Promise<Answer>): Promise<Answer>;
  /** Everything is told, taken and settled. */
  settle(): Promise<void>;
}

export interface ReservationApi {
  readonly origin: string;
  readonly house: House;
  openStore(units: number): Promise<Store>;
  close(): Promise<void>;
}

const ACTIONS = { extend: extendEndpoint, commit: commitEndpoint, release: releaseEndpoint } as const;
const NOT_LIMITED = 0;

export async function openReservationApi(): Promise<ReservationApi> {
  const house = await openHouse();
  const { composed } = house;
  const dependencies: ReservationApiDependencies = { ...composed, rateLimiter: createTokenBucketRateLimiter({ requestsPerSecond: NOT_LIMITED, monotonicMs: () => composed.clock.monotonicMs() }) };
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, dependencies).then(async (response) => await send(response, outgoing));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    house,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    openStore: async (units) => await openStore(house, units),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await house.close();
    },
  };
}

async function answer(incoming: IncomingMessage, dependencies: ReservationApiDependencies): Promise<Response> {
  const [, , , , id, action] = (incoming.url ?? "").split("/");
  const headers = new Headers({ authorization: incoming.headers.authorization ?? "", "content-type": "application/json" });
  const request = new Request(`http://app.test${incoming.url ?? "/"}`, { method: "POST", headers, body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" });
  const endpoint = id === undefined ? reservationsEndpoint : ACTIONS[action as keyof typeof ACTIONS];
  return await endpoint({ request, params: { id } }, () => dependencies);
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}

async function openStore(house: House, units: number): Promise<Store> {
  const { control } = house.simulator;
  const shop = await house.openShop({ scopes: ["write_inventory", "write_orders"] });
  const { variants } = control.createProduct(shop.shop, { title: "Lamp", variants: [{ sku: "LAMP", levels: [{ locationId: shop.locationIds[0] ?? "", available: units }] }] });
  const [lamp] = variants;
  if (lamp === undefined) throw new Error("the product has a variant");
  await house.settings(shop, (settings) => ({ ...settings, mode: "enforce" }));
  const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "checkout", actor: "test" });
  if (made.kind !== "created") throw new Error("the token was not made");
  const { apiKey, apiSecret } = house.environment.shopify;
  const token = await exchangeToken({ control: controlClient(house.simulator.origin), apiKey, apiSecret }, shop.shop);
  return {
    access: { origin: house.simulator.origin, shop: shop.shop, token, apiVersion: "2026-10" },
    variantId: lamp.variantId,
    apiToken: made.token,
    quantities() {
      const level = control.levels(shop.shop).find((entry) => entry["inventoryItemId"] === lamp.inventoryItemId);
      return (level?.["quantities"] ?? {}) as Record<string, number>;
    },
    async whileTurning(asked) {
      const under = { way: true };
      const end = () => {
        under.way = false;
      };
      asked.then(end, end);
      while (under.way) {
        await house.turn(shop.shop);
        await new Promise((wake) => setImmediate(wake));
      }
      return await asked;
    },
    async settle() {
      await house.settle(shop.shop);
      await createSettlementBook(house.composed.database).settleDue(100);
      await house.settle(shop.shop);
    },
  };
}
