// The lab's calls to the Admin API: read a quantity, write one, and ask again when Shopify did not answer.
import { z } from "zod";
import type { LabLife } from "./lab-life.ts";
import type { CallContent } from "./lab-store.ts";

export type Stock = { inventoryItemId: string; locationId: string };
export type ShopAccess = { origin: string; shop: string; token: string; apiVersion: string };
/** `nextKey` is asked before every sending: the same key each time, or another one. `reference` tells the judge whose units moved. */
export type LabWrite = { stock: Stock; content: CallContent; reference: string; nextKey: () => string };
export type LabShopify = ReturnType<typeof labShopify>;

const READ = `query ($item: ID!, $location: ID!) { inventoryItem(id: $item) { inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } } }`;
const ADJUST = `mutation ($input: InventoryAdjustQuantitiesInput!, $key: String!) { write: inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { userErrors { code message } } }`;
const SET = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) { write: inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code message } } }`;

const TRIES_MAX = 40;
const ASK_AGAIN_MS = 50;

const envelope = z.object({ data: z.unknown().optional(), errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() })).optional() });
const level = z.object({ inventoryItem: z.object({ inventoryLevel: z.object({ quantities: z.array(z.object({ quantity: z.number() })) }) }) });
const written = z.object({ write: z.object({ userErrors: z.array(z.object({ code: z.string().nullable(), message: z.string() })) }) });

export function labShopify(access: ShopAccess, life: LabLife) {
  /** Null: no answer, or "later". The call may have taken effect all the same. */
  const send = async (query: string, variables: unknown): Promise<unknown> => {
    const response = await life.step(() => post(access, { query, variables }));
    if (response === null) return null;
    const { data, errors } = envelope.parse(response);
    if (errors === undefined) return data;
    if (errors.some(({ extensions }) => extensions?.code === "THROTTLED")) return null;
    throw new Error(`Shopify refused: ${errors.map(({ message }) => message).join("; ")}`);
  };

  return {
    async readAvailable({ inventoryItemId: item, locationId: location }: Stock): Promise<number> {
      const data = await untilAnswered(async () => await send(READ, { item, location }));
      return level.parse(data).inventoryItem.inventoryLevel.quantities[0]?.quantity ?? 0;
    },
    async write(write: LabWrite): Promise<void> {
      await untilAnswered(async () => {
        const data = await send(write.content.kind === "adjust" ? ADJUST : SET, { input: inputOf(write), key: write.nextKey() });
        if (data === null) return null;
        const [error] = written.parse(data).write.userErrors;
        // The same call is under way already: its outcome is asked for a moment later.
        if (error?.code === "IDEMPOTENCY_CONCURRENT_REQUEST") return null;
        if (error !== undefined) throw new Error(`Shopify refused: ${error.code ?? ""} ${error.message}`);
        return true;
      });
    },
  };
}

async function untilAnswered<Answer>(ask: () => Promise<Answer | null>): Promise<Answer> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS));
  }
  throw new Error(`Shopify did not answer ${TRIES_MAX} times`);
}

function inputOf({ stock, content, reference }: LabWrite): unknown {
  const common = { name: "available", reason: "correction", referenceDocumentUri: reference };
  return content.kind === "adjust"
    ? { ...common, changes: [{ ...stock, delta: content.delta, changeFromQuantity: null }] }
    : { ...common, quantities: [{ ...stock, quantity: content.quantity, changeFromQuantity: null }] };
}

async function post({ origin, shop, token, apiVersion }: ShopAccess, body: unknown): Promise<unknown> {
  try {
    const response = await fetch(`${origin}/admin/api/${apiVersion}/graphql.json`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-host": shop, "x-shopify-access-token": token },
      body: JSON.stringify(body),
    });
    return response.status === 200 ? ((await response.json()) as unknown) : null;
  } catch {
    // The connection broke: nobody knows whether Shopify took the call.
    return null;
  }
}
