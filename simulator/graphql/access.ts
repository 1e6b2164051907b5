// Access scopes: what the app was granted against what each field wants, in Shopify's words.
import { GraphQLError, isNonNullType } from "graphql";
import type { ExecutionResult, GraphQLObjectType, OperationDefinitionNode } from "graphql";
import type { Prepared } from "./prepare.ts";

/** The refusal of the first field that the grants do not cover, or null. A write scope includes the read of the same thing. */
export function deniedAccess(prepared: Prepared, granted: readonly string[], root: GraphQLObjectType, operation: OperationDefinitionNode): ExecutionResult | null {
  const held = new Set(granted.flatMap((scope) => (scope.startsWith("write_") ? [scope, scope.replace("write_", "read_")] : [scope])));
  const denied = prepared.accessRules.find(({ rule }) => !rule.scopes.some((scope) => held.has(scope)));
  if (!denied) return null;
  const { fieldName, rule, node } = denied;
  const error = new GraphQLError(`Access denied for ${fieldName} field. Required access: ${rule.requiredAccess}`, {
    nodes: node,
    path: [(node.alias ?? node.name).value],
    extensions: { code: "ACCESS_DENIED", documentation: "https://shopify.dev/api/usage/access-scopes", requiredAccess: rule.requiredAccess },
  });
  return { data: emptyData(root, operation), errors: [error] };
}

function emptyData(root: GraphQLObjectType, operation: OperationDefinitionNode): Record<string, null> | null {
  const data: Record<string, null> = {};
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== "Field") return null;
    const field = root.getFields()[selection.name.value];
    if (!field || isNonNullType(field.type)) return null;
    data[(selection.alias ?? selection.name).value] = null;
  }
  return data;
}
