// Reads stock levels and locations, for the mirror, for holds and for whoever asks what is there now.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi, RequestCost } from "#app/ports/admin-api.ts";
import type { LocationFacts, StockLevel, StockPlace } from "#app/ports/shopify-inventory.ts";
import type { ReadContext, ReadLimits, ReadResult } from "#app/ports/shopify-orders.ts";

import { LEVELS_AT_LOCATION, LOCATIONS } from "./documents/inventory.ts";
import { gidOf, nodesFound, pageInfo } from "./gid-schema.ts";
import { addCost, assertAtMost, found, missingOf, readFurtherPages, sendRead } from "./read-request.server.ts";

/** Shopify's limit for a list argument; one request per location among the places. */
export const levelsLimits: ReadLimits = { idsMax: 250, estimateCost: (places) => places * 4 };
/** One page; a shop with more than 100 locations takes a second. */
export const locationsLimits: ReadLimits = { idsMax: 1, estimateCost: () => 102 };

const itemSchema = z.object({
  id: gidOf("InventoryItem"),
  tracked: z.boolean(),
  inventoryLevel: z.object({ quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.string().nullable() })) }).nullable(),
});
const levelsSchema = nodesFound(itemSchema);
const locationPage = z.object({ nodes: z.array(z.object({ id: gidOf("Location"), name: z.string(), isActive: z.boolean(), shipsInventory: z.boolean() })), pageInfo });
const locationsSchema = z.object({ locations: locationPage });

export async function readLevels(admin: AdminApi, context: ReadContext, places: readonly StockPlace[]): Promise<ReadResult<StockLevel>> {
  assertAtMost(places.length, levelsLimits.idsMax, "places");
  const levels: StockLevel[] = [];
  const missing = new Set<string>();
  let cost: RequestCost | null = null;
  for (const [locationId, itemIds] of itemsByLocation(places)) {
    const answer = await readLevelsAt(admin, context, locationId, itemIds);
    if (answer.kind !== "ok") return answer;
    levels.push(...answer.found);
    for (const id of answer.missing) missing.add(id);
    cost = addCost(cost, answer.cost);
  }
  return found(levels, [...missing], cost);
}

async function readLevelsAt(admin: AdminApi, context: ReadContext, locationId: string, itemIds: readonly string[]): Promise<ReadResult<StockLevel>> {
  const ids = itemIds.map((id) => formatGid("InventoryItem", id));
  const answer = await sendRead(admin, context, { document: LEVELS_AT_LOCATION, variables: { ids, locationId: formatGid("Location", locationId) }, schema: levelsSchema });
  if (answer.kind !== "ok") return answer;
  const levels: StockLevel[] = [];
  for (const item of answer.value.nodes) {
    const quantity = (name: string) => item.inventoryLevel?.quantities.find((one) => one.name === name);
    const [available, committed] = [quantity("available"), quantity("committed")];
    levels.push({
      inventoryItemId: item.id,
      locationId,
      available: available?.quantity ?? null,
      committed: committed?.quantity ?? null,
      updatedAt: available?.updatedAt ?? null,
      committedUpdatedAt: committed?.updatedAt ?? null,
      reservedUpdatedAt: quantity("reserved")?.updatedAt ?? null,
      tracked: item.tracked,
    });
  }
  return found(levels, missingOf(itemIds, new Set(levels.map((level) => level.inventoryItemId))), answer.cost);
}

export async function readLocations(admin: AdminApi, context: ReadContext): Promise<ReadResult<LocationFacts>> {
  const readPage = async (after: string | null) => {
    const answer = await sendRead(admin, context, { document: LOCATIONS, variables: { after }, schema: locationsSchema });
    return answer.kind === "ok" ? { ...answer, value: answer.value.locations } : answer;
  };
  const first = await readPage(null);
  if (first.kind !== "ok") return first;
  const rest = await readFurtherPages(first.value.pageInfo, readPage);
  if (rest.kind !== "ok") return rest;
  const locations = [...first.value.nodes, ...rest.value].map(({ id, name, isActive, shipsInventory }) => ({ locationId: id, name, active: isActive, ships: isActive && shipsInventory }));
  return found(locations, [], addCost(first.cost, rest.cost));
}

function itemsByLocation(places: readonly StockPlace[]): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const place of places) {
    const items = groups.get(place.locationId) ?? new Set();
    groups.set(place.locationId, items.add(place.inventoryItemId));
  }
  return new Map([...groups].map(([locationId, items]) => [locationId, [...items]]));
}
