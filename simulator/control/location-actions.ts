// Control actions on locations: what they may send, and whether they exist for Shopify at all.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { locationPayload } from "../webhooks/shop-payloads.ts";
import { gid } from "../world/ids.ts";
import { beginAction, findShop, lookUp } from "../world/world.ts";
import * as inputs from "./inputs.ts";

export function locationActions({ world }: Engine) {
  return {
    updateLocation(domain: string, input: z.input<typeof inputs.locationUpdateInput>) {
      const shop = findShop(world, domain);
      const { locationId, active, fulfillsOnlineOrders, shipsInventory } = inputs.read(inputs.locationUpdateInput, input);
      const location = lookUp(shop.locations, "Location", locationId);
      const action = beginAction(world, shop);
      location.active = active ?? location.active;
      location.fulfillsOnlineOrders = fulfillsOnlineOrders ?? location.fulfillsOnlineOrders;
      location.shipsInventory = shipsInventory ?? location.shipsInventory;
      action.tell("locations/update", () => locationPayload(shop, location));
      action.finish();
      return { ...location, id: gid("Location", location.id) };
    },
    deactivateLocation(domain: string, input: z.input<typeof inputs.locationInput>) {
      const shop = findShop(world, domain);
      const location = lookUp(shop.locations, "Location", inputs.read(inputs.locationInput, input).locationId);
      const action = beginAction(world, shop);
      location.active = false;
      action.tell("locations/deactivate", () => locationPayload(shop, location));
      action.finish();
      return { locationId: gid("Location", location.id), active: false };
    },
  };
}
