// Sizes a GraphQL document by Shopify's published rules: an object 1 point, scalars 0, a connection 2 and its `first`, a mutation 10.
// Written apart from the app's estimates, which are held against it.
import { getNamedType, isLeafType, Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type GraphQLNamedType, type GraphQLSchema, type SelectionSetNode } from "graphql";

const MUTATION_POINTS = 10;
/** By Shopify's older text; the newer one does not name it. */
const CONNECTION_POINTS = 2;

/** `idsCount`: how many ids stand in the variable of `nodes(ids: $ids)`. */
export function estimatePoints(schema: GraphQLSchema, document: DocumentNode, idsCount: number): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error("the document has no operation");
  if (operation.operation === "mutation") return operation.selectionSet.selections.length * MUTATION_POINTS;

  const pointsOf = (selections: SelectionSetNode, type: GraphQLNamedType | undefined): number => {
    let points = 0;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) points += pointsOfField(selection, type);
      else if (selection.kind === Kind.INLINE_FRAGMENT) points += pointsOf(selection.selectionSet, schema.getType(selection.typeCondition?.name.value ?? ""));
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) points += pointsOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
      }
    }
    return points;
  };

  const pointsOfField = (field: FieldNode, parent: GraphQLNamedType | undefined): number => {
    const definition = parent !== undefined && "getFields" in parent ? parent.getFields()[field.name.value] : undefined;
    const type = definition === undefined ? undefined : getNamedType(definition.type);
    if (field.selectionSet === undefined || type === undefined || isLeafType(type) || type.name === "PageInfo") return 0;
    const inner = pointsOf(field.selectionSet, type);
    // The nodes of a connection are counted where the connection says how many.
    if (type.name.endsWith("Connection")) return CONNECTION_POINTS + (first(field) ?? 0) * inner;
    return (first(field) ?? (field.name.value === "nodes" && parent?.name === "QueryRoot" ? idsCount : 1)) * (1 + inner);
  };

  return pointsOf(operation.selectionSet, schema.getQueryType() ?? undefined);
}

function first(field: FieldNode): number | null {
  const argument = field.arguments?.find((one) => one.name.value === "first")?.value;
  return argument?.kind === Kind.INT ? Number(argument.value) : null;
}
