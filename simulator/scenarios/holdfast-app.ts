// Holdfast as a scenario meets it: through its pages and its public HTTP API, and nothing else.
import type { EffectRules } from "../verdict/effects.ts";
import type { LedgerChange } from "../verdict/judge.ts";
import type { AppUnderTest } from "./app-under-test.ts";
import type { ControlClient } from "./control-client.ts";

export type HoldfastOptions = {
  url: string;
  control: ControlClient;
  /** `holdfast token create --shop <shop> --json`. */
  createToken: (shop: string) => Promise<string>;
  /** Granted beside the required ones; default: what changes stock. */
  scopes?: string[];
};

type ListedChange = LedgerChange & { id: string };
type Settings = { version: number; mode: string; deduct: unknown; bundles: unknown };
type Receipt = { changes: ListedChange[]; deliveries: { webhookId: string; state: string }[] };

const pageSize = 250;
/** Shopify's library answers bots with 410: a person's browser it is. */
const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export function holdfastApp(options: HoldfastOptions): AppUnderTest {
  let token = "";
  const api = async <Answer>(path: string, put?: unknown): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${options.url}/api/v1${path}`, put === undefined ? { headers } : { method: "PUT", headers, body: JSON.stringify(put) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 1_000)}`);
    return JSON.parse(text) as Answer;
  };
  const changes = async (query: string): Promise<ListedChange[]> => {
    const items: ListedChange[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: ListedChange[]; nextCursor: string | null } = await api(`/changes?limit=${pageSize}${query}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };

  return {
    url: options.url,
    async prepare(catalogue, rules) {
      await options.control.install(catalogue.shop, options.scopes ?? ["write_inventory"]);
      await openApp(options, catalogue.shop);
      token = await options.createToken(catalogue.shop);
      const settings = await api<Settings>("/settings");
      await api("/settings", protectedSettings(settings, rules));
    },
    async unfinished() {
      const [waiting, claimed, lag] = await Promise.all([
        api<{ items: unknown[] }>("/changes?limit=1&state=waiting"),
        api<{ items: unknown[] }>("/changes?limit=1&state=claimed"),
        oldestNotificationSeconds(options.url),
      ]);
      return { notifications: lag > 0 ? 1 : 0, changes: waiting.items.length + claimed.items.length };
    },
    ledger: async () => await changes(""),
    async contradictions(orderIds, ledger) {
      const found: string[] = [];
      for (const orderId of orderIds) {
        const receipt = await api<Receipt>(`/orders/${encodeURIComponent(orderId)}/receipt`);
        const listed = ledger.filter((change) => change.orderId === orderId);
        if (summary(receipt.changes) !== summary(listed)) found.push(`the receipt of ${orderId} shows ${summary(receipt.changes)}, the list of changes ${summary(listed)}`);
        if (receipt.deliveries.length === 0) found.push(`the receipt of ${orderId} shows no notification`);
      }
      return found;
    },
  };
}

/** A merchant opens the app in the admin for the first time: that is when it gets its access token. */
export async function openApp({ url, control }: Pick<HoldfastOptions, "url" | "control">, shop: string): Promise<void> {
  const page = new URL("/app", url);
  const host = Buffer.from(`admin.shopify.com/store/${shop.replace(".myshopify.com", "")}`).toString("base64url");
  for (const [name, value] of Object.entries({ embedded: "1", shop, host, locale: "en", id_token: await control.sessionToken(shop) })) page.searchParams.set(name, value);
  const response = await fetch(page, { headers: { "user-agent": browser, accept: "text/html" }, redirect: "manual" });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the app's first page answered ${response.status}, ${response.headers.get("location") ?? "no redirect"}`);
}

function protectedSettings(settings: Settings, rules: EffectRules): unknown {
  return {
    ...settings,
    mode: "enforce",
    deduct: { sources: rules.deductSources.map((sourceName) => ({ sourceName, confirmedBypass: true })), on: "orders/create", location: "order" },
    bundles: rules.bundles.map(({ variantId, components }) => ({ variantId, parentStock: "leave", components })),
  };
}

async function oldestNotificationSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = /^holdfast_delivery_lag_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text);
  if (line === null) throw new Error("/metrics does not show holdfast_delivery_lag_seconds");
  return Number(line[1]);
}

function summary(changes: readonly LedgerChange[]): string {
  return changes
    .map(({ lineId, inventoryItemId, locationId, delta, state }) => `${lineId}/${inventoryItemId}/${locationId}/${delta}/${state}`)
    .toSorted()
    .join(", ");
}

