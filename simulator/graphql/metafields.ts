// Metafields of orders, as far as an app that names its orders by an id of its own needs them: definitions, unique values, the look-up by one.
import { GraphQLError } from "graphql";
import { gid, numericIdOf } from "../world/ids.ts";
import type { Metafield, MetafieldDefinition, Order, ShopState } from "../world/state.ts";
import { nextId } from "../world/world.ts";
import type { GraphContext, Resolvers } from "./context.ts";
import type { UserError } from "./inventory/adjustment-group.ts";

interface DefinitionArgs {
  definition: {
    name: string;
    namespace?: string | null;
    key: string;
    type: string;
    ownerType: string;
    capabilities?: { uniqueValues?: { enabled: boolean } | null } | null;
  };
}

const ID_TYPE = "id";
const NEEDS_DEFINITION = "Metafield definition of type 'id' is required when using custom ids.";

export function createMetafieldDefinition(_root: null, { definition }: DefinitionArgs, context: GraphContext) {
  const { shop, world, admin } = context;
  const refuse = (code: string, field: string) => ({
    createdDefinition: null,
    userErrors: [{ code, field: ["definition", field], message: admin.errorText("MetafieldDefinitionCreateUserErrorCode", code), elementIndex: null, elementKey: null }],
  });
  if (definition.ownerType !== "ORDER") throw unsupported(`definitions of metafields of ${definition.ownerType}`);
  const namespace = ownNamespace(context, definition.namespace);
  if (findDefinition(shop, namespace, definition.key)) return refuse("TAKEN", "key");
  const unique = definition.capabilities?.uniqueValues?.enabled;
  if (definition.type === ID_TYPE && unique === false) return refuse("CAPABILITY_REQUIRED_BUT_DISABLED", "capabilities");
  const made: MetafieldDefinition = {
    id: nextId(world, shop),
    ownerType: "ORDER",
    namespace,
    key: definition.key,
    type: definition.type,
    name: definition.name,
    uniqueValues: definition.type === ID_TYPE || unique === true,
  };
  shop.metafieldDefinitions.push(made);
  return { createdDefinition: made, userErrors: [] };
}

/** By its id alone; values that orders have of it stay. */
export function deleteMetafieldDefinition(_root: null, { id }: { id?: string | null }, { shop, admin }: GraphContext) {
  if (!id) throw unsupported("deleting definitions of metafields by their names");
  const index = shop.metafieldDefinitions.findIndex((definition) => definition.id === numericIdOf("MetafieldDefinition", id));
  if (index === -1) return { deletedDefinitionId: null, userErrors: [{ code: "NOT_FOUND", field: ["id"], message: admin.errorText("MetafieldDefinitionDeleteUserErrorCode", "NOT_FOUND") }] };
  shop.metafieldDefinitions.splice(index, 1);
  return { deletedDefinitionId: id, userErrors: [] };
}

/** `$app` and no namespace at all are the app's own; `$app:name` is a part of it. */
function ownNamespace({ app }: GraphContext, namespace: string | null | undefined): string {
  const own = `app--${numericIdOf("App", app.id) ?? app.id}`;
  if (namespace === null || namespace === undefined || namespace === "$app") return own;
  return namespace.startsWith("$app:") ? `${own}--${namespace.slice("$app:".length)}` : namespace;
}

function findDefinition(shop: ShopState, namespace: string, key: string): MetafieldDefinition | undefined {
  return shop.metafieldDefinitions.find((definition) => definition.namespace === namespace && definition.key === key);
}

export interface MetafieldInput {
  id?: string | null;
  namespace?: string | null;
  key?: string | null;
  type?: string | null;
  value?: string | null;
}

