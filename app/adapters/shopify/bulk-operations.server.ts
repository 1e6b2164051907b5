// Shopify's bulk operations behind their port: begun, looked after, called off, their files handed on in bounded pieces.
import { z } from "zod";

import type { AdminApi } from "#app/ports/admin-api.ts";
import type { BulkAnswer, BulkFile, BulkOperation, BulkOperations, BulkRequest, BulkStart, FileEnd, ScannedLevel, ScannedOrder, ScannedVariant, StockChunk } from "#app/ports/bulk-operations.ts";
import type { ReadContext } from "#app/ports/shopify-orders.ts";

import { readLines } from "./bulk-file.server.ts";
import { type OrderFileLine, readOrderLine, readStockLine, toScannedOrder } from "./bulk-lines.ts";
import { CANCEL_BULK, FIND_BULK, LOOK_BULK, ORDERS_BULK, START_BULK, STOCK_BULK } from "./documents/bulk.ts";
import { sendRead } from "./read-request.server.ts";

/** A mutation is charged 10 points; the operation itself costs none while it runs. */
const START_COST = 10;
/** One object, or twenty of a list. */
const LOOK_COST = 22;

const operationSchema = z.object({
  id: z.string().startsWith("gid://shopify/BulkOperation/"),
  status: z.enum(["CANCELED", "CANCELING", "COMPLETED", "CREATED", "EXPIRED", "FAILED", "RUNNING"]),
  createdAt: z.string(),
  objectCount: z.coerce.number(),
  url: z.string().nullable(),
  partialDataUrl: z.string().nullable(),
  errorCode: z.string().nullable(),
});
const startSchema = z.object({ bulkOperationRunQuery: z.object({ bulkOperation: operationSchema.nullable(), userErrors: z.array(z.object({ code: z.string().nullable(), message: z.string() })) }) });
const lookSchema = z.object({ bulkOperation: operationSchema.nullable() });
const findSchema = z.object({ bulkOperations: z.object({ nodes: z.array(operationSchema.extend({ query: z.string() })) }) });
const cancelSchema = z.object({ bulkOperationCancel: z.object({ bulkOperation: operationSchema.nullable() }) });

export function createBulkOperations(admin: AdminApi): BulkOperations {
  return {
    start: (context, request) => start(admin, context, request),
    async look(context, id) {
      const answer = await sendRead(admin, context, { document: LOOK_BULK, variables: { id }, schema: lookSchema });
      return answer.kind === "ok" ? found(answer.value.bulkOperation, answer.cost) : answer;
    },
    async find(context, name) {
      const answer = await sendRead(admin, context, { document: FIND_BULK, variables: {}, schema: findSchema });
      if (answer.kind !== "ok") return answer;
      return found(answer.value.bulkOperations.nodes.find(({ query }) => query.includes(`query ${name} {`)) ?? null, answer.cost);
    },
    async cancel(context, id) {
      const answer = await sendRead(admin, context, { document: CANCEL_BULK, variables: { id }, schema: cancelSchema });
      return answer.kind === "ok" ? found(answer.value.bulkOperationCancel.bulkOperation, answer.cost) : answer;
    },
    readStock,
    readOrders,
    costs: { start: START_COST, look: LOOK_COST },
  };
}

async function start(admin: AdminApi, context: ReadContext, request: BulkRequest): Promise<BulkStart> {
  const variables = { query: queryOf(request), groupObjects: request.kind === "orders" };
  const answer = await sendRead(admin, context, { document: START_BULK, variables, schema: startSchema });
  if (answer.kind !== "ok") return answer;
  const { bulkOperation, userErrors } = answer.value.bulkOperationRunQuery;
  if (bulkOperation) return { kind: "started", operation: toOperation(bulkOperation), cost: answer.cost };
  if (userErrors.some(({ code }) => code === "OPERATION_IN_PROGRESS" || code === "LIMIT_REACHED")) return { kind: "busy", cost: answer.cost };
  return { kind: "unfit", message: userErrors.map(({ message }) => message).join("; "), cost: answer.cost };
}

function queryOf(request: BulkRequest): string {
  if (request.kind === "stock") return STOCK_BULK.replace("HoldfastStockScan", request.name);
  return ORDERS_BULK.replace("HoldfastOrderScan", request.name).replace("CREATED_FROM", `${request.createdFrom.toISOString().slice(0, 19)}Z`);
}

function found(operation: z.output<typeof operationSchema> | null, cost: Extract<BulkAnswer, { kind: "ok" }>["cost"]): BulkAnswer {
  return { kind: "ok", operation: operation && toOperation(operation), cost };
}

function toOperation({ id, status, createdAt, objectCount, url, partialDataUrl, errorCode }: z.output<typeof operationSchema>): BulkOperation {
  return { id, status, createdAt: new Date(createdAt), objectCount, url, partialUrl: partialDataUrl, errorCode };
}

function readStock({ url, skipLines, signal, take }: BulkFile<StockChunk>): Promise<FileEnd> {
  return readLines({
    url,
    skipLines,
    signal,
    take(lines, firstLine) {
      const levels: ScannedLevel[] = [];
      const variants: ScannedVariant[] = [];
      for (const text of lines) {
        const line = readStockLine(text);
        if (line.kind === "level") levels.push(line.level);
        if (line.kind === "variant") variants.push(line.variant);
      }
      return take({ levels, variants }, firstLine + lines.length);
    },
  });
}

/** An order is whole when the next one begins: until then its lines wait, and a reader that begins anew begins with it. */
async function readOrders({ url, skipLines, signal, take }: BulkFile<readonly ScannedOrder[]>): Promise<FileEnd> {
  type Group = { readonly order: Extract<OrderFileLine, { kind: "order" }>["order"]; readonly lines: Extract<OrderFileLine, { kind: "line" }>["line"][] };
  let open: Group | null = null;
  const end = await readLines({
    url,
    skipLines,
    signal,
    take(lines, firstLine) {
      const whole: ScannedOrder[] = [];
      let lineCount = firstLine - (open ? 1 + open.lines.length : 0);
      for (const [index, text] of lines.entries()) {
        const line = readOrderLine(text);
        if (line.kind === "line") {
          // A line after lines of another order would be given to the wrong one.
          if (!open) throw new Error("a line before its order");
          open.lines.push(line.line);
          continue;
        }
        if (open) whole.push(toScannedOrder(open.order, open.lines));
        lineCount = firstLine + index;
        open = { order: line.order, lines: [] };
      }
      return whole.length === 0 ? Promise.resolve(true) : take(whole, lineCount);
    },
  });
  const last = open as Group | null;
  if (end.kind !== "end" || !last) return end;
  return (await take([toScannedOrder(last.order, last.lines)], end.lineCount)) ? end : { kind: "stopped" };
}
