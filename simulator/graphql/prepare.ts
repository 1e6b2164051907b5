// Turns a query's text into something that can be run, once: parsed, valid on the real schema, every field supported, its access rules known.
import { GraphQLError, Kind, TypeInfo, getNamedType, isInterfaceType, isUnionType, parse, validate, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode } from "graphql";
import { resolverOf } from "./resolvers/root.ts";
import type { AccessRule, AdminSchema } from "./schema.ts";

export interface Prepared {
  document: DocumentNode;
  operations: OperationDefinitionNode[];
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** In order of appearance. */
  accessRules: FieldAccess[];
}

export interface FieldAccess {
  fieldName: string;
  rule: AccessRule;
  node: FieldNode;
}

export type Preparation = { ok: true; prepared: Prepared } | { ok: false; errors: readonly GraphQLError[] };

/** An app has a few dozen documents; one that pastes values into its texts must not fill the memory. */
const CACHED_TEXTS_MAX = 1_000;

export function createPreparer(admin: AdminSchema): (text: string) => Preparation {
  const cache = new Map<string, Preparation>();
  return (text) => {
    const known = cache.get(text);
    if (known) return known;
    const preparation = prepare(admin, text);
    if (cache.size >= CACHED_TEXTS_MAX) cache.clear();
    cache.set(text, preparation);
    return preparation;
  };
}

function prepare(admin: AdminSchema, text: string): Preparation {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    return { ok: false, errors: [error instanceof GraphQLError ? error : new GraphQLError(String(error))] };
  }
  const invalid = validate(admin.schema, document);
  if (invalid.length > 0) return { ok: false, errors: invalid };
  const unsupported: GraphQLError[] = [];
  const accessRules: FieldAccess[] = [];
  const types = new TypeInfo(admin.schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType();
        if (!parent || node.name.value === "__typename" || parent.name.startsWith("__") || node.name.value.startsWith("__")) return;
        const fieldName = node.name.value;
        const abstract = isInterfaceType(parent) || isUnionType(parent);
        if (abstract ? fieldName !== "id" : !resolverOf(parent.name, fieldName)) unsupported.push(unsupportedField(parent.name, node));
        const returned = getNamedType(types.getType())?.name ?? "";
        const rule = admin.access.get(`${parent.name}.${fieldName}`) ?? admin.access.get(returned);
        if (rule) accessRules.push({ fieldName, rule, node });
      },
    }),
  );
  if (unsupported.length > 0) return { ok: false, errors: unsupported };
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return { ok: true, prepared: { document, operations, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])), accessRules } };
}

function unsupportedField(typeName: string, node: FieldNode): GraphQLError {
  return new GraphQLError(`The simulator does not support the field ${typeName}.${node.name.value}`, {
    nodes: node,
    extensions: { code: "SIMULATOR_UNSUPPORTED", typeName, fieldName: node.name.value },
  });
}
