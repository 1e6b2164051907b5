// The other notices of stage 1: stock levels seen, items and locations that changed, scopes granted or withdrawn.

import type { ProjectedPayload } from "#app/domain/delivery-payload.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { PendingDelivery } from "./pending-delivery.ts";
import { markForJudgement } from "./stock-news.ts";

interface SeenLevel {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly available: number | null;
  /** ISO 8601 with microseconds where Shopify said when it was triggered. */
  readonly at: string;
  readonly connected: boolean;
  readonly webhookId: string;
  readonly eventId: string | null;
  readonly receivedAt: Date;
}

/**
 * A level is a state, not an event: each one seen is kept as an observation, once a notification; the mirror keeps the newest, and late ones
 * never move it back. The trigger time orders them, because `updated_at` has whole seconds and two changes of one second would tie.
 */
export async function absorbLevels(tx: SqlExecutor, installId: bigint, deliveries: readonly PendingDelivery[], settleMs: number): Promise<void> {
  const seen = deliveries.flatMap(({ payload, triggered_at, received_at, webhook_id, event_id }): SeenLevel[] => {
    if (payload?.kind !== "level") return [];
    const at = triggered_at ?? payload.updatedAt ?? received_at.toISOString();
    return [{ ...payload, at, webhookId: webhook_id, eventId: event_id, receivedAt: received_at }];
  });
  if (seen.length === 0) return;
  await insertObservations(tx, installId, seen);
  const newest = new Map<string, SeenLevel>();
  for (const level of seen) {
    const key = `${level.inventoryItemId}@${level.locationId}`;
    const known = newest.get(key);
    if (!known || compareMoments(known.at, level.at) <= 0) newest.set(key, level);
  }
  await moveMirror(tx, installId, [...newest.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, level]) => level));
  await markForJudgement(tx, installId, seen, settleMs);
}

async function insertObservations(tx: SqlExecutor, installId: bigint, seen: readonly SeenLevel[]): Promise<void> {
  await tx.execute(
    `INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, connected, at, seen_by, webhook_id, event_id, received_at)
     SELECT $1, s.item, s.location, s.available, s.connected, s.at, 'notification', s.webhook_id, s.event_id, s.received_at
     FROM unnest($2::text[], $3::text[], $4::int[], $5::boolean[], $6::timestamptz[], $7::text[], $8::text[], $9::timestamptz[])
       AS s(item, location, available, connected, at, webhook_id, event_id, received_at)
     ORDER BY s.webhook_id
     -- A delivery that is worked on once more was seen before.
     ON CONFLICT (install_id, webhook_id, inventory_item_id, location_id) WHERE webhook_id IS NOT NULL DO NOTHING`,
    installId,
    seen.map((level) => level.inventoryItemId),
    seen.map((level) => level.locationId),
    seen.map((level) => level.available),
    seen.map((level) => level.connected),
    seen.map((level) => level.at),
    seen.map((level) => level.webhookId),
    seen.map((level) => level.eventId),
    seen.map((level) => level.receivedAt),
  );
}

