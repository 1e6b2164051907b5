// Sends a read and parses its answer; shared by every typed read, so that each knows only its document and its shape.
import type { z } from "zod";

import type { AdminApi, AdminFailure, RequestCost } from "#app/ports/admin-api.ts";
import type { Found, ReadContext } from "#app/ports/shopify-orders.ts";

import { classifyFaults } from "./admin-answer.ts";
import type { PageInfo } from "./gid-schema.ts";

export interface ReadAnswer<Value> {
  kind: "ok";
  value: Value;
  cost: RequestCost | null;
}

/** The most requests one read may take for the further pages of one thing; beyond it, the read fails rather than run on. */
const PAGES_MAX = 50;

/** A read either answers as a whole or fails: data with errors beside it is not used, a missing part could be taken for "none". */
export async function sendRead<Schema extends z.ZodType>(
  admin: AdminApi,
  context: ReadContext,
  request: { document: string; variables: Readonly<Record<string, unknown>>; schema: Schema },
): Promise<ReadAnswer<z.output<Schema>> | AdminFailure> {
  const result = await admin.send({ ...context, document: request.document, variables: request.variables });
  if (result.kind !== "ok") return result;
  if (result.faults.length > 0) return classifyFaults(result.faults, result.cost);
  const parsed = request.schema.safeParse(result.data);
  if (parsed.success) return { kind: "ok", value: parsed.data, cost: result.cost };
  return unexpectedAnswer(parsed.error);
}

/** Reads the pages after the first until there are none; `value` holds the pages' contents in order. */
export async function readFurtherPages<Node>(
  first: PageInfo,
  readPage: (after: string) => Promise<ReadAnswer<{ nodes: readonly Node[]; pageInfo: PageInfo } | null> | AdminFailure>,
): Promise<ReadAnswer<Node[]> | AdminFailure> {
  const nodes: Node[] = [];
  let cost: RequestCost | null = null;
  let page = first;
  for (let count = 0; page.hasNextPage && page.endCursor !== null; count += 1) {
    if (count === PAGES_MAX) return { kind: "refused", reason: "max_cost", message: `more than ${PAGES_MAX} pages` };
    const answer = await readPage(page.endCursor);
    if (answer.kind !== "ok") return answer;
    cost = addCost(cost, answer.cost);
    if (answer.value === null) break; // deleted while being read
    nodes.push(...answer.value.nodes);
    page = answer.value.pageInfo;
  }
  return { kind: "ok", value: nodes, cost };
}

export function unexpectedAnswer(error: z.ZodError): AdminFailure {
  const issue = error.issues[0];
  return { kind: "unknown", stage: "sent", cause: `unexpected answer at ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}` };
}

/** Sum of what was charged, with the newest state of the bucket. */
export function addCost(sum: RequestCost | null, next: RequestCost | null): RequestCost | null {
  if (sum === null) return next;
  if (next === null) return sum;
  return { requested: sum.requested + next.requested, actual: (sum.actual ?? 0) + (next.actual ?? 0), throttleStatus: next.throttleStatus };
}

export function found<Value>(values: readonly Value[], missing: readonly string[], cost: RequestCost | null): Found<Value> {
  return { kind: "ok", found: values, missing, cost };
}

/** More ids than one call takes is a bug of the caller: it reserved budget for fewer. */
export function assertAtMost(count: number, max: number, what: string): void {
  if (count > max) throw new RangeError(`at most ${max} ${what} in one call, got ${count}`);
}

/** Ids asked for that no found value carries, in the order asked. */
export function missingOf(asked: readonly string[], foundIds: ReadonlySet<string>): string[] {
  return [...new Set(asked)].filter((id) => !foundIds.has(id));
}
