// Ids as Shopify gives them: numeric strings that grow, and gids around them; shops may ask for ids that no double can hold.

/** 2^53 + 1 and beyond: JSON.parse silently rounds every one of these. */
const BIG_ID_BASE = 9_007_199_254_740_993n;
const SMALL_ID_BASE = 4_500_000_000;

export function idFrom(counter: number, big: boolean): string {
  return big ? (BIG_ID_BASE + BigInt(counter)).toString() : String(SMALL_ID_BASE + counter);
}

export function gid(type: string, id: string): string {
  return `gid://shopify/${type}/${id}`;
}

/** The numeric id of a gid or of a plain id; null when it is neither. */
export function numericId(value: string): string | null {
  const match = /^(?:gid:\/\/shopify\/[A-Za-z]+\/)?(\d+)(?:\?.*)?$/.exec(value);
  return match?.[1] ?? null;
}

/** As numericId, but a gid must be of the named type. */
export function numericIdOf(type: string, value: string): string | null {
  if (!value.startsWith("gid://")) return numericId(value);
  return value.startsWith(`gid://shopify/${type}/`) ? numericId(value) : null;
}

/** Shopify identifies a level by its location and item; `655441491?inventory_item_id=808950810` is how both travel. */
export function levelGid(locationId: string, itemId: string): string {
  return `gid://shopify/InventoryLevel/${locationId}?inventory_item_id=${itemId}`;
}

export function parseLevelGid(value: string): { locationId: string; itemId: string } | null {
  const match = /^gid:\/\/shopify\/InventoryLevel\/(\d+)\?inventory_item_id=(\d+)$/.exec(value);
  return match?.[1] && match[2] ? { locationId: match[1], itemId: match[2] } : null;
}
