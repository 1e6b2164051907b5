// The root fields of one operation with their arguments, keys and the places they may change: known before anything runs.
import { Kind, getArgumentValues, getDirectiveValues } from "graphql";
import type { FieldNode, GraphQLObjectType, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { numericId } from "../world/ids.ts";
import type { RootCall } from "./context.ts";
import { badRequest } from "./errors.ts";
import type { Prepared } from "./prepare.ts";
import type { AdminSchema } from "./schema.ts";

/** Throws the GraphQLError Shopify answers when a mutation that needs @idempotent comes without it, or with a blank key. */
export function readCalls(admin: AdminSchema, prepared: Prepared, operation: OperationDefinitionNode, root: GraphQLObjectType, variables: Record<string, unknown>): RootCall[] {
  const directive = admin.schema.getDirective("idempotent");
  if (!directive) throw new Error("The schema has no @idempotent directive.");
  return rootFields(prepared, operation.selectionSet).flatMap((node): RootCall[] => {
    const field = root.getFields()[node.name.value];
    if (!field) return [];
    const given = getDirectiveValues(directive, node, variables);
    const key = typeof given?.["key"] === "string" ? given["key"] : null;
    if (operation.operation === "mutation" && admin.idempotentMutations.has(field.name)) {
      if (key === null) throw badRequest("The @idempotent directive is required for this mutation but was not provided.");
      if (key.trim() === "") throw badRequest("The idempotency key cannot be blank.");
    }
    return [{ fieldName: field.name, responseKey: (node.alias ?? node.name).value, args: getArgumentValues(field, node, variables), key, concurrent: false }];
  });
}

function rootFields(prepared: Prepared, selections: SelectionSetNode): FieldNode[] {
  return selections.selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return selection.name.value.startsWith("__") ? [] : [selection];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : prepared.fragments.get(selection.name.value);
    return fragment ? rootFields(prepared, fragment.selectionSet) : [];
  });
}

interface PlacedEntry {
  inventoryItemId?: string;
  locationId?: string;
  from?: { locationId?: string };
}

/** Which item and location each entry of an inventory mutation may change. */
export function placesOf(calls: readonly RootCall[]): string[] {
  const places = new Set<string>();
  for (const call of calls) {
    if (!call.fieldName.startsWith("inventory")) continue;
    const input = call.args["input"] as { changes?: PlacedEntry[]; quantities?: PlacedEntry[] } | undefined;
    for (const entry of input?.changes ?? input?.quantities ?? []) {
      places.add(`${numericId(entry.inventoryItemId ?? "") ?? ""}@${numericId(entry.locationId ?? entry.from?.locationId ?? "") ?? ""}`);
    }
  }
  return [...places];
}
