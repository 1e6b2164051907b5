// For tests of the world alone: no ports, a clock that stands still, and a list of everything it told the app.
import { DEFAULT_ASSUMPTIONS } from "../fidelity/assumptions.ts";
import { createClock } from "../world/clock.ts";
import { createRandom } from "../world/random.ts";
import { createProduct, createShop, install } from "../world/shops.ts";
import type { VariantInput } from "../world/shops.ts";
import type { QuantityName, ShopState } from "../world/state.ts";
import { ON_HAND_PARTS, STORED_QUANTITY_NAMES } from "../world/state.ts";
import { numericId } from "../world/ids.ts";
import { quantityOf } from "../world/inventory.ts";
import type { OrderInput } from "../world/place-order.ts";
import { emptyState } from "../world/world.ts";
import type { WebhookEvent, World } from "../world/world.ts";
import { createManualWall } from "./manual-wall.ts";

export interface SmallWorld {
  world: World;
  shop: ShopState;
  told: WebhookEvent[];
  /** Plain ids, as the world itself uses them. */
  locationIds: string[];
  variant(sku: string, levels: Record<number, number>, more?: Partial<VariantInput>): { variantId: string; itemId: string };
  stock(itemId: string, name?: QuantityName, location?: number): number;
}

export function createSmallWorld(locationCount = 2): SmallWorld {
  const told: WebhookEvent[] = [];
  const world: World = {
    state: emptyState(),
    clock: createClock(Date.UTC(2026, 0, 1), createManualWall()),
    random: createRandom(1),
    assumptions: { ...DEFAULT_ASSUMPTIONS },
    outbox: { wants: () => true, emit: (event) => told.push(event) },
  };
  const locations = Array.from({ length: locationCount }, (_, index) => ({ name: `Location ${index + 1}` }));
  const shop = createShop(world, { shop: "acme.myshopify.com", plan: "standard", timezone: "UTC", currency: "USD", bigIds: false, locations });
  install(world, shop, []);
  const locationIds = [...shop.locations.keys()];
  return {
    world,
    shop,
    told,
    locationIds,
    variant(sku, levels, more = {}) {
      const input: VariantInput = {
        sku,
        title: "Default Title",
        price: "20.00",
        tracked: true,
        requiresShipping: true,
        inventoryPolicy: "DENY",
        requiresComponents: false,
        components: [],
        levels: Object.entries(levels).map(([index, available]) => ({ locationId: locationIds[Number(index)] ?? "", available })),
        ...more,
      };
      const [made] = createProduct(world, shop, { title: sku, variants: [input] }).variants;
      told.length = 0;
      return { variantId: numericId(made?.variantId ?? "") ?? "", itemId: numericId(made?.inventoryItemId ?? "") ?? "" };
    },
    stock: (itemId, name = "available", location = 0) => quantityOf(shop, itemId, locationIds[location] ?? "", name),
  };
}

export function orderOf(lines: Record<string, number>, more: Partial<OrderInput> = {}): OrderInput {
  return {
    channel: "web",
    inventoryBehaviour: "BYPASS",
    paid: true,
    test: false,
    lines: Object.entries(lines).map(([variantId, quantity]) => ({ variantId, quantity, properties: [] })),
    ...more,
  };
}

/** What the truth log and the levels must always agree on; returns every place where they do not. */
export function findContradictions(shop: ShopState): string[] {
  const sums = new Map<string, number>();
  const wrong: string[] = [];
  for (const entry of shop.truth) {
    const key = `${numericId(entry.inventoryItemId) ?? ""}@${numericId(entry.locationId) ?? ""} ${entry.name}`;
    const sum = (sums.get(key) ?? 0) + entry.delta;
    sums.set(key, sum);
    if (sum !== entry.after) wrong.push(`truth ${entry.seq}: after is ${entry.after}, the deltas make ${sum}`);
  }
  for (const [place, level] of shop.levels) {
    for (const name of STORED_QUANTITY_NAMES) {
      const sum = sums.get(`${place} ${name}`) ?? 0;
      if (sum !== level.quantities[name].value) wrong.push(`${place} ${name} is ${level.quantities[name].value}, the truth says ${sum}`);
    }
    const parts = ON_HAND_PARTS.reduce((sum, name) => sum + level.quantities[name].value, 0);
    if (parts !== level.quantities.on_hand.value) wrong.push(`${place} on_hand is ${level.quantities.on_hand.value}, its parts make ${parts}`);
  }
  return [...wrong, ...heldUnits(shop)];
}

/** Reserved is exactly what draft orders set aside, committed exactly what open orders hold there, and fulfilment orders have left what their lines have left. */
function heldUnits(shop: ShopState): string[] {
  const held = new Map<string, number>();
  const wrong: string[] = [];
  for (const order of shop.orders.values()) {
    for (const line of order.lines) {
      const key = `${line.itemId}@${line.locationId}`;
      held.set(key, (held.get(key) ?? 0) + line.held);
      const unfulfilled = line.quantity - line.removedUnfulfilled - line.fulfilled;
      const parts = order.fulfilmentOrderIds.flatMap((id) => shop.fulfilmentOrders.get(id)?.lines ?? []).filter((part) => part.lineItemId === line.id);
      const remaining = parts.reduce((sum, part) => sum + part.remaining, 0);
      if (order.cancelledAtMs === null && remaining !== unfulfilled) wrong.push(`line ${line.id} has ${unfulfilled} to send, its fulfilment orders ${remaining}`);
      if (line.held > unfulfilled) wrong.push(`line ${line.id} holds ${line.held} of ${unfulfilled}`);
    }
  }
  const aside = new Map<string, number>();
  for (const { itemId, locationId, units } of [...shop.draftOrders.values()].flatMap(({ reserved }) => reserved)) {
    aside.set(`${itemId}@${locationId}`, (aside.get(`${itemId}@${locationId}`) ?? 0) + units);
  }
  for (const [place, level] of shop.levels) {
    if ((aside.get(place) ?? 0) !== level.quantities.reserved.value) wrong.push(`${place} reserved is ${level.quantities.reserved.value}, draft orders hold ${aside.get(place) ?? 0}`);
    if ((held.get(place) ?? 0) !== level.quantities.committed.value) wrong.push(`${place} committed is ${level.quantities.committed.value}, orders hold ${held.get(place) ?? 0}`);
  }
  return wrong;
}
