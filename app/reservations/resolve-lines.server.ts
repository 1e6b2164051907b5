// First step of a reservation: what the client calls a thing (item, variant or SKU) becomes a stock: an item at a location, and whether it counts.

import type { Settings } from "#app/domain/settings.ts";
import { formatGid } from "#app/domain/gid.ts";
import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { ReservationLine } from "#app/ports/reservation-book.ts";
import type { KnownLocation, KnownVariant } from "#app/ports/stock-view.ts";
import { chooseLocation, onlyLocation } from "./choose-location.ts";
import type { KnowVariants } from "./know-variants.server.ts";
import type { ReservationPorts, ReservingInstall } from "./reservation-ports.ts";

/** As the client wrote it, ids as decimal strings; exactly one of the first three is set. */
export interface RequestedLine {
  readonly inventoryItemId: string | null;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly locationId: string | null;
  readonly quantity: number;
}

export const LINE_FAULT_CODES = ["unknown_item", "sku_ambiguous", "bundle_refused", "unknown_location", "location_inactive", "location_needed"] as const;

export interface LineFault {
  /** Place in the request, from 0. */
  readonly line: number;
  readonly code: (typeof LINE_FAULT_CODES)[number];
  readonly message: string;
  /** Of an ambiguous SKU: the variants that have it. */
  readonly candidates?: readonly string[];
}

export type LineResolution =
  | { readonly kind: "resolved"; readonly lines: readonly ReservationLine[] }
  | { readonly kind: "refused"; readonly faults: readonly LineFault[] }
  /** Shopify could not be asked about something that is not known here. */
  | { readonly kind: "unavailable" };

export type ResolvePorts = Pick<ReservationPorts, "view" | "observe" | "locations" | "shopifyInventory" | "budget" | "metrics" | "logger"> & { readonly knowVariants: KnowVariants };

type Found = { readonly kind: "found"; readonly variant: KnownVariant & { readonly inventoryItemId: string } } | { readonly kind: "fault"; readonly fault: Omit<LineFault, "line"> } | { readonly kind: "unavailable" };

export async function resolveLines(ports: ResolvePorts, install: ReservingInstall, settings: Pick<Settings, "bundles">, requested: readonly RequestedLine[]): Promise<LineResolution> {
  const knowledge = await ports.knowVariants(install, {
    variantIds: requested.flatMap((line) => line.variantId ?? []),
    itemIds: requested.flatMap((line) => line.inventoryItemId ?? []),
    skus: requested.flatMap((line) => line.sku ?? []),
  });
  const found = requested.map((line) => findVariant(line, knowledge, settings));
  if (found.some((one) => one.kind === "unavailable")) return { kind: "unavailable" };
  const locations = await knownLocations(ports, install);
  const lines: ReservationLine[] = [];
  const faults: LineFault[] = [];
  for (const [index, line] of requested.entries()) {
    const one = found[index];
    if (one?.kind === "fault") faults.push({ line: index, ...one.fault });
    if (one?.kind !== "found") continue;
    const counts = one.variant.tracked && one.variant.policy !== "continue";
    const place = await placeOf(ports, install, { line, itemId: one.variant.inventoryItemId, counts, locations });
    if (place.kind === "unavailable") return place;
    if (place.kind === "fault") faults.push({ line: index, ...place.fault });
    else {
      const { inventoryItemId, variantId, sku } = one.variant;
      lines.push({ inventoryItemId, locationId: place.locationId, variantId, sku, quantity: line.quantity, counts });
    }
  }
  return faults.length > 0 ? { kind: "refused", faults } : { kind: "resolved", lines };
}

function findVariant(line: RequestedLine, { variants, complete }: { readonly variants: readonly KnownVariant[]; readonly complete: boolean }, settings: Pick<Settings, "bundles">): Found {
  const matches = variants.filter(
    (variant) => !variant.missing && (line.variantId !== null ? variant.variantId === line.variantId : line.inventoryItemId !== null ? variant.inventoryItemId === line.inventoryItemId : variant.sku === line.sku),
  );
  // Shopify sells an item through one variant; of several that were read at different times the latest is right.
  const variant = line.sku === null ? matches.toSorted((a, b) => a.ageMs - b.ageMs)[0] : matches[0];
  if (line.sku !== null && matches.length > 1) {
    const candidates = matches.map((one) => formatGid("ProductVariant", one.variantId));
    return { kind: "fault", fault: { code: "sku_ambiguous", message: `${matches.length} variants have this SKU; name one by variantId.`, candidates } };
  }
  const { inventoryItemId = null } = variant ?? {};
  if (variant === undefined || inventoryItemId === null) {
    return complete ? { kind: "fault", fault: { code: "unknown_item", message: "This shop has no such item." } } : { kind: "unavailable" };
  }
  const gid = formatGid("ProductVariant", variant.variantId);
  if (variant.requiresComponents || settings.bundles.some((bundle) => bundle.variantId === gid)) {
    return { kind: "fault", fault: { code: "bundle_refused", message: "A bundle has no stock of its own: reserve its components, each on a line of its own." } };
  }
  return { kind: "found", variant: { ...variant, inventoryItemId } };
}

interface PlaceQuestion {
  readonly line: RequestedLine;
  readonly itemId: string;
  readonly counts: boolean;
  readonly locations: readonly KnownLocation[] | null;
}

type Place = { readonly kind: "at"; readonly locationId: string } | { readonly kind: "fault"; readonly fault: Omit<LineFault, "line"> } | { readonly kind: "unavailable" };

async function placeOf(ports: ResolvePorts, install: ReservingInstall, { line, itemId, counts, locations }: PlaceQuestion): Promise<Place> {
  if (line.locationId !== null) {
    const known = locations?.find((location) => location.locationId === line.locationId);
    if (locations !== null && known === undefined) return { kind: "fault", fault: { code: "unknown_location", message: "This shop has no such location." } };
    if (known?.active === false) return { kind: "fault", fault: { code: "location_inactive", message: "This location is deactivated in Shopify." } };
    return { kind: "at", locationId: line.locationId };
  }
  if (locations === null) return { kind: "unavailable" };
  const only = onlyLocation(locations);
  if (only !== null) return { kind: "at", locationId: only };
  for (const observed of [false, true]) {
    const choice = chooseLocation({ locations, states: await ports.view.statesOfItems(install.installId, [itemId]), quantity: line.quantity, counts, observed });
    if (choice.kind === "chosen") return { kind: "at", locationId: choice.locationId };
    if (choice.kind === "none") break;
    const read = await ports.observe(install, choice.locationIds.map((locationId) => ({ inventoryItemId: itemId, locationId })));
    if (read.kind === "unavailable") return { kind: "unavailable" };
  }
  return { kind: "fault", fault: { code: "location_needed", message: "No active location that ships stocks this item; name one by locationId." } };
}

/** Null: never read, and Shopify cannot be asked now. Turns keep them fresh afterwards. */
async function knownLocations(ports: ResolvePorts, install: ReservingInstall): Promise<readonly KnownLocation[] | null> {
  const known = await ports.view.locations(install.installId);
  if (known.length > 0) return known;
  const { shopifyInventory, locations } = ports;
  const called = await callWithinBudget(ports, install.shop, shopifyInventory.limits.locations.estimateCost(1), () => shopifyInventory.readLocations({ shop: install.shop }));
  if (called.kind === "later" || called.result.kind !== "ok") return null;
  await locations.store(install.installId, called.result.found);
  return ports.view.locations(install.installId);
}
