// Stores webhook deliveries: one statement for a batch, and a search for the row that PostgreSQL refuses when it refuses the batch.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome, IntakeResult } from "#app/ports/delivery-intake.ts";
import { faultCode, isContentFault } from "./database.server.ts";

/** How the statement names what became of each row: one letter a row, in the order of the batch. */
const OUTCOMES: Readonly<Record<string, IntakeOutcome>> = { a: "accepted", d: "duplicate", n: "not_installed" };

/**
 * One statement, one snapshot, one commit. Rows are inserted in key order, so two processes that store overlapping batches wait for
 * each other in the same order and cannot deadlock. A duplicate is counted by appending a row: updating the first delivery would make
 * the sender wait for a worker that has it locked.
 *
 * The batch is one parameter and its outcomes one text: what Prisma does with each value of a parameter, and with each row of an answer,
 * cost the web process more than everything else (docs/performance.md, "Taking webhooks").
 */
const STORE = `
WITH input AS (
  SELECT i.*, installs.id AS install_id
  FROM json_to_recordset($1::json)
       AS i(ordinal int, shop text, webhook_id text, event_id text, topic text, api_version text, triggered_at timestamptz, order_id text,
            payload jsonb, state text, reason text, trace_id text)
  LEFT JOIN installs ON installs.shop = i.shop AND installs.state = 'active'
), firsts AS (
  SELECT DISTINCT ON (shop, webhook_id) * FROM input WHERE install_id IS NOT NULL ORDER BY shop, webhook_id, ordinal
), stored AS (
  INSERT INTO deliveries (install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id, processed_at)
  SELECT install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id,
         CASE WHEN state = 'pending' THEN NULL ELSE now() END
  FROM firsts ORDER BY shop, webhook_id
  ON CONFLICT (shop, webhook_id) DO NOTHING
  RETURNING shop, webhook_id
), judged AS (
  SELECT input.*, CASE
      WHEN input.install_id IS NULL THEN 'n'
      WHEN stored.webhook_id IS NOT NULL AND firsts.ordinal = input.ordinal THEN 'a'
      ELSE 'd' END AS outcome
  FROM input
  LEFT JOIN firsts ON firsts.shop = input.shop AND firsts.webhook_id = input.webhook_id
  LEFT JOIN stored ON stored.shop = input.shop AND stored.webhook_id = input.webhook_id
), counted AS (
  INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic)
  SELECT install_id, shop, webhook_id, topic FROM judged WHERE outcome = 'd'
)
SELECT string_agg(outcome, '' ORDER BY ordinal) AS outcomes FROM judged`;

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