async function moveMirror(tx: SqlExecutor, installId: bigint, levels: readonly SeenLevel[]): Promise<void> {
  await tx.execute(
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source, connected)
     SELECT $1, l.item, l.location, l.available, l.observed_at, 'inventory_levels/update', l.connected
     FROM unnest($2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::boolean[]) AS l(item, location, available, observed_at, connected)
     ORDER BY l.item, l.location
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE
       SET available = excluded.available, observed_at = excluded.observed_at, source = excluded.source, connected = excluded.connected
     WHERE excluded.observed_at > stock_levels.observed_at`,
    installId,
    levels.map((level) => level.inventoryItemId),
    levels.map((level) => level.locationId),
    levels.map((level) => level.available),
    levels.map((level) => level.at),
    levels.map((level) => level.connected),
  );
}

/** Trigger times carry more digits than `Date` holds; in UTC ISO form they compare as text. */
function compareMoments(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || (a === b ? 0 : a < b ? -1 : 1);
}

/** The install is locked before its orders, by everybody. */
export async function absorbScopeNotices(tx: SqlExecutor, installId: bigint, deliveries: readonly PendingDelivery[]): Promise<void> {
  for (const { payload, triggered_at, received_at } of deliveries) {
    if (payload?.kind === "scopes") await absorbScopes(tx, installId, payload, triggered_at ?? received_at.toISOString());
  }
}

/** Late notices of items and locations do no harm: what derivation needs of them is read from Shopify again when it is needed. */
export async function absorbShopNotices(tx: SqlExecutor, installId: bigint, deliveries: readonly PendingDelivery[]): Promise<void> {
  const payloads = deliveries.flatMap(({ payload }) => (payload ? [payload] : []));
  await absorbItems(tx, installId, payloads.filter((payload) => payload.kind === "item"));
  const locations = payloads.filter((payload) => payload.kind === "location").toSorted((a, b) => (a.locationId < b.locationId ? -1 : 1));
  for (const location of locations) await absorbLocation(tx, installId, location);
  // Such a notice does not name its order: all that wait for a location are looked at again.
  if (payloads.some((payload) => payload.kind === "fulfilment_order")) {
    await tx.execute(
      // This transaction has locked orders already, so it waits for no further ones: an order that is being derived now looks again soon.
      `UPDATE orders SET due_at = now() WHERE id IN (
         SELECT id FROM orders WHERE install_id = $1 AND state = 'due' AND state_reason = 'waiting_location' AND due_at > now()
         ORDER BY id FOR UPDATE SKIP LOCKED)`,
      installId,
    );
  }
}

type Payload<Kind extends ProjectedPayload["kind"]> = Extract<ProjectedPayload, { kind: Kind }>;

async function absorbItems(tx: SqlExecutor, installId: bigint, items: readonly Payload<"item">[]): Promise<void> {
  const newest = [...new Map(items.map((item) => [item.inventoryItemId, item])).values()];
  if (newest.length === 0) return;
  const itemIds = newest.map((item) => item.inventoryItemId);
  await tx.query(`SELECT 1 FROM variants WHERE install_id = $1 AND inventory_item_id = ANY($2) ORDER BY variant_id FOR UPDATE`, installId, itemIds);
  await tx.execute(
    `UPDATE variants SET sku = coalesce(i.sku, variants.sku), tracked = coalesce(i.tracked, variants.tracked)
     FROM unnest($2::text[], $3::text[], $4::boolean[]) AS i(item, sku, tracked)
     WHERE variants.install_id = $1 AND variants.inventory_item_id = i.item`,
    installId,
    itemIds,
    newest.map((item) => item.sku),
    newest.map((item) => item.tracked),
  );
}

async function absorbLocation(tx: SqlExecutor, installId: bigint, location: Payload<"location">): Promise<void> {
  await tx.execute(`UPDATE locations SET active = $3 WHERE install_id = $1 AND location_id = $2`, installId, location.locationId, location.active);
}

/** Scopes are a state: the newest known stay, whether a notice brought them or the merchant's last visit. `saidAt`: ISO 8601. */
async function absorbScopes(tx: SqlExecutor, installId: bigint, scopes: Payload<"scopes">, saidAt: string): Promise<void> {
  const current = scopes.current.join(",");
  const isNews = await tx.execute(
    `UPDATE installs SET scopes = $2, scopes_at = $3::timestamptz WHERE id = $1 AND scopes_at <= $3::timestamptz`,
    installId,
    current,
    saidAt,
  );
  if (isNews === 0) return;
  await tx.execute(`UPDATE "Session" SET scope = $2 WHERE shop = (SELECT shop FROM installs WHERE id = $1) AND NOT "isOnline"`, installId, current);
}
