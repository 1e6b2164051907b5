// What a bulk operation is asked for: one connection of the real schema within Shopify's limits, and the shape in which its objects become lines.
import { Kind, TypeInfo, getArgumentValues, getNamedType, isAbstractType, isInterfaceType, isLeafType, isObjectType, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, OperationDefinitionNode, SelectionSetNode } from "graphql";
import type { Prepared, Preparation } from "../prepare.ts";
import type { AdminSchema } from "../schema.ts";

/** Under this name every object that has children tells its id, whether the app asked for it or not. */
export const ID_KEY = "bulkObjectId";

const CONNECTIONS_MAX = 5;
const DEPTH_MAX = 2;

export type ShapeField = { key: string } & ({ kind: "leaf" } | { kind: "object"; shape: Shape } | { kind: "connection"; nodes: ConnectionShape });
export type Shape = readonly ShapeField[];

/** By which of its two doors a connection was entered, and under which names. */
export interface ConnectionShape {
  lists: { key: string; nodeKey: string | null }[];
  node: Shape;
}

export interface BulkQuery {
  prepared: Prepared;
  operation: OperationDefinitionNode;
  /** The app's document with the ids of parents added. */
  document: DocumentNode;
  fieldName: string;
  responseKey: string;
  args: Record<string, unknown>;
  nodes: ConnectionShape;
}

export type Reading = { ok: true; query: BulkQuery } | { ok: false; message: string };

/** Throws what the simulator does not support; answers what Shopify would refuse. */
export function readBulkQuery(admin: AdminSchema, prepare: (text: string) => Preparation, text: string): Reading {
  const preparation = prepare(text);
  if (!preparation.ok) {
    const unsupported = preparation.errors.find(({ extensions }) => extensions["code"] === "SIMULATOR_UNSUPPORTED");
    if (unsupported) throw unsupported;
    return invalid(`Invalid bulk query: ${preparation.errors[0]?.message ?? "it cannot be read."}`);
  }
  const { prepared } = preparation;
  const [operation, another] = prepared.operations;
  const root = admin.schema.getQueryType();
  if (!operation || another || operation.operation !== "query" || !root) return invalid("Invalid bulk query: exactly one query is expected.");
  const [field, second] = operation.selectionSet.selections;
  if (!field || second || field.kind !== Kind.FIELD) return invalid("Bulk queries must have a single top-level field.");
  const definition = root.getFields()[field.name.value];
  if (!definition || field.name.value === "node" || field.name.value === "nodes") return invalid("Bulk queries cannot use the top-level `node` or `nodes` fields.");
  const reader = new ShapeReader(admin, prepared.fragments);
  const connection = getNamedType(definition.type);
  if (!isObjectType(connection) || !connection.name.endsWith("Connection") || !field.selectionSet) return invalid("Bulk queries must contain at least one connection.");
  const nodes = reader.connection(connection, [field.selectionSet], 1);
  if (reader.connections > CONNECTIONS_MAX) return invalid(`Bulk queries cannot contain more than ${CONNECTIONS_MAX} connections.`);
  if (reader.depth > DEPTH_MAX) return invalid(`Bulk queries cannot contain connections with a nesting depth greater than ${DEPTH_MAX}.`);
  const document = addIds(admin, prepared);
  const args = getArgumentValues(definition, field);
  return { ok: true, query: { prepared, operation, document, fieldName: field.name.value, responseKey: (field.alias ?? field.name).value, args, nodes } };
}

function invalid(message: string): Reading {
  return { ok: false, message };
}

interface Selected {
  field: FieldNode;
  type: GraphQLCompositeType;
  sets: SelectionSetNode[];
}

class ShapeReader {
  connections = 0;
  depth = 0;
  readonly #admin: AdminSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(admin: AdminSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#admin = admin;
    this.#fragments = fragments;
  }

  connection(type: GraphQLCompositeType, sets: readonly SelectionSetNode[], depth: number): ConnectionShape {
    this.connections += 1;
    this.depth = Math.max(this.depth, depth);
    const lists: ConnectionShape["lists"] = [];
    let node: Shape = [];
    for (const [key, selected] of this.#select(type, sets)) {
      const name = selected.field.name.value;
      const listed = this.#typeOf(selected);
      if (name === "nodes" && listed) {
        lists.push({ key, nodeKey: null });
        node = [...node, ...this.#shape(listed, selected.sets, depth)];
      }
      if (name !== "edges" || !listed) continue;
      for (const [nodeKey, inner] of this.#select(listed, selected.sets)) {
        const noded = inner.field.name.value === "node" ? this.#typeOf(inner) : null;
        if (!noded) continue;
        lists.push({ key, nodeKey });
        node = [...node, ...this.#shape(noded, inner.sets, depth)];
      }
    }
    // A connection entered by both doors would list everything twice.
    return { lists: lists.slice(0, 1), node };
  }

  #shape(type: GraphQLCompositeType, sets: readonly SelectionSetNode[], depth: number): Shape {
    return [...this.#select(type, sets)].map(([key, selected]): ShapeField => {
      const inner = this.#typeOf(selected);
      if (!inner) return { key, kind: "leaf" };
      if (inner.name.endsWith("Connection")) return { key, kind: "connection", nodes: this.connection(inner, selected.sets, depth + 1) };
      return { key, kind: "object", shape: this.#shape(inner, selected.sets, depth) };
    });
  }

  #typeOf({ field, type }: Selected): GraphQLCompositeType | null {
    if (field.name.value === "__typename" || !(isObjectType(type) || isInterfaceType(type))) return null;
    const named = getNamedType(type.getFields()[field.name.value]?.type);
    return named && !isLeafType(named) && (isObjectType(named) || isAbstractType(named)) ? named : null;
  }

  /** Fields by response key, fragments opened; of an interface, those of every type it may turn out to be. */
  #select(type: GraphQLCompositeType, sets: readonly SelectionSetNode[], found = new Map<string, Selected>()): Map<string, Selected> {
    for (const selection of sets.flatMap((set) => set.selections)) {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = found.get(key);
        const own = selection.selectionSet ? [selection.selectionSet] : [];
        if (known) known.sets.push(...own);
        else found.set(key, { field: selection, type, sets: own });
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      if (!fragment) continue;
      const condition = fragment.typeCondition ? this.#admin.schema.getType(fragment.typeCondition.name.value) : type;
      if (isObjectType(condition) || isAbstractType(condition)) this.#select(condition, [fragment.selectionSet], found);
    }
    return found;
  }
}

/** Every object with a connection below it must be able to say whose parent it is. */
function addIds(admin: AdminSchema, prepared: Prepared): DocumentNode {
  const types = new TypeInfo(admin.schema);
  const id: FieldNode = { kind: Kind.FIELD, alias: { kind: Kind.NAME, value: ID_KEY }, name: { kind: Kind.NAME, value: "id" } };
  return visit(
    prepared.document,
    visitWithTypeInfo(types, {
      SelectionSet(node) {
        const type = types.getParentType();
        if (!isObjectType(type) || type === admin.schema.getQueryType() || !type.getFields()["id"]) return undefined;
        const fields = type.getFields();
        const hasChildren = node.selections.some((selection) => selection.kind === Kind.FIELD && getNamedType(fields[selection.name.value]?.type)?.name.endsWith("Connection"));
        return hasChildren ? { ...node, selections: [id, ...node.selections] } : undefined;
      },
    }),
  ) as DocumentNode;
}
