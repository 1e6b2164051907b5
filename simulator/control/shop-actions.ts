// Control actions on shops: making them, the app's installations in them, and the products they sell.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { compliancePayload, scopesUpdatePayload, shopPayload } from "../webhooks/shop-payloads.ts";
import { gid } from "../world/ids.ts";
import { createProduct, createShop, install, setScopes, uninstall } from "../world/shops.ts";
import type { CreatedProduct } from "../world/shops.ts";
import type { ShopState } from "../world/state.ts";
import { beginAction, findShop } from "../world/world.ts";
import * as inputs from "./inputs.ts";

/** Shopify asks for a shop's data to be erased this long after the app was removed. */
const SHOP_REDACT_AFTER_MS = 48 * 3_600_000;

export function shopActions(engine: Engine) {
  const { world } = engine;
  return {
    createShop(input: z.input<typeof inputs.shopInput>) {
      return describeShop(createShop(world, inputs.read(inputs.shopInput, input)));
    },
    listShops: () => [...world.state.shops.values()].map(describeShop),
    install(domain: string, input: z.input<typeof inputs.installInput> = {}) {
      const { scopes, flowTriggers } = inputs.read(inputs.installInput, input);
      return install(world, findShop(world, domain), [...engine.options.scopes, ...scopes], flowTriggers ?? engine.options.flowTriggers ?? []);
    },
    uninstall(domain: string) {
      const shop = findShop(world, domain);
      uninstall(world, shop, () => shopPayload(shop));
      world.clock.at(world.clock.nowMs() + SHOP_REDACT_AFTER_MS, () => {
        const later = world.state.shops.get(domain);
        if (later && !later.install) sendCompliance(engine, later, "shop/redact");
      });
      return { uninstalled: true };
    },
    setScopes(domain: string, input: z.input<typeof inputs.scopesInput>) {
      const { granted } = inputs.read(inputs.scopesInput, input);
      const shop = findShop(world, domain);
      return { granted: setScopes(world, shop, granted, (before, atMs) => scopesUpdatePayload(shop, before, atMs)) };
    },
    /** From now on this person may do what these scopes cover, and no more; tokens given before lose the rest at once. */
    setStaff(domain: string, input: z.input<typeof inputs.staffInput>) {
      const { id, accountOwner, scopes } = inputs.read(inputs.staffInput, input);
      findShop(world, domain).staff.set(id, { accountOwner, scopes });
      return { id, accountOwner, scopes };
    },
    sessionToken(domain: string, input: z.input<typeof inputs.sessionTokenInput> = {}) {
      const { staff } = inputs.read(inputs.sessionTokenInput, input);
      return { token: engine.signSessionToken(findShop(world, domain).domain, staff) };
    },
    sendCompliance(domain: string, input: z.input<typeof inputs.complianceInput>) {
      sendCompliance(engine, findShop(world, domain), inputs.read(inputs.complianceInput, input).topic);
      return { sent: true };
    },
    createProduct(domain: string, input: z.input<typeof inputs.productInput>): CreatedProduct {
      return createProduct(world, findShop(world, domain), inputs.read(inputs.productInput, input));
    },
  };
}

function sendCompliance(engine: Engine, shop: ShopState, topic: string): void {
  const action = beginAction(engine.world, shop);
  action.tell(topic, () => compliancePayload(shop, topic));
  action.finish();
}

export function describeShop(shop: ShopState) {
  return {
    shop: shop.domain,
    id: gid("Shop", shop.id),
    plan: shop.plan,
    timezone: shop.timezone,
    currency: shop.currency,
    installed: shop.install !== null,
    appInstallationId: shop.install?.gid ?? null,
    granted: shop.install?.granted ?? [],
    locations: [...shop.locations.values()].map(({ id, ...rest }) => ({ ...rest, id: gid("Location", id) })),
  };
}
