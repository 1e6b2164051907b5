// What a query costs by Shopify's published rules: asked for beforehand by its arguments, and afterwards by what came back.
import { Kind, getNamedType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, isUnionType } from "graphql";
import type { FieldNode, GraphQLCompositeType, GraphQLOutputType, GraphQLSchema, SelectionSetNode } from "graphql";
import type { Prepared } from "./prepare.ts";

export const QUERY_COST_MAX = 1_000;
const MUTATION_COST = 10;
const CONNECTION_COST = 2;

/** What came back, when it is known; `undefined` means: reckon with the arguments. */
type Answer = unknown;

interface Pricing {
  schema: GraphQLSchema;
  prepared: Prepared;
  variables: Readonly<Record<string, unknown>>;
}

export function requestedCost(pricing: Pricing, root: GraphQLCompositeType, selections: SelectionSetNode): number {
  return selectionCost(pricing, root, selections, undefined);
}

export function actualCost(pricing: Pricing, root: GraphQLCompositeType, selections: SelectionSetNode, data: unknown): number {
  return data === null || data === undefined ? 0 : selectionCost(pricing, root, selections, data);
}

function selectionCost(pricing: Pricing, type: GraphQLCompositeType, selections: SelectionSetNode, answer: Answer): number {
  let sum = 0;
  let dearestBranch = 0;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      sum += fieldCost(pricing, type, selection, answer);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : pricing.prepared.fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition ? pricing.schema.getType(fragment.typeCondition.name.value) : type;
    if (!condition || !(isObjectType(condition) || isInterfaceType(condition) || isUnionType(condition))) continue;
    const cost = selectionCost(pricing, condition, fragment.selectionSet, answer);
    // Of several types behind an interface only one can come back: the dearest counts.
    if (isObjectType(type)) sum += cost;
    else dearestBranch = Math.max(dearestBranch, cost);
  }
  return sum + dearestBranch;
}

function fieldCost(pricing: Pricing, parent: GraphQLCompositeType, node: FieldNode, answer: Answer): number {
  if (isUnionType(parent)) return 0;
  const field = parent.getFields()[node.name.value];
  if (!field || !node.selectionSet) return 0;
  const named = getNamedType(field.type);
  if (isLeafType(named) || !(isObjectType(named) || isInterfaceType(named) || isUnionType(named))) return 0;
  const known = answer !== undefined;
  const value = known ? (answer as Record<string, unknown>)[(node.alias ?? node.name).value] : undefined;
  if (known && (value === null || value === undefined)) return 0;
  if (parent.name === "Mutation") return MUTATION_COST;
  if (named.name.endsWith("Connection")) return CONNECTION_COST + connectionCost(pricing, named, node.selectionSet, sizeArgument(pricing, node) ?? 0, value);
  if (named.name === "PageInfo") return 0;
  const each = (entry: unknown) => 1 + selectionCost(pricing, named, node.selectionSet as SelectionSetNode, entry);
  if (!isList(field.type)) return each(value);
  if (known) return (value as unknown[]).reduce<number>((sum, entry) => sum + (entry === null ? 0 : each(entry)), 0);
  return (sizeArgument(pricing, node) ?? 1) * each(undefined);
}

/** Each node is an object; edges and page info are the connection's own furniture. */
function connectionCost(pricing: Pricing, type: GraphQLCompositeType, selections: SelectionSetNode, size: number, value: unknown): number {
  let cost = 0;
  for (const selection of selections.selections) {
    if (selection.kind !== Kind.FIELD) {
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : pricing.prepared.fragments.get(selection.name.value);
      if (fragment) cost += connectionCost(pricing, type, fragment.selectionSet, size, value);
      continue;
    }
    const name = selection.name.value;
    if (!selection.selectionSet || isUnionType(type) || (name !== "nodes" && name !== "edges")) continue;
    const listed = getNamedType(type.getFields()[name]?.type);
    if (!listed || !isObjectType(listed)) continue;
    const entries = value === undefined ? undefined : ((value as Record<string, unknown>)[(selection.alias ?? selection.name).value] as unknown[]);
    const own = name === "nodes" ? 1 : 0;
    const each = (entry: unknown) => own + selectionCost(pricing, listed, selection.selectionSet as SelectionSetNode, entry);
    cost += entries === undefined ? size * each(undefined) : entries.reduce<number>((sum, entry) => sum + each(entry), 0);
  }
  return cost;
}

/** `first`, `last`, or the number of ids asked for. */
function sizeArgument(pricing: Pricing, node: FieldNode): number | null {
  for (const argument of node.arguments ?? []) {
    const name = argument.name.value;
    if (name !== "first" && name !== "last" && name !== "ids") continue;
    const { value } = argument;
    const given = value.kind === Kind.VARIABLE ? pricing.variables[value.name.value] : value.kind === Kind.INT ? Number(value.value) : value.kind === Kind.LIST ? value.values : null;
    if (typeof given === "number") return given;
    if (Array.isArray(given)) return given.length;
  }
  return null;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
