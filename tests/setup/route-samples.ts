// For walks over all routes: an id for every route that takes one, and a sample of every act. A route without its sample fails the walk, so that no route goes unlooked at.
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";

import type { AppRoute } from "./app-routes.ts";
import type { FullShop } from "./full-shop.ts";

type Form = Readonly<Record<string, string>>;

/** By path: the parameters that name something of the shop. */
const PARAMETERS: Readonly<Record<string, (shop: FullShop) => Form>> = {
  "/app/history/:id": (shop) => ({ id: shop.appliedChangeId }),
  "/app/history/orders/:orderId": (shop) => ({ orderId: shop.orderId }),
  "/app/holds/:id": (shop) => ({ id: shop.holdId }),
  "/app/oversells/:id": (shop) => ({ id: shop.oversellId }),
  "/app/overwritten/:id": (shop) => ({ id: shop.conflictId }),
  "/app/mismatches/:id": (shop) => ({ id: shop.driftId }),
  "/app/*": () => ({ "*": "no/such/page" }),
  "/api/v1/*": () => ({ "*": "no/such/endpoint" }),
  "/api/v1/orders/:orderId/receipt": (shop) => ({ orderId: shop.orderId }),
  "/api/v1/reservations/:id": (shop) => ({ id: shop.holdId }),
  "/api/v1/reservations/:id/commit": (shop) => ({ id: shop.holdId }),
  "/api/v1/reservations/:id/extend": (shop) => ({ id: shop.holdId }),
  "/api/v1/reservations/:id/release": (shop) => ({ id: shop.holdId }),
};

export interface SampleAct {
  readonly form: (shop: FullShop) => Form;
  /** Why whoever may open the app may do it, whatever Shopify lets the person do with inventory. Left out: it asks for the permission. */
  readonly forEverybody?: string;
}

const act = (form: SampleAct["form"]): SampleAct => ({ form });
const open = (forEverybody: string, form: SampleAct["form"]): SampleAct => ({ form, forEverybody });
const NOTE = "looked at by hand";

const HOLD_ACTS: readonly SampleAct[] = [
  act((shop) => ({ act: "release", id: shop.holdId })),
  act((shop) => ({ act: "decide", id: shop.undecidedHoldId, decision: "sold", note: NOTE })),
  act(() => ({ act: "release-all" })),
];

/** By path: every act of the route's action, with ids of the shop. */
const ACTS: Readonly<Record<string, readonly SampleAct[]>> = {
  "/app": [open("it hides a guide", () => ({ intent: "dismiss-setup-guide" }))],
  "/app/history/notifications": [act((shop) => ({ ids: shop.deliveryId })), act(() => ({ matching: "?" }))],
  "/app/holds": HOLD_ACTS,
  "/app/holds/:id": HOLD_ACTS,
  "/app/oversells": [
    open("it changes no stock: it says that somebody has looked", (shop) => ({ act: "handled", id: shop.oversellId, note: NOTE })),
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "hold", id: shop.oversellId, order: shop.orderId })),
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "release", id: shop.oversellId, order: shop.orderId })),
  ],
  "/app/review": [
    act((shop) => ({ act: "retry", ids: shop.parkedChangeId })),
    act((shop) => ({ act: "discard", ids: shop.parkedChangeId, note: NOTE })),
    act(() => ({ act: "discard", matching: "all", note: NOTE })),
  ],
  "/app/settings": [
    act(() => ({ intent: "save", document: JSON.stringify(DEFAULT_SETTINGS) })),
    act(() => ({ intent: "resume-source", sourceKey: "name:my-channel" })),
    act(() => ({ intent: "make-signing-secret" })),
    open("it reads what Shopify grants", () => ({ intent: "read-permissions" })),
  ],
  "/app/settings/tokens": [act((shop) => ({ intent: "revoke", id: shop.tokenId })), act(() => ({ intent: "create", label: "new" }))],
  "/app/undelivered": [act((shop) => ({ what: "push", act: "skip", ids: shop.pushId, note: NOTE })), act((shop) => ({ what: "alert", ids: shop.alertId }))],
};

/** By path: questions about single things of the shop, for lists of the API. */
const QUERIES: Readonly<Record<string, (shop: FullShop) => string>> = {
  "/api/v1/changes": (shop) => `?orderId=${shop.orderId}`,
  "/api/v1/stock": (shop) => `?inventoryItemId=${shop.itemId}&locationId=${shop.locationId}`,
};

/** By path: what is sent to change something, for endpoints of the API that take more than an id. */
const BODIES: Readonly<Record<string, (shop: FullShop) => object>> = {
  "/api/v1/reservations": (shop) => ({ idempotencyKey: "walk", lines: [{ inventoryItemId: shop.itemId, quantity: 1 }] }),
  "/api/v1/reservations/:id/extend": () => ({ ttlSeconds: 600 }),
  "/api/v1/settings": () => ({ version: 1 }),
};

export function sampleParameters({ path, parameters, file }: AppRoute, shop: FullShop): Form {
  if (parameters.length === 0) return {};
  const sample = PARAMETERS[path];
  if (sample === undefined) throw new Error(`${file} takes ${parameters.join(" and ")}: give an id for ${path} in PARAMETERS of tests/setup/route-samples.ts, so that the walk can ask for another shop's`);
  return sample(shop);
}

export function sampleActs({ path, file }: AppRoute): readonly SampleAct[] {
  const acts = ACTS[path];
  if (acts === undefined) throw new Error(`${file} has an action: give its acts for ${path} in ACTS of tests/setup/route-samples.ts, so that the walk can try them with another shop's ids and without the permission`);
  return acts;
}

export const sampleQuery = ({ path }: AppRoute, shop: FullShop) => QUERIES[path]?.(shop) ?? "";
export const sampleBody = ({ path }: AppRoute, shop: FullShop) => BODIES[path]?.(shop) ?? {};
