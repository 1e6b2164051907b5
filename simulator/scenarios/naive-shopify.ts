// The naive app's calls to the Admin API: read a quantity, set a quantity, look up an order; throttled calls are asked again.
import type { ControlClient } from "./control-client.ts";

export type NaiveShopify = {
  readAvailable(inventoryItemId: string, locationId: string): Promise<number>;
  setAvailable(inventoryItemId: string, locationId: string, quantity: number, key: string): Promise<void>;
  readOrder(orderId: string): Promise<{ source: string; variantOf: Map<string, string> }>;
};

export type NaiveShopifyOptions = { control: ControlClient; apiKey: string; apiSecret: string; apiVersion: string };

const readLevel = `query ($item: ID!, $location: ID!) { inventoryItem(id: $item) { inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } } }`;
const setLevel = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code message } }
}`;
const readLines = `query ($id: ID!) { order(id: $id) { sourceName lineItems(first: 20) { nodes { id variant { id } } } } }`;
/** The pause Shopify's documentation names. */
const throttledPauseMs = 1_000;
const triesMax = 60;

type Level = { inventoryItem: { inventoryLevel: { quantities: { quantity: number }[] } | null } | null };
type Written = { inventorySetQuantities: { userErrors: { code: string; message: string }[] } };
type Lines = { order: { sourceName: string | null; lineItems: { nodes: { id: string; variant: { id: string } | null }[] } } | null };
type Answer<Data> = { data?: Data; errors?: { message: string; extensions?: { code?: string } }[] };

export async function naiveShopify(options: NaiveShopifyOptions, shop: string): Promise<NaiveShopify> {
  const token = await exchangeToken(options, shop);
  const call = async <Data>(query: string, variables: unknown): Promise<Data> => {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const response = await fetch(`${options.control.origin}/admin/api/${options.apiVersion}/graphql.json`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-host": shop, "x-shopify-access-token": token },
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as Answer<Data>;
      if (response.status === 200 && answer.data !== undefined && answer.errors === undefined) return answer.data;
      const throttled = response.status === 429 || answer.errors?.some((error) => error.extensions?.code === "THROTTLED") === true;
      if (!throttled) throw new Error(`Shopify answered ${response.status}: ${JSON.stringify(answer.errors)}`);
      await new Promise((wake) => setTimeout(wake, throttledPauseMs));
    }
    throw new Error("Shopify kept throttling");
  };

  return {
    async readAvailable(item, location) {
      const level = (await call<Level>(readLevel, { item, location })).inventoryItem?.inventoryLevel;
      return level?.quantities[0]?.quantity ?? 0;
    },
    async setAvailable(inventoryItemId, locationId, quantity, key) {
      const quantities = [{ inventoryItemId, locationId, quantity, changeFromQuantity: null }];
      const written = await call<Written>(setLevel, { input: { name: "available", reason: "correction", quantities }, key });
      const [error] = written.inventorySetQuantities.userErrors;
      if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
    },
    async readOrder(orderId) {
      const { order } = await call<Lines>(readLines, { id: `gid://shopify/Order/${orderId}` });
      return { source: order?.sourceName ?? "", variantOf: new Map(order?.lineItems.nodes.map((line) => [plainId(line.id), plainId(line.variant?.id ?? "")])) };
    },
  };
}

function plainId(gid: string): string {
  return gid.split("/").at(-1) ?? "";
}

/** A lasting token of the app, as its server gets one. */
export async function exchangeToken({ control, apiKey, apiSecret }: Omit<NaiveShopifyOptions, "apiVersion">, shop: string): Promise<string> {
  const response = await fetch(`${control.origin}/admin/oauth/access_token`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-host": shop },
    body: JSON.stringify({
      client_id: apiKey,
      client_secret: apiSecret,
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: await control.sessionToken(shop),
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
      requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (answer.access_token === undefined) throw new Error(`no access token: ${JSON.stringify(answer)}`);
  return answer.access_token;
}
