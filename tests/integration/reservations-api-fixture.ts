// A whole house with the API of reservations on top: requests in, answers out, turns of the shop taken beside them.

import { createTokenBucketRateLimiter } from "#app/adapters/system/token-bucket-rate-limiter.ts";
import type { Endpoint } from "#app/api/endpoint.server.ts";
import type { ReservationApiDependencies } from "#app/api/reservation-dependencies.ts";
import { commitEndpoint, extendEndpoint, releaseEndpoint, reservationEndpoint } from "#app/api/reservation-endpoint.server.ts";
import { reservationsEndpoint } from "#app/api/reservations-endpoint.server.ts";
import { stockEndpoint } from "#app/api/stock-endpoint.server.ts";
import type { ReservationSettings, Settings } from "#app/domain/settings.ts";
import { type House, type HouseOptions, type HouseShop, openHouse } from "#tests/setup/house.ts";

/** What an answer may hold, as far as tests look at it one by one. */
export interface AnswerBody {
  readonly id: string;
  readonly state: string;
  readonly expiresAt: string;
  readonly late: boolean;
  readonly lines: readonly { readonly locationId: string; readonly counts: boolean; readonly quantity: number }[];
  readonly items: readonly AnswerBody[];
  readonly nextCursor: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> & { readonly faults: readonly { readonly path: string; readonly code: string }[] } };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

export interface ApiShop extends HouseShop {
  readonly token: string;
  readonly locationId: string;
}

export interface StockOptions {
  readonly levels: readonly (number | null)[];
  readonly sku?: string;
  readonly observed?: boolean;
  readonly inventoryPolicy?: "DENY" | "CONTINUE";
  readonly tracked?: boolean;
  readonly requiresComponents?: boolean;
}

export interface ReservationsFixture {
  readonly house: House;
  readonly dependencies: ReservationApiDependencies;
  openShop(options?: { readonly name?: string; readonly locations?: number; readonly scopes?: readonly string[]; readonly reservations?: Partial<ReservationSettings>; readonly mode?: Settings["mode"] }): Promise<ApiShop>;
  /** A product with so many units at each of the shop's locations (null: not stocked there), observed by Holdfast already unless told otherwise. */
  stock(shop: ApiShop, product: StockOptions): Promise<{ readonly variantId: string; readonly itemId: string }>;
  call(shop: Pick<ApiShop, "token">, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer>;
  reserve(shop: ApiShop, body: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): Promise<void>;
}

const ROUTES: readonly (readonly [RegExp, Endpoint<ReservationApiDependencies>])[] = [
  [/^\/reservations$/, reservationsEndpoint],
  [/^\/reservations\/([^/]+)$/, reservationEndpoint],
  [/^\/reservations\/([^/]+)\/extend$/, extendEndpoint],
  [/^\/reservations\/([^/]+)\/commit$/, commitEndpoint],
  [/^\/reservations\/([^/]+)\/release$/, releaseEndpoint],
  [/^\/stock$/, stockEndpoint],
];

export async function openReservationsFixture(options: HouseOptions = {}): Promise<ReservationsFixture> {
  const house = await openHouse(options);
  const rateLimiter = createTokenBucketRateLimiter({ requestsPerSecond: 0, monotonicMs: () => 0 });
  const dependencies: ReservationApiDependencies = { ...house.composed, rateLimiter };
  let keyCount = 0;
  const fixture: ReservationsFixture = {
    house,
    dependencies,
    async openShop({ reservations = {}, mode = "enforce", ...rest } = {}) {
      const shop = await house.openShop(rest);
      await house.settings(shop, (settings) => ({ ...settings, mode, reservations: { ...settings.reservations, mirrorInShopify: false, ...reservations } }));
      const created = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "checkout", actor: "test" });
      if (created.kind !== "created") throw new Error("no token");
      return { ...shop, token: created.token, locationId: shop.locationIds[0] ?? "" };
    },
    async stock(shop, { sku = "MUG", levels, observed = true, inventoryPolicy = "DENY", tracked = true, requiresComponents = false }) {
      const { variants } = house.simulator.control.createProduct(shop.shop, {
        title: sku,
        variants: [{ sku, inventoryPolicy, tracked, requiresComponents, levels: levels.flatMap((available, index) => (available === null ? [] : [{ locationId: shop.locationIds[index] ?? "", available }])) }],
      });
      const [variant] = variants;
      if (variant === undefined) throw new Error("the product has a variant");
      await house.settle(shop.shop);
      if (observed) await dependencies.reservations.observe({ ...shop, scopes: [] }, shop.locationIds.map((locationId) => ({ inventoryItemId: bare(variant.inventoryItemId), locationId: bare(locationId) })));
      return { variantId: variant.variantId, itemId: variant.inventoryItemId };
    },
    async call(shop, method, path, body, signal) {
      const url = new URL(`http://app.test/api/v1${path}`);
      const found = ROUTES.find(([pattern]) => pattern.test(url.pathname.slice("/api/v1".length)));
      if (found === undefined) throw new Error(`no route for ${path}`);
      const id = found[0].exec(url.pathname.slice("/api/v1".length))?.[1];
      const request = new Request(url, {
        method,
        headers: { Authorization: `Bearer ${shop.token}` },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      const response = await found[1]({ request, params: id === undefined ? {} : { id } }, () => dependencies);
      return { status: response.status, headers: response.headers, body: (await response.json()) as AnswerBody };
    },
    reserve: (shop, body) => fixture.call(shop, "POST", "/reservations", { idempotencyKey: `key-${(keyCount += 1)}`, ...body }),
    close: () => house.close(),
  };
  return fixture;
}

function bare(gid: string): string {
  return gid.slice(gid.lastIndexOf("/") + 1);
}
