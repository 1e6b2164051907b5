// The panel beside the app: Shopify's own stock numbers as they move, and buttons that play buyers and another writer.
import { ask } from "./dialog.ts";
import { element, getJson, make, postJson, settings } from "./frame.ts";
import type { OrderRow, PanelData, StockRow } from "../../shop-data.ts";

const refreshMs = 1_000;
const shopPath = `/sim/shops/${settings.shop}`;
const channel = "my-channel";

let data: PanelData = { stock: [], orders: [], orderCount: 0, truth: [] };
const lastAvailable = new Map<string, number>();
/** What the "ERP" read when this page was opened: the old numbers it writes back. */
const readByErp = new Map<string, number>();

const keyOf = (row: StockRow) => `${row.inventoryItemId}@${row.locationId}`;

export async function act(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    const result = await work();
    const refused = typeof result === "object" && result !== null && "refused" in result;
    element("sale-status").textContent = refused ? `${what}: refused, ${String((result as { refused: unknown }).refused).replaceAll("_", " ")}` : what;
  } catch (error) {
    element("sale-status").textContent = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  }
  await refresh();
}

export const sellable = (): StockRow[] => {
  const seen = new Set<string>();
  return data.stock.filter((row) => !seen.has(row.variantId) && seen.add(row.variantId));
};

export async function buy(row: StockRow, how: "web" | "api", quantity = 1): Promise<unknown> {
  const lines = [{ variantId: row.variantId, quantity }];
  return await postJson(`${shopPath}/orders`, how === "web" ? { channel: "web", lines } : { channel: "api", sourceName: channel, inventoryBehaviour: "BYPASS", lines });
}

export async function refresh(): Promise<void> {
  data = await getJson<PanelData>(`/admin-frame-data/${settings.shop}/panel`);
  for (const row of data.stock) if (!readByErp.has(keyOf(row))) readByErp.set(keyOf(row), row.available);
  element("stock").querySelector("tbody")?.replaceChildren(...data.stock.flatMap(stockRows));
  element("orders").replaceChildren(...data.orders.map(orderRow));
  element("order-count").textContent = `${data.orderCount} in all`;
  element("truth").replaceChildren(...data.truth.map(({ sku, delta, after, by }) => make("li", `${sku}: ${delta > 0 ? "+" : ""}${delta} → ${after}, by ${by}`)));
}

/** One line with the numbers, one with what can be done to them. */
function stockRows(row: StockRow): HTMLElement[] {
  const key = keyOf(row);
  const before = lastAvailable.get(key);
  lastAvailable.set(key, row.available);
  const line = make("tr", "", { "data-sku": row.sku });
  const name = make("td");
  name.append(make("strong", row.title), make("small", `${row.sku} · ${row.location}`));
  const changed = before !== undefined && before !== row.available ? (row.available < before ? " down" : " up") : "";
  const buttons = make("td", "", { class: "row-buttons", colspan: "3" });
  const old = readByErp.get(key) ?? row.available;
  buttons.append(
    make("button", "Buy 1 through the API channel", { type: "button" }, () => void act(`1 × ${row.sku} bought through ${channel}`, async () => await buy(row, "api"))),
    make("button", `ERP sets an old number (${old})`, { type: "button" }, () => {
      const level = { inventoryItemId: row.inventoryItemId, locationId: row.locationId, available: old, writer: "ERP" };
      void act(`The ERP set ${row.sku} to ${old}`, async () => await postJson(`${shopPath}/levels/set`, level));
    }),
  );
  line.append(name, make("td", String(row.available), { class: `number${row.available < 0 ? " negative" : ""}${changed}`, "data-available": "" }), make("td", String(row.committed), { class: "number" }));
  const actions = make("tr", "", { class: "actions", "data-sku": row.sku });
  actions.append(buttons);
  return [line, actions];
}

function orderRow(order: OrderRow): HTMLElement {
  const row = make("li", "", { "data-order": order.name });
  const lines = order.lines.map(({ title, quantity }) => `${quantity} × ${title}`).join(", ");
  row.append(make("strong", order.name), make("span", ` ${order.source}: ${lines || "no lines"}${order.cancelled ? " (cancelled)" : ""} `));
  const first = order.lines[0];
  const send = (what: string, path: string, body: unknown) => {
    const url = `${shopPath}/orders/${encodeURIComponent(order.orderId)}/${path}`;
    return make("button", what, { type: "button" }, () => void act(`${order.name}: ${what.toLowerCase()}`, async () => await postJson(url, body)));
  };
  if (first !== undefined && !order.cancelled) {
    row.append(send("Edit to 3", "edit", { setQuantities: [{ lineItemId: first.lineItemId, quantity: 3 }] }));
    if (first.quantity > 0) row.append(send("Refund 1", "refund", { lines: [{ lineItemId: first.lineItemId, quantity: 1, restockType: "return" }] }));
    row.append(send("Cancel", "cancel", { restock: true }));
  }
  return row;
}

/** Refreshes once a second while the tab can be seen. */
export function startWorldPanel(): void {
  const again = () => setTimeout(() => void tick(), refreshMs);
  const tick = async () => {
    if (document.visibilityState === "visible") await refresh().catch(() => undefined);
    again();
  };
  void tick();
  element("web-sale").addEventListener("click", () => {
    const [row] = sellable();
    if (row !== undefined) void act(`1 × ${row.sku} bought in the online store`, async () => await buy(row, "web"));
  });
  element<HTMLInputElement>("mischief").addEventListener("change", (event) => {
    const on = event.target instanceof HTMLInputElement && event.target.checked;
    const plan = on ? { seed: 1, duplicates: { rate: 1, copies: 1 }, late: { rate: 0.05, delayMs: 6_000 }, reorder: { rate: 0.1, withinMs: 2_000 } } : { seed: 1 };
    void act(on ? "Webhooks now come twice, late and out of order" : "Webhooks come once and in order", async () => await postJson("/sim/webhooks/plan", plan));
  });
  element("flash-sale").addEventListener("click", () => void flashSale());
}

async function flashSale(): Promise<void> {
  const orders = 150;
  const rows = sellable();
  if (rows.length === 0) return void (await ask("Nothing to sell", "This shop has no products with stock.", "Close", "Cancel"));
  element("flash-sale").toggleAttribute("disabled", true);
  const bought = Array.from({ length: orders }, (_, index) => {
    const row = rows[index % rows.length] ?? rows[0];
    const lines = [{ variantId: row?.variantId, quantity: 1 + (index % 3 === 0 ? 1 : 0) }];
    return index % 2 === 0 ? { channel: "api", sourceName: channel, inventoryBehaviour: "BYPASS", lines } : { channel: "web", lines };
  });
  await act(`${orders} orders in one burst: half in the online store, half through ${channel}`, async () => await postJson(`${shopPath}/orders/bulk`, { orders: bought }));
  element("flash-sale").toggleAttribute("disabled", false);
}
