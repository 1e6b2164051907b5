// What the tests of rules that change under way share: a store that protects three products, its orders, and what became of its stock.
import type { Settings } from "#app/domain/settings.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

export interface Product {
  readonly variantId: string;
  readonly inventoryItemId: string;
}
export interface Store {
  readonly shop: HouseShop;
  readonly kettle: Product;
  readonly lid: Product;
  readonly cup: Product;
}

export const mode = (wanted: Settings["mode"]) => (settings: Settings): Settings => ({ ...settings, mode: wanted });
export const tail = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

/** `house`: asked for with each call, because tests open it after their module was read. */
export function rulesStage(house: () => House) {
  async function openStore(change?: (settings: Settings) => Settings, locations = 1): Promise<Store> {
    const shop = await house().openShop({ locations });
    await house().protect(shop, change);
    const levels = shop.locationIds.map((locationId) => ({ locationId, available: 100 }));
    const [kettle, lid, cup] = house().simulator.control.createProduct(shop.shop, { title: "Tea", variants: ["KETTLE", "LID", "CUP"].map((sku) => ({ sku, levels })) }).variants;
    if (!kettle || !lid || !cup) throw new Error("the product has three variants");
    await house().settle(shop.shop);
    return { shop, kettle, lid, cup };
  }

  const order = ({ shop }: Store, variantId: string, over: { quantity?: number; paid?: boolean; inventoryBehaviour?: "BYPASS" | "DECREMENT_IGNORING_POLICY" } = {}) => {
    const { quantity = 1, paid = true, inventoryBehaviour = "BYPASS" } = over;
    const placed = house().simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", paid, inventoryBehaviour, lines: [{ variantId, quantity }] });
    if ("refused" in placed) throw new Error("the order was refused");
    return { ...placed, lineItemId: placed.lines[0]?.lineItemId ?? "" };
  };
  const rule = (store: Store, change: (settings: Settings) => Settings) => house().settings(store.shop, change);
  const changes = ({ shop }: Store) =>
    house().composed.database.query<{ state: string; reason: string | null; delta: number; location_id: string | null }>(
      `SELECT state, reason, delta, location_id FROM changes WHERE install_id = $1 ORDER BY id`,
      shop.installId,
    );
  const moved = ({ shop }: Store, product: Product) => unitsMoved(house(), shop, product.inventoryItemId);
  const differences = ({ shop }: Store) => ledgerDifferences(house(), shop);

  /** A turn that derives and sends nothing: what it derives waits. */
  const withoutSending = (): Partial<TurnPorts> => ({ ledger: { ...house().composed.turnPorts.ledger, waitingStocks: () => Promise.resolve([]) } });

  async function pause(store: Store): Promise<void> {
    await house().composed.turnPorts.sources.record(store.shop.installId, { sourceKey: "name:my-channel", orderId: "1", verdict: "took_stock", evidence: null });
  }
  const resume = ({ shop }: Store) => house().composed.settingsStore.resumeSource({ installId: shop.installId, sourceKey: "name:my-channel", actor: "test" });

  return { openStore, order, rule, changes, moved, differences, withoutSending, pause, resume };
}
