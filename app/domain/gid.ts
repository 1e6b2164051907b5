// Shopify's global ids at the edge of the house: outside `gid://shopify/Kind/123`, inside the bare decimal string "123".

/** The kinds of Shopify objects that Holdfast names. */
export type GidKind =
  | "App"
  | "AppInstallation"
  | "FulfillmentOrder"
  | "InventoryAdjustmentGroup"
  | "InventoryItem"
  | "LineItem"
  | "LineItemGroup"
  | "Location"
  | "Order"
  | "Product"
  | "ProductVariant"
  | "Refund"
  | "RefundLineItem"
  | "SellingPlan";

export interface ParsedGid {
  kind: string;
  /** Decimal digits without leading zeros. Never a number: ids of real shops exceed 2^53. */
  id: string;
}

/** 19 digits hold every 64-bit id; more is not Shopify's. */
const ID_DIGITS_MAX = 19;
const GID_PATTERN = /^gid:\/\/shopify\/([A-Za-z]+)\/([0-9]+)(?:\?.*)?$/;

/** `formatGid("Order", "123")` → `gid://shopify/Order/123`. A malformed id is a bug of the caller and throws. */
export function formatGid(kind: GidKind, id: string): string {
  if (!isDecimalId(id)) throw new TypeError(`not a Shopify id: ${JSON.stringify(id)}`);
  return `gid://shopify/${kind}/${id}`;
}

/** Parts of a gid, or null when the text is none. Query strings (as on InventoryLevel) are ignored. */
export function parseGid(text: string): ParsedGid | null {
  const match = GID_PATTERN.exec(text);
  const kind = match?.[1];
  const digits = match?.[2];
  if (kind === undefined || digits === undefined) return null;
  const id = digits.replace(/^0+(?=[0-9])/, "");
  return isDecimalId(id) ? { kind, id } : null;
}

/** The id inside a gid of the given kind, or null when it is something else. */
export function idFromGid(kind: GidKind, text: string): string | null {
  const parsed = parseGid(text);
  return parsed?.kind === kind ? parsed.id : null;
}

/** Accepts what a person or a program may write for an id: `123`, `gid://shopify/Order/123`, or that gid URL-encoded. */
export function readId(kind: GidKind, text: string): string | null {
  if (isDecimalId(text)) return text;
  const decoded = text.includes("%") ? decodeOrNull(text) : text;
  return decoded === null ? null : idFromGid(kind, decoded);
}

export function isDecimalId(text: string): boolean {
  return text.length <= ID_DIGITS_MAX && /^[1-9][0-9]*$/.test(text);
}

function decodeOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
