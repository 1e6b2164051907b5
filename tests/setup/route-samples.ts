// For walks over all routes: an id for every route that takes one, and a sample of every act. A route without its sample fails the walk, so that no route goes unlooked at.
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";

import type { AppRoute } from "./app-routes.ts";
import type { FullShop } from "./full-shop.ts";

type Form = Readonly<Record<string, string>>;

/** By path: the parameters that name something of the shop. */
const PARAMETERS: Readonly<Record<string, (shop: FullShop) => Form>> = {
  "/app/history/:id": (shop) => ({ id: shop.appliedChangeId }),
  "/app/history/orders/:orderId": (shop) => ({ orderId: shop.orderId }),
  "/app/history/notifications/:id": (shop) => ({ id: shop.deliveryId }),
  "/app/holds/:id": (shop) => ({ id: shop.holdId }),
  "/app/oversells/:id": (shop) => ({ id: shop.oversellId }),
  "/app/overwritten/:id": (shop) => ({ id: shop.conflictId }),
  "/app/mismatches/:id": (shop) => ({ id: shop.driftId }),
  "/app/settings/versions/:version": (shop) => ({ version: shop.settingsVersion }),
  "/app/*": () => ({ "*": "no/such/page" }),
  "/extension/orders/:orderId": (shop) => ({ orderId: shop.orderId }),
  "/extension/variants/:variantId": (shop) => ({ variantId: shop.variantId }),
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

const PROBLEM_ACTS: readonly SampleAct[] = [
  act(() => ({ act: "correct", preview: "yes" })),
  act(() => ({ act: "correct", note: NOTE })),
  act(() => ({ act: "dismiss", note: NOTE })),
];

/** All pages of the settings take the same forms. */
const SETTINGS_ACTS: readonly SampleAct[] = [
  act(() => ({ intent: "save", document: JSON.stringify(DEFAULT_SETTINGS) })),
  act(() => ({ intent: "restore", version: "1", expected: "2" })),
  act(() => ({ intent: "resume-source", sourceKey: "name:my-channel" })),
  act(() => ({ intent: "make-signing-secret" })),
  act(() => ({ intent: "make-external-secret" })),
  open("it only tries", () => ({ intent: "preview", document: JSON.stringify(DEFAULT_SETTINGS) })),
  open("it only compares", () => ({ intent: "check-import", text: JSON.stringify(DEFAULT_SETTINGS) })),
  open("it reads what Shopify grants", () => ({ intent: "read-permissions" })),
];

/** By path: every act of the route's action, with ids of the shop. */
const ACTS: Readonly<Record<string, readonly SampleAct[]>> = {
  "/app": [open("it hides a guide", () => ({ intent: "dismiss-setup-guide" })), open("it reads what Shopify grants", () => ({ intent: "read-permissions" }))],
  "/app/compare": [open("it changes no stock: it only compares", (shop) => ({ item: shop.itemId }))],
  "/app/history": [open("it hands out what the page shows", () => ({}))],
  "/app/history/notifications": [act((shop) => ({ ids: shop.deliveryId })), act(() => ({ matching: "?" }))],
  "/app/holds": HOLD_ACTS,
  "/app/holds/:id": HOLD_ACTS,
  "/app/mismatches": [open("it only compares", () => ({}))],
  "/app/mismatches/:id": PROBLEM_ACTS,
  "/app/oversells/:id": [
    open("it changes no stock: it says that somebody has looked", () => ({ act: "handled", note: NOTE })),
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "hold", order: shop.orderId })),
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "release", order: shop.orderId })),
  ],
  "/app/overwritten/:id": PROBLEM_ACTS,
  "/app/review": [
    act((shop) => ({ act: "retry", ids: shop.parkedChangeId })),
    act((shop) => ({ act: "discard", ids: shop.parkedChangeId, note: NOTE })),
    act(() => ({ act: "discard", matching: "all", note: NOTE })),
  ],
  "/app/settings/leaving": [...SETTINGS_ACTS, open("Shopify itself asks for the permission to release orders", () => ({ intent: "release-orders" }))],
  "/app/settings/tokens": [act((shop) => ({ intent: "revoke", id: shop.tokenId })), act(() => ({ intent: "create", label: "new" }))],
  "/extension/orders/:orderId": [
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "hold", oversell: shop.oversellId })),
    open("Shopify itself asks for the permission to hold orders", (shop) => ({ act: "release", oversell: shop.oversellId })),
  ],
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
  const acts = ACTS[path] ?? (path.startsWith("/app/settings/") ? SETTINGS_ACTS : undefined);
  if (acts === undefined) throw new Error(`${file} has an action: give its acts for ${path} in ACTS of tests/setup/route-samples.ts, so that the walk can try them with another shop's ids and without the permission`);
  return acts;
}

/** Routes that neither a session nor an API token opens, by path, with what keeps one shop's rows from another there. */
export const OTHER_ROUTES: Readonly<Record<string, string>> = {
  "/": "shows nothing of any shop",
  "/auth/*": "Shopify's library: begins a sign-in",
  "/auth/login": "begins a sign-in",
  "/exports/changes.csv": "opened by a sealed link that names the install and ends within minutes: tests/integration/export.test.ts",
  "/exports/everything.jsonl": "opened by a sealed link that names the install and ends within minutes: tests/integration/export-everything.test.ts",
  "/healthz": "shows nothing of any shop",
  "/metrics": "figures without shops",
  "/readyz": "shows nothing of any shop",
  "/webhooks": "signed by Shopify: tests/integration/accept-webhook.test.ts",
};

export const sampleQuery = ({ path }: AppRoute, shop: FullShop) => QUERIES[path]?.(shop) ?? "";
export const sampleBody = ({ path }: AppRoute, shop: FullShop) => BODIES[path]?.(shop) ?? {};
