// Parsers of ids in Shopify's answers: a gid of the expected kind becomes the bare decimal string, anything else is a faulty answer.
import { z } from "zod";

import { idFromGid, parseGid, type GidKind } from "#app/domain/gid.ts";

export function gidOf(kind: GidKind) {
  return z.string().transform((text, context) => {
    const id = idFromGid(kind, text);
    if (id !== null) return id;
    context.addIssue({ code: "custom", message: `not a gid of ${kind}` });
    return z.NEVER;
  });
}

/** For ids whose kind Shopify does not promise to keep (an order's app is `App` or `OrderApp`). */
export const anyGid = z.string().transform((text, context) => {
  const parsed = parseGid(text);
  if (parsed !== null) return parsed.id;
  context.addIssue({ code: "custom", message: "not a gid" });
  return z.NEVER;
});

/** The answer to `nodes(ids:)`: an unknown id is null, the id of another kind of thing `{}`; both are left out and count as missing. */
export function nodesFound<Schema extends z.ZodType>(schema: Schema) {
  return z.object({ nodes: z.preprocess(withoutEmpty, z.array(schema)) });
}

function withoutEmpty(nodes: unknown): unknown {
  if (!Array.isArray(nodes)) return nodes;
  return nodes.filter((node: unknown) => node !== null && !(typeof node === "object" && Object.keys(node).length === 0));
}

export const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
export type PageInfo = z.output<typeof pageInfo>;
