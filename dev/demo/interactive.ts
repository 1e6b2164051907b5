// The demo for a person: a shop with products and bundles, protection on, and the address of its simulated admin.
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { holdfastApp } from "#simulator/scenarios/holdfast-app.ts";
import { channel } from "#simulator/scenarios/play-sale.ts";
import type { Catalogue, CatalogueItem } from "#simulator/scenarios/catalogue.ts";
import type { ControlClient } from "#simulator/scenarios/control-client.ts";
import { findFreePort } from "../services/free-port.ts";
import { say } from "../services/say.ts";
import { startLab } from "./lab/start-lab.ts";
import { startLastUnitCheckout } from "./last-unit.ts";
import { LOAD_SETTINGS_FILE, writeLoadSettings } from "./load-settings.ts";
import { createToken } from "./start-processes.ts";
import type { DemoFrame } from "./start-processes.ts";
import { startWholeApp } from "./start-whole-app.ts";

const products = [
  { title: "Beeswax candle", sku: "CANDLE", available: 400 },
  { title: "Gift box", sku: "BOX", available: 300 },
  { title: "Stoneware mug", sku: "MUG", available: 250 },
  { title: "Linen towel", sku: "TOWEL", available: 500 },
];
const bundle = { title: "Cosy evening set", sku: "COSY-SET", available: 120, parts: [{ sku: "CANDLE", quantity: 2 }, { sku: "BOX", quantity: 1 }, { sku: "MUG", quantity: 1 }] };

/** What Shopify takes over a call. */
const GRAPHQL_MS = 150;

export async function runInteractive(frame: DemoFrame, schema: string): Promise<number> {
  const labPort = await findFreePort();
  const whole = await startWholeApp(frame, { schema, seed: 1, links: [`Race lab=http://127.0.0.1:${labPort}/`] });
  const { simulatorOrigin, processes } = whole;
  const control = controlClient(simulatorOrigin);
  const shop = `demo-${Date.now().toString(36)}.myshopify.com`;
  say("stocking the shop and switching protection on");
  const catalogue = await stockDemoShop(control, shop);
  await control.setLatency(GRAPHQL_MS);
  const newToken = async (name: string) => await createToken(frame.root, processes.env, name);
  const app = holdfastApp({ url: processes.url, control, createToken: newToken, scopes: ["write_inventory", "write_orders"] });
  await app.prepare(catalogue, { deductSources: [channel], bundles: catalogue.bundles });
  const checkout = await startLastUnitCheckout(frame, { control, shop, locationId: catalogue.locations[0] ?? "", holdfastUrl: processes.url, holdfastToken: await newToken(shop) });

  await writeLoadSettings(frame, { simulatorOrigin, holdfastUrl: processes.url, holdfastToken: await newToken(shop), checkout, shop, channel, item: catalogue.plain[0], locationId: catalogue.locations[0] ?? "" });

  const admin = `${simulatorOrigin}/store/${shop}/apps/holdfast/app`;
  const lab = await startLab(frame, { whole, schema, port: labPort, adminUrl: admin, graphqlMs: GRAPHQL_MS });

  say("");
  say(`ready: open ${admin}`);
  say("");
  say(`The page is a simulated Shopify admin with Holdfast inside it. On the right the shop is seen from outside: start a flash sale,`);
  say(`buy through ${channel} (whose orders Shopify itself takes no stock for), edit, cancel and refund, let an ERP write an old number.`);
  say("");
  say(`The race lab: switch a protection off and see what it was for: ${lab}`);
  say(`Two buyers and the last unit, at a checkout of the shop's own: ${checkout}`);
  say(`For the scripts of load/: ${LOAD_SETTINGS_FILE}`);
  say("");
  say(`Logs are in .holdfast/logs. Stop with Ctrl-C.`);
  // Until Ctrl-C, whose handler ends the process.
  await new Promise<void>((stopped) => frame.shutdown.signal.addEventListener("abort", () => stopped(), { once: true }));
  return 0;
}

async function stockDemoShop(control: ControlClient, shop: string): Promise<Catalogue> {
  const { locations } = await control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }] });
  const locationId = locations[0]?.id ?? "";
  const create = async (title: string, sku: string, available: number): Promise<CatalogueItem> => {
    const [variant] = (await control.createProduct(shop, { title, variants: [{ sku, levels: [{ locationId, available }] }] })).variants;
    if (variant === undefined) throw new Error(`${sku} was made without a variant`);
    return variant;
  };
  const plain: CatalogueItem[] = [];
  for (const { title, sku, available } of products) plain.push(await create(title, sku, available));
  const parent = await create(bundle.title, bundle.sku, bundle.available);
  const components = bundle.parts.map(({ sku, quantity }) => ({ inventoryItemId: plain.find((item) => item.sku === sku)?.inventoryItemId ?? "", quantity }));
  const variants = [...plain, parent];
  return { shop, locations: [locationId], plain, bundles: [{ ...parent, components }], locationOf: new Map(variants.map(({ variantId }) => [variantId, locationId])) };
}
