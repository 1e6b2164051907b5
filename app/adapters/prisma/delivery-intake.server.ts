// Stores webhook deliveries: one statement for a batch, and a search for the row that PostgreSQL refuses when it refuses the batch.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome, IntakeResult } from "#app/ports/delivery-intake.ts";
import { faultCode, isContentFault } from "./database.server.ts";

/** How the statement names what became of each row: one letter a row, in the order of the batch. */
const OUTCOMES: Readonly<Record<string, IntakeOutcome>> = { a: "accepted", d: "duplicate", n: "not_installed" };

/**
 * A function of the database (migration `store_deliveries`), whose plan PostgreSQL keeps: one statement, one snapshot, one commit, rows in
 * key order. The batch is one parameter and its outcomes one text, so that nothing is paid for each value and each row on the way
 * (docs/performance.md, "Taking webhooks").
 */
const STORE = "SELECT store_deliveries($1::json) AS outcomes";

export function createDeliveryIntake(database: SqlExecutor): DeliveryIntake {
  return {
    store: async (batch) => storeBatch(database, batch),
    async storeCompliance(request) {
      try {
        const rows = await database.query<{ id: bigint }>(
          `INSERT INTO compliance_requests (shop, topic, webhook_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id`,
          request.shop,
          request.topic,
          request.webhookId,
        );
        return rows.length === 1 ? "accepted" : "duplicate";
      } catch {
        return "unavailable";
      }
    },
  };
}

async function storeBatch(database: SqlExecutor, batch: readonly IncomingDelivery[]): Promise<IntakeResult> {
  try {
    return { kind: "stored", outcomes: await insert(database, batch) };
  } catch (cause) {
    if (!isContentFault(cause)) return { kind: "unavailable", cause };
    return batch.length === 1 && batch[0] ? storeWithoutContent(database, batch[0], cause) : storeHalves(database, batch);
  }
}

async function insert(database: SqlExecutor, batch: readonly IncomingDelivery[]): Promise<readonly IntakeOutcome[]> {
  const [row] = await database.query<{ outcomes: string }>(STORE, `[${batch.map(rowText).join(",")}]`);
  return batch.map((_, ordinal) => OUTCOMES[row?.outcomes[ordinal] ?? ""] ?? "duplicate");
}

/** The payload is JSON already. */
function rowText(delivery: IncomingDelivery, ordinal: number): string {
  const { shop, webhookId, eventId, topic, apiVersion, triggeredAt, orderId, payload, state, reason, traceId } = delivery;
  const row = { ordinal, shop, webhook_id: webhookId, event_id: eventId, topic, api_version: apiVersion, triggered_at: triggeredAt, order_id: orderId, state, reason, trace_id: traceId };
  return `${JSON.stringify(row).slice(0, -1)},"payload":${payload ?? "null"}}`;
}

async function storeHalves(database: SqlExecutor, batch: readonly IncomingDelivery[]): Promise<IntakeResult> {
  const middle = Math.ceil(batch.length / 2);
  const left = await storeBatch(database, batch.slice(0, middle));
  if (left.kind === "unavailable") return left;
  const right = await storeBatch(database, batch.slice(middle));
  // The left half is durable: saying so would need an answer per row, so the whole is sent again and its left half is a duplicate.
  if (right.kind === "unavailable") return right;
  return { kind: "stored", outcomes: [...left.outcomes, ...right.outcomes] };
}

/** The row that PostgreSQL refuses is recorded without its content, so that it is seen and not sent again for ever. */
async function storeWithoutContent(database: SqlExecutor, delivery: IncomingDelivery, cause: unknown): Promise<IntakeResult> {
  const bare: IncomingDelivery = {
    ...delivery,
    webhookId: withoutNul(delivery.webhookId),
    topic: withoutNul(delivery.topic),
    eventId: null,
    apiVersion: null,
    triggeredAt: null,
    orderId: null,
    payload: null,
    state: "rejected",
    reason: `unstorable:${faultCode(cause)}`,
  };
  try {
    const [outcome] = await insert(database, [bare]);
    return { kind: "stored", outcomes: [outcome === "accepted" ? "rejected" : (outcome ?? "rejected")] };
  } catch (again) {
    return { kind: "unavailable", cause: again };
  }
}

/** PostgreSQL's text holds no NUL byte. */
function withoutNul(value: string): string {
  return value.replaceAll("\u0000", "\uFFFD");
}