/** The metafields of an order to be, or what is wrong with the first bad one. */
export function judgeMetafields(context: GraphContext, inputs: readonly MetafieldInput[]): { metafields: Omit<Metafield, "id">[] } | { error: UserError } {
  const metafields: Omit<Metafield, "id">[] = [];
  for (const [index, input] of inputs.entries()) {
    const refuse = (name: string, message: string) => ({ error: { code: "INVALID", field: ["order", "metafields", String(index), name], message } });
    const { key, value } = input;
    if (!key) return refuse("key", "Key can't be blank");
    if (!value) return refuse("value", "Value can't be blank");
    const namespace = ownNamespace(context, input.namespace);
    const definition = findDefinition(context.shop, namespace, key);
    const type = input.type ?? definition?.type;
    if (type === undefined) return refuse("type", "Type can't be blank");
    if (definition && definition.type !== type) return refuse("type", `Type must be consistent with the definition's: ${definition.type}`);
    if (!definition && type === ID_TYPE) return refuse("type", NEEDS_DEFINITION);
    if (definition?.uniqueValues && context.world.assumptions.uniqueMetafieldsHonoured && holderOf(context.shop, namespace, key, value)) {
      return refuse("value", "Value has already been assigned to another order");
    }
    metafields.push({ namespace, key, type, value });
  }
  return { metafields };
}

function holderOf(shop: ShopState, namespace: string, key: string, value: string): Order | undefined {
  const holds = (order: Order) => order.metafields.some((each) => each.namespace === namespace && each.key === key && each.value === value);
  return [...shop.orders.values()].find(holds);
}

interface IdentifierArgs {
  identifier: { id?: string | null; customId?: { namespace?: string | null; key: string; value: string } | null };
}

/** By id at once; by a custom id as late as the assumption says. */
export function orderByIdentifier(_root: null, { identifier: { id, customId } }: IdentifierArgs, context: GraphContext): Order | null {
  const { shop, world } = context;
  if (id) return shop.orders.get(numericIdOf("Order", id) ?? "") ?? null;
  if (!customId) throw new GraphQLError("The identifier names nothing.", { extensions: { code: "INVALID_FIELD_ARGUMENTS" } });
  const namespace = ownNamespace(context, customId.namespace);
  if (findDefinition(shop, namespace, customId.key)?.type !== ID_TYPE) throw new GraphQLError(NEEDS_DEFINITION, { extensions: { code: "NOT_FOUND" } });
  const found = holderOf(shop, namespace, customId.key, customId.value);
  return found && found.createdAtMs + world.assumptions.identifierLagMs <= world.clock.nowMs() ? found : null;
}

export function metafieldOf(order: Order, { namespace, key }: { namespace?: string | null; key: string }, context: GraphContext): Metafield | null {
  const own = ownNamespace(context, namespace);
  return order.metafields.find((each) => each.namespace === own && each.key === key) ?? null;
}

const metafield: Resolvers<Metafield> = {
  id: ({ id }) => gid("Metafield", id),
  namespace: ({ namespace }) => namespace,
  key: ({ key }) => key,
  type: ({ type }) => type,
  value: ({ value }) => value,
};

const definition: Resolvers<MetafieldDefinition> = {
  id: ({ id }) => gid("MetafieldDefinition", id),
  name: ({ name }) => name,
  namespace: ({ namespace }) => namespace,
  key: ({ key }) => key,
  ownerType: ({ ownerType }) => ownerType,
  type: ({ type }) => ({ name: type }),
  capabilities: ({ uniqueValues }) => ({ uniqueValues: { eligible: true, enabled: uniqueValues } }),
};

export const metafieldResolvers = { Metafield: metafield, MetafieldDefinition: definition };

/** A query for one of the app's own definitions. */
export function findOwnDefinition(_root: null, { identifier }: { identifier?: { ownerType: string; namespace?: string | null; key: string } | null }, context: GraphContext): MetafieldDefinition | null {
  if (!identifier) throw unsupported("definitions of metafields by their id");
  return identifier.ownerType === "ORDER" ? (findDefinition(context.shop, ownNamespace(context, identifier.namespace), identifier.key) ?? null) : null;
}

function unsupported(what: string): GraphQLError {
  return new GraphQLError(`The simulator does not support ${what}`, { extensions: { code: "SIMULATOR_UNSUPPORTED" } });
}
