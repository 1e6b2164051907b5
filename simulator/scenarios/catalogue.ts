// The shop of a sale: plain products at two locations, bundles that exist only as a rule of the app, and stock that cannot run out.
import type { ControlClient } from "./control-client.ts";
import type { SaleSize } from "./buyers-script.ts";

export type CatalogueItem = { variantId: string; inventoryItemId: string; sku: string };
export type CatalogueBundle = CatalogueItem & { components: { inventoryItemId: string; quantity: number }[] };
export type Catalogue = {
  shop: string;
  locations: string[];
  plain: CatalogueItem[];
  bundles: CatalogueBundle[];
  /** Where Shopify routes a variant: the first location that has it. */
  locationOf: Map<string, string>;
};

/** Higher than any sale's demand, so that nothing legitimate goes below zero. */
const stockUnits = 1_000_000;

export async function stockShop(control: ControlClient, shop: string, size: SaleSize): Promise<Catalogue> {
  const { locations } = await control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }, { name: "Second warehouse" }] });
  const [main, second] = locations.map(({ id }) => id);
  if (main === undefined || second === undefined) throw new Error("the shop was made without its two locations");
  const locationOf = new Map<string, string>();
  const create = async (title: string, sku: string, at: string[]): Promise<CatalogueItem> => {
    const levels = at.map((locationId) => ({ locationId, available: stockUnits }));
    const [variant] = (await control.createProduct(shop, { title, variants: [{ sku, levels }] })).variants;
    if (variant === undefined) throw new Error(`${sku} was made without a variant`);
    locationOf.set(variant.variantId, at[0] ?? main);
    return variant;
  };
  const plain: CatalogueItem[] = [];
  for (let index = 0; index < size.plainProducts; index += 1) plain.push(await create(`Product ${index + 1}`, `PLAIN-${index + 1}`, [main, second]));
  const bundles: CatalogueBundle[] = [];
  for (let index = 0; index < size.bundles; index += 1) {
    // Every other bundle is kept at the second location only: its components must be taken there too.
    const item = await create(`Set ${index + 1}`, `SET-${index + 1}`, index % 2 === 0 ? [main] : [second]);
    bundles.push({ ...item, components: componentsOf(index, plain) });
  }
  return { shop, locations: [main, second], plain, bundles, locationOf };
}

/** Two or three different plain products, one of them twice. */
function componentsOf(index: number, plain: CatalogueItem[]): CatalogueBundle["components"] {
  const count = Math.min(2 + (index % 2), plain.length);
  return Array.from({ length: count }, (_, component) => ({
    inventoryItemId: plain[(index * 3 + component) % plain.length]?.inventoryItemId ?? "",
    quantity: component === 0 ? 2 : 1,
  }));
}
