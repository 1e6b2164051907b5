// Orders made by an app: what of the input takes effect, what is taken and shown nowhere, and what the simulator does not support.
import { GraphQLError } from "graphql";
import { numericIdOf } from "../world/ids.ts";
import { placeOrder } from "../world/place-order.ts";
import type { InventoryBehaviour, OrderInput } from "../world/place-order.ts";
import type { GraphContext } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { judgeMetafields } from "./metafields.ts";
import type { MetafieldInput } from "./metafields.ts";

interface LineInput {
  variantId?: string | null;
  quantity: number;
  properties?: { name: string; value: string }[] | null;
}

interface OrderCreateArgs {
  order: Record<string, unknown> & {
    lineItems?: LineInput[] | null;
    sourceName?: string | null;
    test?: boolean | null;
    financialStatus?: string | null;
    processedAt?: string | null;
    customAttributes?: { key: string; value: string }[] | null;
    note?: string | null;
    tags?: string[] | null;
    email?: string | null;
    metafields?: MetafieldInput[] | null;
  };
  options?: { inventoryBehaviour?: InventoryBehaviour | null } | null;
}

/** Taken as they are and shown nowhere: money, addresses and people are decoration here. */
const DECORATION = [
  "billingAddress", "shippingAddress", "customer", "phone", "buyerAcceptsMarketing", "currency", "presentmentCurrency", "shippingLines", "transactions", "taxLines", "taxesIncluded",
  "discountCode", "poNumber", "referringSite", "sourceIdentifier", "sourceUrl", "name",
];
const SUPPORTED: ReadonlySet<string> = new Set([
  "lineItems", "sourceName", "test", "financialStatus", "processedAt", "customAttributes", "note", "tags", "email", "metafields",
  ...DECORATION,
]);

export function createOrder(_root: null, { order, options }: OrderCreateArgs, context: GraphContext) {
  if (!context.offline) throw new GraphQLError("This mutation is only accessible to apps authenticated using offline tokens.", { extensions: { code: "ACCESS_DENIED" } });
  const unsupported = Object.keys(order).find((name) => isGiven(order[name]) && !SUPPORTED.has(name));
  if (unsupported !== undefined) throw new GraphQLError(`The simulator does not support OrderCreateOrderInput.${unsupported}`, { extensions: { code: "SIMULATOR_UNSUPPORTED" } });
  const refuse = (code: string, field: string[], message = context.admin.errorText("OrderCreateUserErrorCode", code)) => ({ order: null, userErrors: [{ code, field, message }] });
  if (context.userErrorFault) return refuse(String(context.userErrorFault.code), ["order"]);
  const judged = judgeMetafields(context, order.metafields ?? []);
  if ("error" in judged) return { order: null, userErrors: [judged.error] };
  const placed = placeOrder(context.world, context.shop, {
    ...whatAndWhen(order, context),
    inventoryBehaviour: options?.inventoryBehaviour ?? "BYPASS",
    notes: {
      attributes: (order.customAttributes ?? []).map(({ key, value }) => ({ name: key, value })),
      note: order.note ?? null,
      tags: order.tags ?? [],
      email: order.email ?? null,
    },
    metafields: judged.metafields,
  });
  return "refused" in placed ? refuse("INVENTORY_CLAIM_FAILED", ["order", "lineItems"]) : { order: placed, userErrors: [] };
}

function whatAndWhen(order: OrderCreateArgs["order"], context: GraphContext): Omit<OrderInput, "inventoryBehaviour"> {
  return {
    channel: "api",
    sourceName: order.sourceName ?? undefined,
    appId: numericIdOf("App", context.app.id) ?? undefined,
    lines: (order.lineItems ?? []).map((line) => lineOf(line, context)),
    paid: order.financialStatus === null || order.financialStatus === undefined || order.financialStatus === "PAID",
    test: order.test ?? false,
    createdAt: order.processedAt ?? undefined,
  };
}

function lineOf({ variantId, quantity, properties }: LineInput, { shop }: GraphContext): OrderInput["lines"][number] {
  if (!variantId || !shop.variants.has(numericIdOf("ProductVariant", variantId) ?? "")) throw invalidArgument("The simulator creates orders of its own variants only.");
  return { variantId, quantity, properties: properties ?? [] };
}

/** Fields that the schema fills in by itself (`taxesIncluded: false`) are not the app's wish. */
function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false;
}
