// The checkout's calls to Shopify's Admin API: the level it shows, and its own order, which a unique metafield keeps from being made twice.
import { z } from "zod";
import { post } from "./ask-again.ts";
import type { Unanswered } from "./ask-again.ts";

export interface OrderWanted {
  readonly lines: readonly { variantId: string; quantity: number }[];
  /** Shown on the order, and told in its webhooks. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Shopify refuses a second order with it. Null: it may be made again and again. */
  readonly uniqueId: string | null;
}

export type CreateAnswer =
  | { readonly kind: "created"; readonly orderId: string }
  /** Nothing was made: the content is refused, or the unique id is taken. */
  | { readonly kind: "refused"; readonly why: string };

export interface ShopifyClient {
  /** Once a shop; safe to repeat. */
  defineUniqueId(): Promise<{ kind: "defined" } | Unanswered>;
  createOrder(wanted: OrderWanted): Promise<CreateAnswer | Unanswered>;
  findOrder(uniqueId: string): Promise<{ kind: "found"; orderId: string } | { kind: "absent" } | Unanswered>;
  available(variantId: string): Promise<{ kind: "read"; units: number } | Unanswered>;
}

export interface ShopifyAccess {
  readonly origin: string;
  readonly shop: string;
  readonly token: string;
  readonly apiVersion: string;
}

const FIELD = { namespace: "$app:checkout", key: "purchase" };
/** Units that are held are not in `available`: an order of a held unit must not be refused for that. */
const DECREMENT = "DECREMENT_IGNORING_POLICY";

const DEFINE = `mutation Define($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) { userErrors { code message } } }`;
const CREATE = `mutation Create($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) { orderCreate(order: $order, options: $options) { order { id } userErrors { message } } }`;
const FIND = `query Find($identifier: OrderIdentifierInput!) { orderByIdentifier(identifier: $identifier) { id } }`;
const LEVEL = `query Level($id: ID!) { productVariant(id: $id) { inventoryItem { inventoryLevels(first: 10) { nodes { quantities(names: ["available"]) { quantity } } } } } }`;

const errors = z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }));
const userErrors = z.array(z.object({ message: z.string() }));
const created = z.object({ orderCreate: z.object({ order: z.object({ id: z.string() }).nullable(), userErrors }) });
const found = z.object({ orderByIdentifier: z.object({ id: z.string() }).nullable() });
const level = z.object({ productVariant: z.object({ inventoryItem: z.object({ inventoryLevels: z.object({ nodes: z.array(z.object({ quantities: z.array(z.object({ quantity: z.int() })) })) }) }) }).nullable() });

export function shopifyClient(access: ShopifyAccess): ShopifyClient {
  const call = async (query: string, variables: unknown): Promise<{ kind: "data"; data: unknown } | Unanswered> => {
    const url = `${access.origin}/admin/api/${access.apiVersion}/graphql.json`;
    const reply = await post(url, { query, variables }, { "x-forwarded-host": access.shop, "x-shopify-access-token": access.token });
    if (reply.kind === "unanswered") return reply;
    const said = errors.safeParse(reply.body["errors"]);
    if (!said.success) return { kind: "data", data: reply.body["data"] };
    const throttled = said.data.some(({ extensions }) => extensions?.code === "THROTTLED");
    if (throttled) return { kind: "unanswered", why: "throttled", waitMs: 1_000 };
    throw new Error(`Shopify answered ${reply.status}: ${said.data.map(({ message }) => message).join(", ")}`);
  };
  return {
    async defineUniqueId() {
      const definition = { ...FIELD, name: "Purchase", ownerType: "ORDER", type: "id", capabilities: { uniqueValues: { enabled: true } } };
      const answer = await call(DEFINE, { definition });
      return answer.kind === "unanswered" ? answer : { kind: "defined" };
    },
    async createOrder({ lines, attributes, uniqueId }) {
      const order = {
        lineItems: lines,
        financialStatus: "PAID",
        customAttributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
        ...(uniqueId === null ? {} : { metafields: [{ ...FIELD, type: "id", value: uniqueId }] }),
      };
      const answer = await call(CREATE, { order, options: { inventoryBehaviour: DECREMENT } });
      if (answer.kind === "unanswered") return answer;
      const { orderCreate } = created.parse(answer.data);
      if (orderCreate.order !== null) return { kind: "created", orderId: orderCreate.order.id };
      return { kind: "refused", why: orderCreate.userErrors.map(({ message }) => message).join(", ") };
    },
    async findOrder(uniqueId) {
      const answer = await call(FIND, { identifier: { customId: { ...FIELD, value: uniqueId } } });
      if (answer.kind === "unanswered") return answer;
      const order = found.parse(answer.data).orderByIdentifier;
      return order === null ? { kind: "absent" } : { kind: "found", orderId: order.id };
    },
    async available(variantId) {
      const answer = await call(LEVEL, { id: variantId });
      if (answer.kind === "unanswered") return answer;
      const nodes = level.parse(answer.data).productVariant?.inventoryItem.inventoryLevels.nodes ?? [];
      return { kind: "read", units: nodes.reduce((sum, { quantities }) => sum + (quantities[0]?.quantity ?? 0), 0) };
    },
  };
}
