// For tests of the simulator itself: one running on a free port with an installed shop, and an app that talks to it.
import { startSimulator } from "../start.ts";
import type { Simulator, SimulatorOptions } from "../start.ts";

export const SHOP = "acme.myshopify.com";
export const API_KEY = "test-key";
export const API_SECRET = "test-secret";
const SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders"];

/** A GraphQL answer as far as tests look into it. */
export interface Answer {
  status: number;
  headers: Headers;
  body: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: string[]; extensions?: Record<string, unknown> }[];
    extensions?: { cost: { requestedQueryCost: number; actualQueryCost: number | null; throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number } } };
  };
}

export interface TestApp {
  simulator: Simulator;
  locationIds: string[];
  token: string;
  graphql(query: string, variables?: Record<string, unknown>, token?: string): Promise<Answer>;
  /** POST to the token endpoint as the app's library does. */
  oauth(fields: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>;
  exchange(more?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>;
}

export async function startTestApp(options: Partial<SimulatorOptions> = {}, shop: { bigIds?: boolean; locations?: string[]; plan?: "standard" | "plus" } = {}): Promise<TestApp> {
  const simulator = await startSimulator({ apiKey: API_KEY, apiSecret: API_SECRET, scopes: SCOPES, optionalScopes: ["write_inventory"], schemaPath: ".cache/admin_2026-10.json", ...options });
  const { control, origin } = simulator;
  const locations = (shop.locations ?? ["Main", "Second"]).map((name) => ({ name }));
  const created = control.createShop({ shop: SHOP, plan: shop.plan ?? "plus", locations, bigIds: shop.bigIds ?? false });
  control.install(SHOP, { scopes: ["write_inventory", "write_orders", "write_merchant_managed_fulfillment_orders"] });

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(origin + path, { method: "POST", headers: { "content-type": "application/json", "x-forwarded-host": SHOP, ...headers }, body: JSON.stringify(body) });
  const oauth: TestApp["oauth"] = async (fields) => {
    const answer = await post("/admin/oauth/access_token", { client_id: API_KEY, client_secret: API_SECRET, ...fields });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const exchange: TestApp["exchange"] = (more = {}) =>
    oauth({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: control.sessionToken(SHOP).token,
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
      requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
      expiring: "1",
      ...more,
    });
  // A lasting token, so that tests may move the clock by days.
  const token = String((await exchange({ expiring: "0" })).body["access_token"]);
  return {
    simulator,
    locationIds: created.locations.map(({ id }) => id),
    token,
    oauth,
    exchange,
    async graphql(query, variables = {}, as = token) {
      const answer = await post("/admin/api/2026-10/graphql.json", { query, variables }, { "x-shopify-access-token": as });
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer["body"] };
    },
  };
}

/** One product with one variant, stocked at the first location unless said otherwise. */
export function addVariant(app: TestApp, available: number, options: { sku?: string; locationId?: string; inventoryPolicy?: "DENY" | "CONTINUE" } = {}): { variantId: string; inventoryItemId: string; locationId: string } {
  const locationId = options.locationId ?? app.locationIds[0] ?? "";
  const { variants } = app.simulator.control.createProduct(SHOP, {
    title: options.sku ?? "Mug",
    variants: [{ sku: options.sku ?? "MUG", inventoryPolicy: options.inventoryPolicy ?? "DENY", levels: [{ locationId, available }] }],
  });
  const [variant] = variants;
  if (!variant) throw new Error("No variant was made.");
  return { variantId: variant.variantId, inventoryItemId: variant.inventoryItemId, locationId };
}

export function availableAt(app: TestApp, place: { inventoryItemId: string; locationId: string }, name = "available"): number | undefined {
  const level = app.simulator.control.levels(SHOP).find((each) => each["inventoryItemId"] === place.inventoryItemId && each["locationId"] === place.locationId);
  return (level?.["quantities"] as Record<string, number> | undefined)?.[name];
}
