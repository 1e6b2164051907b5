// How the app asks for bulk operations, asks after them, and calls them off.
import { isoSeconds } from "../../world/dates.ts";
import { gid, numericIdOf } from "../../world/ids.ts";
import type { BulkOperation, ShopState } from "../../world/state.ts";
import { connect } from "../connection.ts";
import type { PageArgs } from "../connection.ts";
import type { Resolvers } from "../context.ts";
import { searchList } from "../search.ts";

const at = (ms: number | null) => (ms === null ? null : isoSeconds(ms));

const bulkOperation: Resolvers<BulkOperation> = {
  id: ({ id }) => gid("BulkOperation", id),
  status: ({ status }) => status,
  type: () => "QUERY",
  query: ({ query }) => query,
  errorCode: ({ errorCode }) => errorCode,
  createdAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  completedAt: ({ completedAtMs }) => at(completedAtMs),
  // UnsignedInt64 travels as text.
  objectCount: ({ objectCount }) => String(objectCount),
  rootObjectCount: ({ rootObjectCount }) => String(rootObjectCount),
  fileSize: ({ fileSize }) => (fileSize === null ? null : String(fileSize)),
  url: ({ url }) => url,
  partialDataUrl: ({ partialDataUrl }) => partialDataUrl,
};

export const bulkResolvers = { BulkOperation: bulkOperation };

type ListArgs = PageArgs & { query?: string | null; sortKey?: string | null };

/** Fields of a search over them. */
const FIELDS = {
  id: ({ id }: BulkOperation) => id,
  status: ({ status }: BulkOperation) => status,
  created_at: ({ createdAtMs }: BulkOperation) => createdAtMs,
  completed_at: ({ completedAtMs }: BulkOperation) => completedAtMs,
};

export const bulkQueries: Resolvers<null> = {
  bulkOperation: (_root, { id }: { id: string }, { shop }) => shop.bulkOperations.get(numericIdOf("BulkOperation", id) ?? "") ?? null,
  bulkOperations(_root, args: ListArgs, { shop }) {
    const newestFirst = searchList(newest(shop), args.query, FIELDS, ({ id }) => id);
    return connect(newestFirst, args, ({ id }) => id);
  },
  currentBulkOperation: (_root, { type }: { type: string }, { shop }) => (type === "MUTATION" ? null : (newest(shop)[0] ?? null)),
};

export const bulkMutations: Resolvers<null> = {
  bulkOperationRunQuery: (_root, { query, groupObjects }: { query: string; groupObjects: boolean }, context) => context.bulk.request(context, query, groupObjects),
  bulkOperationCancel: (_root, { id }: { id: string }, context) => context.bulk.cancel(context, id),
};

function newest(shop: ShopState): BulkOperation[] {
  return [...shop.bulkOperations.values()].toReversed();
}
