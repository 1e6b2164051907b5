// The simulator's control API as the scenarios use it, over HTTP: a scenario drives a simulator in a process of its own.
import type { TruthEntry } from "../verdict/judge.ts";

export type PlacedLine = { lineItemId: string; variantId: string; quantity: number; inventoryItemId: string; locationId: string };
export type PlacedOrder = { orderId: string; name: string; lines: PlacedLine[] };
export type OrderInput = { channel: "web" | "api"; sourceName?: string; inventoryBehaviour?: "BYPASS"; lines: { variantId: string; quantity: number }[]; attributes?: { name: string; value: string }[] };
export type CreatedProduct = { productId: string; variants: { variantId: string; inventoryItemId: string; sku: string }[] };
export type WebhookCounters = { events: number; deliveries: number; sends: number; copies: number; pending: number; inFlight: number; abandoned: number; failed: number };
export type SendLogEntry = { seq: number; webhookId: string; topic: string; shop: string; orderId: string | null; triggeredAt: string; attempt: number; copy: number; scheduledAt: string; sentAt: string | null; status: number | string };
export type AdminRequest = { seq: number; operationName: string | null; rootFields: string[]; costActual: number | null; outcome: string; startedAt: string; finishedAt: string | null; maxInFlightPerItem: number };
export type WebhookPlan = { seed: number; duplicates?: { rate: number; copies: number }; late?: { rate: number; delayMs: number }; reorder?: { rate: number; withinMs: number } };

export type ControlClient = ReturnType<typeof controlClient>;

const pageSize = 5_000;

export function controlClient(origin: string) {
  const get = async <Answer>(path: string) => await request<Answer>(`${origin}${path}`);
  const post = async <Answer>(path: string, body: unknown = {}) => await request<Answer>(`${origin}${path}`, body);

  /** Reads a paged log to its end, from after a known place. */
  const readOn = async <Item extends { seq: number }>(path: string, after: number): Promise<Item[]> => {
    const items: Item[] = [];
    for (let from: number | null = after; from !== null; ) {
      const page: { items: Item[]; next: number | null } = await get(`${path}${path.includes("?") ? "&" : "?"}after=${from}&limit=${pageSize}`);
      items.push(...page.items);
      from = page.items.length === 0 ? null : page.next;
    }
    return items;
  };

  return {
    origin,
    createShop: async (input: { shop: string; plan: string; locations: { name: string }[] }) => await post<{ shop: string; locations: { id: string; name: string }[] }>("/sim/shops", input),
    install: async (shop: string, scopes: string[]) => void (await post(`/sim/shops/${shop}/install`, { scopes })),
    sessionToken: async (shop: string) => (await post<{ token: string }>(`/sim/shops/${shop}/session-token`)).token,
    createProduct: async (shop: string, input: unknown) => await post<CreatedProduct>(`/sim/shops/${shop}/products`, input),
    placeOrders: async (shop: string, orders: OrderInput[]) => (await post<{ items: (PlacedOrder | { refused: string })[] }>(`/sim/shops/${shop}/orders/bulk`, { orders })).items,
    editOrder: async (shop: string, orderId: string, lineItemId: string, quantity: number) => void (await post(orderPath(shop, orderId, "edit"), { setQuantities: [{ lineItemId, quantity }] })),
    cancelOrder: async (shop: string, orderId: string, restock: boolean) => void (await post(orderPath(shop, orderId, "cancel"), { restock })),
    refundOrder: async (shop: string, orderId: string, lines: { lineItemId: string; quantity: number; restockType: string }[]) => void (await post(orderPath(shop, orderId, "refund"), { lines })),
    planWebhooks: async (plan: WebhookPlan) => void (await post("/sim/webhooks/plan", plan)),
    /** Where webhooks go instead of the app; null: to the app. */
    routeWebhooks: async (url: string | null) => void (await post("/sim/webhooks/route", { url })),
    webhooks: async () => await get<WebhookCounters>("/sim/webhooks"),
    skipToPendingWebhooks: async () => void (await post("/sim/webhooks/drain", { skipAhead: true })),
    webhookLog: async () => await readOn<SendLogEntry>("/sim/webhooks/log", 0),
    addFault: async (fault: { boundary: string; kind: string; shop: string }) => void (await post("/sim/faults", fault)),
    setLatency: async (graphqlMs: number) => void (await post("/sim/latency", { graphqlMs })),
    nowMs: async () => Date.parse((await get<{ now: string }>("/sim/clock")).now),
    requests: async (shop: string) => await readOn<AdminRequest>(`/sim/requests?shop=${shop}`, 0),
    orders: async (shop: string) => (await get<{ items: PlacedOrder[] }>(`/sim/shops/${shop}/orders`)).items,
    /** As a webhook would carry it. */
    order: async <Order>(shop: string, orderId: string) => await get<Order>(`/sim/shops/${shop}/orders/${encodeURIComponent(orderId)}`),
    truth: async (shop: string, after: number) => await readOn<TruthEntry>(`/sim/shops/${shop}/truth`, after),
  };
}

function orderPath(shop: string, orderId: string, action: string): string {
  return `/sim/shops/${shop}/orders/${encodeURIComponent(orderId)}/${action}`;
}

async function request<Answer>(url: string, body?: unknown): Promise<Answer> {
  const sent = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url, sent);
  const text = await response.text();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
}
