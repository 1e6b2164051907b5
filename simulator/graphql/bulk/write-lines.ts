// Objects into JSONL: each node of a connection is a line of its own, children below their parent's id.
import { ID_KEY } from "./read-query.ts";
import type { ConnectionShape, Shape } from "./read-query.ts";

type Data = Record<string, unknown>;

export interface Lines {
  roots: string[];
  /** Children of each root, in its place. */
  children: string[][];
}

/** What came back for one batch of root objects, taken apart. */
export function writeLines(nodes: ConnectionShape, connection: Data): Lines {
  const lines: Lines = { roots: [], children: [] };
  for (const node of nodesOf(nodes, connection)) {
    const below: string[] = [];
    lines.roots.push(writeNode(nodes.node, node, null, below));
    lines.children.push(below);
  }
  return lines;
}

function writeNode(shape: Shape, node: Data, parentId: string | null, below: string[]): string {
  const children: { nodes: ConnectionShape; connection: Data; parentId: string }[] = [];
  const own = strip(shape, node, typeof node[ID_KEY] === "string" ? node[ID_KEY] : (parentId ?? ""), children);
  if (parentId !== null) own["__parentId"] = parentId;
  for (const child of children) {
    for (const each of nodesOf(child.nodes, child.connection)) below.push(writeNode(child.nodes.node, each, child.parentId, below));
  }
  return JSON.stringify(own);
}

/** The object without its connections: those are lines of their own. */
function strip(shape: Shape, data: Data, id: string, children: { nodes: ConnectionShape; connection: Data; parentId: string }[]): Data {
  const own: Data = {};
  for (const field of shape) {
    const value = data[field.key];
    if (value === undefined || field.key === ID_KEY) continue;
    if (field.kind === "leaf" || value === null) {
      if (field.kind !== "connection") own[field.key] = value;
      continue;
    }
    if (field.kind === "connection") {
      children.push({ nodes: field.nodes, connection: value as Data, parentId: id });
      continue;
    }
    const inside = (entry: unknown) => (entry === null ? null : strip(field.shape, entry as Data, idOf(entry as Data, id), children));
    own[field.key] = Array.isArray(value) ? value.map(inside) : inside(value);
  }
  return own;
}

function idOf(data: Data, outer: string): string {
  return typeof data[ID_KEY] === "string" ? data[ID_KEY] : outer;
}

function nodesOf({ lists }: ConnectionShape, connection: Data): Data[] {
  const [list] = lists;
  if (!list) return [];
  const entries = connection[list.key] as Data[];
  const { nodeKey } = list;
  return nodeKey === null ? entries : entries.map((edge) => edge[nodeKey] as Data);
}
