// Read model of an oversell's time line: notifications of its orders, changes of Holdfast with their tries, what people did and were told. Each is bounded.

import type { Database } from "#app/ports/database.ts";

export interface EventDelivery {
  readonly id: bigint;
  readonly topic: string;
  readonly orderId: string;
  readonly orderName: string | null;
  readonly triggeredAt: Date | null;
  readonly receivedAt: Date;
  readonly state: string;
  /** Times the same webhook came again and was stopped. */
  readonly duplicates: number;
}

export interface EventChange {
  readonly id: bigint;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly cause: string;
  readonly quantityName: string;
  readonly delta: number;
  readonly state: string;
  readonly reason: string | null;
  readonly acceptedAt: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly before: number | null;
  readonly after: number | null;
  /** Of the call that carried it, in the order they were made; ISO 8601. */
  readonly attempts: readonly { readonly number: number; readonly outcome: string | null; readonly sentAt: string; readonly finishedAt: string | null }[];
}

export interface EventAudit {
  readonly id: bigint;
  readonly at: Date;
  readonly kind: string;
  readonly actor: string;
  readonly orderId: string | null;
  readonly note: string | null;
  readonly reason: string | null;
}

/** A stage of the incident, as it was when it came: the incident itself shows how it stands now. */
export interface EventStage {
  readonly id: bigint;
  readonly at: Date;
  /** `opened`, `changed:<n>`, `closed`. */
  readonly stage: string;
  readonly depth: number | null;
  /** Channels that were told, by kind: `slack`, `email`, …, each with when and whether it was taken. */
  readonly told: readonly { readonly channel: string; readonly state: string; readonly at: string | null }[];
}

/** What caused the changes that were seen, by observation. */
export interface EventAuthor {
  readonly observationId: bigint;
  readonly orders: readonly { readonly orderId: string; readonly name: string | null }[];
}

export interface OversellEvents {
  readonly deliveries: readonly EventDelivery[];
  readonly changes: readonly EventChange[];
  readonly audit: readonly EventAudit[];
  readonly stages: readonly EventStage[];
}

export interface OversellEventsRequest {
  readonly installId: bigint;
  readonly oversellId: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Whose notifications and changes are told. */
  readonly orderIds: readonly string[];
  readonly from: Date;
  readonly until: Date;
}

const DELIVERIES_MAX = 60;
const CHANGES_MAX = 60;
const AUDIT_MAX = 100;
const STAGES_MAX = 50;
const ATTEMPTS_MAX = 10;

export async function readOversellEvents(database: Database, request: OversellEventsRequest): Promise<OversellEvents> {
  const { installId, oversellId, orderIds } = request;
  const [deliveries, changes, audit, stages] = await Promise.all([
    orderIds.length === 0 ? [] : readDeliveries(database, installId, orderIds),
    readChanges(database, request),
    readAudit(database, installId, oversellId),
    readStages(database, installId, oversellId),
  ]);
  return { deliveries, changes, audit, stages };
}

function readDeliveries(database: Database, installId: bigint, orderIds: readonly string[]): Promise<EventDelivery[]> {
  return database.query<EventDelivery>(
    `SELECT d.id, d.topic, d.order_id AS "orderId", o.name AS "orderName", d.triggered_at AS "triggeredAt", d.received_at AS "receivedAt", d.state,
       (SELECT count(*)::int FROM delivery_duplicates x WHERE x.shop = d.shop AND x.webhook_id = d.webhook_id AND x.install_id = d.install_id) AS duplicates
     FROM (SELECT * FROM deliveries WHERE install_id = $1 AND order_id = ANY($2::text[]) ORDER BY id LIMIT ${DELIVERIES_MAX}) AS d
     LEFT JOIN orders o ON o.install_id = d.install_id AND o.order_id = d.order_id ORDER BY d.id`,
    installId,
    orderIds,
  );
}

