// Makes a detection scenario's products in a shop, plans its acts, and plays them.
import type { Control } from "../../control/control.ts";
import type { OwnBundle, WhatHappened } from "../../verdict/detection/what-happened.ts";
import { createRandom } from "../../world/random.ts";
import { CHANNEL, type Item, type Scenario, type Stage, type Units } from "./stage.ts";
import { Timeline } from "./timeline.ts";

const TRUTH_PAGE = 10_000;
/** Parents of bundles never run out: their components do. */
const PARENT_UNITS = 1_000;

export interface Played {
  readonly shop: string;
  readonly bundles: readonly OwnBundle[];
  readonly apart: WhatHappened["apart"];
  /** Plays what was planned; resolves when the last act is done and the clock stands after the last till came back. `catchUp`: the app may work. */
  play(catchUp?: () => Promise<void>): Promise<void>;
}

interface Place {
  readonly control: Control;
  readonly shop: string;
  readonly locations: readonly string[];
  readonly timeline: Timeline;
}

/** The shop exists, with its locations. */
export function stageScenario(control: Control, scenario: Scenario, { shop, seed }: { shop: string; seed: number }): Played {
  const locations = control.listShops().find((of) => of.shop === shop)?.locations.map(({ id }) => id) ?? [];
  const place: Place = { control, shop, locations, timeline: new Timeline() };
  const bundles: OwnBundle[] = [];
  const apart = new Set<string>();
  const choices = drawFrom(seed);
  scenario.plan({ ...choices, ...products(place, bundles, apart), ...buyers(place, choices.pick), ...writers(place), at: (seconds, act) => place.timeline.at(seconds, act) });
  return {
    shop,
    bundles,
    apart,
    async play(catchUp = async () => undefined) {
      control.planWebhooks({ seed, ...(scenario.loss === undefined ? {} : { loss: { rate: scenario.loss } }) });
      await place.timeline.play(control, catchUp);
      control.planWebhooks({ seed });
    },
  };
}

function drawFrom(seed: number): Pick<Stage, "between" | "chance" | "pick"> {
  const random = createRandom(seed);
  const between = (min: number, max: number) => min + Math.floor(random.next() * (max - min + 1));
  return {
    between,
    chance: (probability) => random.next() < probability,
    pick(values) {
      const value = values[between(0, values.length - 1)];
      if (value === undefined) throw new Error("nothing to pick from");
      return value;
    },
  };
}

function products({ control, shop, locations }: Place, bundles: OwnBundle[], apart: Set<string>): Pick<Stage, "item" | "bundle"> {
  let made = 0;
  const create = (units: Units, more: { inventoryPolicy?: "CONTINUE"; tracked?: boolean } = {}): Item => {
    made += 1;
    const levels = units.map((available, index) => ({ locationId: locations[index] ?? "", available }));
    const [variant] = control.createProduct(shop, { title: `Product ${made}`, variants: [{ sku: `SKU-${made}`, levels, ...more }] }).variants;
    if (!variant) throw new Error("a product was made without its variant");
    return variant;
  };
  return {
    item(units, { apart: why } = {}) {
      const item = create(units, why === "continue" ? { inventoryPolicy: "CONTINUE" } : why === "untracked" ? { tracked: false } : {});
      if (why) apart.add(item.inventoryItemId);
      return item;
    },
    bundle(components) {
      const item = create([PARENT_UNITS]);
      bundles.push({ variantId: item.variantId, components: components.map(({ item: { inventoryItemId }, quantity }) => ({ inventoryItemId, quantity })) });
      return item;
    },
  };
}

function buyers({ control, shop, locations, timeline }: Place, pick: Stage["pick"]): Pick<Stage, "buy" | "import" | "sellOffline" | "cancelOne"> {
  return {
    buy: (item, quantity) => void control.placeOrder(shop, { channel: "web", lines: [lineOf(item, quantity)] }),
    import: (item, quantity) => void control.placeOrder(shop, { channel: "api", sourceName: CHANNEL, lines: [lineOf(item, quantity)] }),
    sellOffline(item, quantity, location, forSeconds) {
      timeline.until(control.sellOffline(shop, { lines: [lineOf(item, quantity)], locationId: locations[location], forMs: forSeconds * 1_000 }).syncsAt);
    },
    cancelOne(item) {
      const standing = control.orders(shop).filter(({ lines }) => lines.some((line) => line.inventoryItemId === item.inventoryItemId && line.quantity > 0));
      const open = standing.filter(({ orderId }) => control.order(shop, orderId).fulfillment_status === null);
      if (open.length > 0) control.cancelOrder(shop, pick(open).orderId, { restock: true });
    },
  };
}

function lineOf(item: Item, quantity: number) {
  return { variantId: item.variantId, quantity };
}

function writers({ control, shop, locations }: Place): Pick<Stage, "deliver" | "count" | "read"> {
  let knownSeq = 0;
  const lastSeq = () => {
    for (let page = control.truth(shop, { after: knownSeq, limit: TRUTH_PAGE }); page.items.length > 0; page = control.truth(shop, { after: knownSeq, limit: TRUTH_PAGE })) {
      knownSeq = page.items.at(-1)?.seq ?? knownSeq;
    }
    return knownSeq;
  };
  const levelOf = ({ inventoryItemId }: Item, location: number) => ({ inventoryItemId, locationId: locations[location] ?? "" });
  return {
    deliver: (item, location, units) => void control.adjustLevel(shop, { ...levelOf(item, location), delta: units, writer: "warehouse", kind: "receipt" }),
    count: (item, location, units) => void control.setLevel(shop, { ...levelOf(item, location), available: units, writer: "warehouse", kind: "stock_take" }),
    read(item, location) {
      const at = levelOf(item, location);
      const level = control.levels(shop).find((of) => of.inventoryItemId === at.inventoryItemId && of.locationId === at.locationId);
      const available = Number(level?.available ?? 0);
      const seenSeq = lastSeq();
      return { write: () => void control.setLevel(shop, { ...at, available, writer: "erp", kind: "overwrite", seenSeq }) };
    },
  };
}
