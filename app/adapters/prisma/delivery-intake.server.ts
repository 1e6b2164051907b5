// Stores webhook deliveries: one statement for a batch, and a search for the row that PostgreSQL refuses when it refuses the batch.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome, IntakeResult } from "#app/ports/delivery-intake.ts";
import { faultCode, isContentFault } from "./database.server.ts";

interface StoredRow {
  ordinal: number;
  outcome: "accepted" | "duplicate" | "not_installed";
}

/**
 * One statement, one snapshot, one commit. Rows are inserted in key order, so two processes that store overlapping batches wait for
 * each other in the same order and cannot deadlock. A duplicate is counted by appending a row: updating the first delivery would make
 * the sender wait for a worker that has it locked.
 */
const STORE = `
WITH input AS (
  SELECT i.ordinal::int, i.shop, i.webhook_id, i.event_id, i.topic, i.api_version, i.triggered_at::timestamptz, i.order_id,
         i.payload::jsonb, i.state, i.reason, i.trace_id, installs.id AS install_id
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
       AS i(ordinal, shop, webhook_id, event_id, topic, api_version, triggered_at, order_id, payload, state, reason, trace_id)
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
      WHEN input.install_id IS NULL THEN 'not_installed'
      WHEN stored.webhook_id IS NOT NULL AND firsts.ordinal = input.ordinal THEN 'accepted'
      ELSE 'duplicate' END AS outcome
  FROM input
  LEFT JOIN firsts ON firsts.shop = input.shop AND firsts.webhook_id = input.webhook_id
  LEFT JOIN stored ON stored.shop = input.shop AND stored.webhook_id = input.webhook_id
), counted AS (
  INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic)
  SELECT install_id, shop, webhook_id, topic FROM judged WHERE outcome = 'duplicate'
)
SELECT ordinal, outcome FROM judged`;

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
  const column = (read: (delivery: IncomingDelivery) => string | null) => batch.map(read);
  const rows = await database.query<StoredRow>(
    STORE,
    batch.map((_, index) => index),
    column((row) => row.shop),
    column((row) => row.webhookId),
    column((row) => row.eventId),
    column((row) => row.topic),
    column((row) => row.apiVersion),
    column((row) => row.triggeredAt),
    column((row) => row.orderId),
    column((row) => row.payload),
    column((row) => row.state),
    column((row) => row.reason),
    column((row) => row.traceId),
  );
  const outcomes: IntakeOutcome[] = batch.map(() => "duplicate");
  for (const row of rows) outcomes[row.ordinal] = row.outcome;
  return outcomes;
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