/** Of its orders, whenever they were decided, and of whatever else Holdfast changed of this stock in the span. */
function readChanges(database: Database, { installId, inventoryItemId, locationId, orderIds, from, until }: OversellEventsRequest): Promise<EventChange[]> {
  return database.query<EventChange>(
    `WITH calls AS (
       SELECT DISTINCT mutation_id FROM (SELECT mutation_id FROM stock_effects
         WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND at >= $5::timestamptz AND at <= $6::timestamptz AND mutation_id IS NOT NULL ORDER BY at LIMIT ${CHANGES_MAX}) AS ours),
     chosen AS (
       SELECT id FROM (
         SELECT id, install_id, inventory_item_id, location_id FROM changes WHERE mutation_id IN (SELECT mutation_id FROM calls)
         UNION
         SELECT id, install_id, inventory_item_id, location_id FROM changes WHERE install_id = $1 AND order_id = ANY($4::text[])) AS found
       WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 ORDER BY id LIMIT ${CHANGES_MAX})
     SELECT c.id, c.order_id AS "orderId", c.order_name AS "orderName", c.cause, c.quantity_name AS "quantityName", c.delta, c.state, c.reason, c.accepted_at AS "acceptedAt",
       c.created_at AS "createdAt", c.finished_at AS "finishedAt", c.before, c.after,
       coalesce((SELECT jsonb_agg(jsonb_build_object('number', a.number, 'outcome', a.outcome, 'sentAt', a.sent_at, 'finishedAt', a.finished_at) ORDER BY a.number)
         FROM (SELECT * FROM attempts WHERE mutation_id = c.mutation_id ORDER BY number LIMIT ${ATTEMPTS_MAX}) AS a), '[]'::jsonb) AS attempts
     FROM changes c JOIN chosen USING (id) ORDER BY c.id`,
    installId,
    inventoryItemId,
    locationId,
    orderIds,
    from,
    until,
  );
}

function readAudit(database: Database, installId: bigint, oversellId: bigint): Promise<EventAudit[]> {
  return database.query<EventAudit>(
    `SELECT id, at, kind, actor, order_id AS "orderId", detail->>'note' AS note, detail->>'reason' AS reason FROM audit_entries
     WHERE install_id = $1 AND detail->>'oversellId' = $2 ORDER BY id LIMIT ${AUDIT_MAX}`,
    installId,
    String(oversellId),
  );
}

function readStages(database: Database, installId: bigint, oversellId: bigint): Promise<EventStage[]> {
  return database.query<EventStage>(
    `SELECT e.id, e.at, e.stage, (e.facts->>'depth')::int AS depth,
       coalesce((SELECT jsonb_agg(jsonb_build_object('channel', m.channel_kind, 'state', m.state, 'at', m.ended_at) ORDER BY m.id) FROM alert_messages m WHERE m.event_id = e.id), '[]'::jsonb) AS told
     FROM alert_events e WHERE e.install_id = $1 AND e.kind = 'oversell' AND e.subject = $2 ORDER BY e.id LIMIT ${STAGES_MAX}`,
    installId,
    String(oversellId),
  );
}

/** Which orders a change that was seen was recognised as; only of the observations that are shown. */
export function readAuthors(database: Database, installId: bigint, observationIds: readonly bigint[]): Promise<EventAuthor[]> {
  return database.query<EventAuthor>(
    `SELECT o.id AS "observationId", jsonb_agg(DISTINCT jsonb_build_object('orderId', coalesce(e.order_id, c.order_id), 'name', coalesce(e.order_name, c.order_name))) AS orders
     FROM stock_observations o CROSS JOIN LATERAL jsonb_array_elements(coalesce(o.parts, '[]')) AS part
     JOIN stock_effects e ON e.id = CASE WHEN part->>'effectId' ~ '^[0-9]{1,18}$' THEN (part->>'effectId')::bigint END AND e.install_id = o.install_id
     LEFT JOIN changes c ON c.mutation_id = e.mutation_id AND c.inventory_item_id = e.inventory_item_id AND c.location_id = e.location_id
     WHERE o.install_id = $1 AND o.id = ANY($2::bigint[]) AND coalesce(e.order_id, c.order_id) IS NOT NULL GROUP BY o.id`,
    installId,
    observationIds,
  );
}
