// Which reservation an order names: the one attribute of an order that Holdfast reads, whoever wrote it.

/** On the order (`note_attributes`, `customAttributes`), or as a property of one of its lines. */
export const RESERVATION_ATTRIBUTE = "holdfast_reservation";
/** A line's property that begins so is not shown to buyers. */
const NAMES: ReadonlySet<string> = new Set([RESERVATION_ATTRIBUTE, `_${RESERVATION_ATTRIBUTE}`]);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** An order of Shopify's has at most 250 attributes; what stands behind them is not read. */
const ATTRIBUTES_MAX = 250;

/**
 * The id, in the form in which it is stored, of the first attribute of that name whose value is one. Everything else of the attributes is the
 * customer's and is dropped: nothing but a UUID is ever answered.
 */
export function namedReservation(attributes: readonly { readonly name: unknown; readonly value: unknown }[]): string | null {
  for (const { name, value } of attributes.slice(0, ATTRIBUTES_MAX)) {
    if (typeof name !== "string" || !NAMES.has(name) || typeof value !== "string") continue;
    const id = value.trim().toLowerCase();
    if (UUID.test(id)) return id;
  }
  return null;
}
