// What a caller may say of the order that is created for its reservation, in Shopify's own words, and what is built of it. Pure.
//
// The lines come from the reservation, and how stock is taken is not the caller's to say. A field that is not listed is refused by name:
// passed on unread it could take stock elsewhere (a fulfilment), claim another source of orders, or overwrite the tie to the reservation.

import { RESERVATION_ATTRIBUTE } from "./named-reservation.ts";

const ALLOWED = [
  "billingAddress", "buyerAcceptsMarketing", "companyLocationId", "currency", "customAttributes", "customer", "discountCode", "email", "financialStatus", "lineItems", "metafields", "name", "note",
  "phone", "poNumber", "presentmentCurrency", "processedAt", "referringSite", "shippingAddress", "shippingLines", "sourceIdentifier", "sourceUrl", "tags", "taxLines", "taxesIncluded", "test",
  "transactions",
] as const;
/** Of the mutation's options. */
const OPTIONS = ["sendReceipt"] as const;

export interface HeldLine {
  /** Decimal. */
  readonly variantId: string;
  readonly quantity: number;
}

export interface OrderFault {
  readonly code: "NOT_ALLOWED" | "INVALID" | "LINES_DIFFER";
  readonly field: readonly string[];
  readonly message: string;
}

export interface OwnMetafield {
  readonly namespace: string;
  readonly key: string;
  readonly type: string;
}

export type BuiltOrder =
  | { readonly kind: "built"; readonly order: Readonly<Record<string, unknown>>; readonly sendReceipt: boolean }
  /** Names of fields only, never what they hold. */
  | { readonly kind: "faults"; readonly faults: readonly OrderFault[] };

export interface BuildOrderInput {
  readonly reservationId: string;
  readonly held: readonly HeldLine[];
  readonly wanted: Readonly<Record<string, unknown>>;
  readonly metafield: OwnMetafield;
}

/** `OrderCreateOrderInput` with the reservation's metafield first, so that an error about it can be told from one about the caller's. */
export function buildOrder({ reservationId, held, wanted, metafield }: BuildOrderInput): BuiltOrder {
  const faults: OrderFault[] = [];
  for (const name of Object.keys(wanted)) {
    if (!isOneOf(ALLOWED, name) && !isOneOf(OPTIONS, name)) faults.push({ code: "NOT_ALLOWED", field: ["order", name], message: `${name} cannot be set on an order that is created for a reservation` });
  }
  const { sendReceipt = false, lineItems, metafields = [], customAttributes = [], ...rest } = wanted;
  if (typeof sendReceipt !== "boolean") faults.push(invalid("sendReceipt", "true or false"));
  const lines = lineItems === undefined || lineItems === null ? held.map(toLineItem) : lineItems;
  if (!isListOfObjects(lines)) faults.push(invalid("lineItems", "a list of lines"));
  else if (!sameUnits(held, lines)) faults.push({ code: "LINES_DIFFER", field: ["order", "lineItems"], message: "the lines must be the variants and quantities that the reservation holds" });
  if (!isListOfObjects(metafields)) faults.push(invalid("metafields", "a list of metafields"));
  else if (metafields.some((each) => each.namespace === metafield.namespace)) faults.push({ code: "NOT_ALLOWED", field: ["order", "metafields"], message: `the name space ${metafield.namespace} is the app's own` });
  if (!isListOfObjects(customAttributes)) faults.push(invalid("customAttributes", "a list of attributes"));
  else if (customAttributes.some((each) => String(each.key).includes(RESERVATION_ATTRIBUTE))) faults.push({ code: "NOT_ALLOWED", field: ["order", "customAttributes"], message: `the attribute ${RESERVATION_ATTRIBUTE} is set by the app` });
  if (faults.length > 0) return { kind: "faults", faults };
  const order = {
    ...rest,
    lineItems: lines,
    metafields: [{ ...metafield, value: reservationId }, ...(metafields as readonly unknown[])],
    customAttributes: [...(customAttributes as readonly unknown[]), { key: RESERVATION_ATTRIBUTE, value: reservationId }],
  };
  return { kind: "built", order, sendReceipt: sendReceipt === true };
}

function toLineItem({ variantId, quantity }: HeldLine): Record<string, unknown> {
  return { variantId: `gid://shopify/ProductVariant/${variantId}`, quantity };
}

/** Summed by variant: a caller may split a line, for instance for two prices. */
function sameUnits(held: readonly HeldLine[], lines: readonly Readonly<Record<string, unknown>>[]): boolean {
  const left = new Map<string, number>();
  for (const { variantId, quantity } of held) left.set(variantId, (left.get(variantId) ?? 0) + quantity);
  for (const { variantId, quantity } of lines) {
    const id = typeof variantId === "string" ? variantId.slice(variantId.lastIndexOf("/") + 1) : null;
    const rest = id === null ? undefined : left.get(id);
    if (id === null || rest === undefined || typeof quantity !== "number" || !Number.isInteger(quantity) || quantity < 1) return false;
    left.set(id, rest - quantity);
  }
  return [...left.values()].every((rest) => rest === 0);
}

function invalid(name: string, wanted: string): OrderFault {
  return { code: "INVALID", field: ["order", name], message: `${name} must be ${wanted}` };
}

function isListOfObjects(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null && !Array.isArray(each));
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
