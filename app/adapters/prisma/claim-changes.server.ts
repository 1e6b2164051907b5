// Stage 5's transaction: content, key, fencing tokens and the first attempt are frozen together, before anything is sent.

import { coalesce, type CoalescedEntry } from "#app/domain/coalesce.ts";
import { assertNever } from "#app/domain/invariant.ts";
import type { ChangeLedger, ClaimResult, MutationContentEntry, Operation } from "#app/ports/change-ledger.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { Timings } from "#app/ports/timings.ts";
import { sqlStateOf } from "./database.server.ts";
import { weighBundleNumbers } from "./bundle-stock-claim.ts";
import { weighWaitingMoves } from "./hold-moves-claim.ts";
import { parkPausedTakes } from "./park-paused.ts";
import { prepared } from "./prepared-statements.ts";

/** Changes gathered into one call; a hot item may have thousands. */
export const CLAIM_CHANGES_MAX = 5_000;

type ClaimRequest = Parameters<ChangeLedger["claim"]>[0] & Pick<Timings, "resumeAfterMs">;

export interface WaitingChange {
  readonly id: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
  readonly traceId: string;
}

const UNIQUE_VIOLATION = "23505";

/** Values of `changes.quantity_name`. Another is a newer version's, which runs beside this one in a deploy. */
export const QUANTITY_NAMES: { readonly [Each in Operation]: string } = { adjust: "available", move: "hold", follow: "bundle" };

export async function claimChanges(database: Database, request: ClaimRequest): Promise<ClaimResult> {
  try {
    return await database.transaction((tx) => claim(tx, request));
  } catch (error) {
    // The partial unique index on open entries: somebody claimed one of these stocks although we hold its lock.
    if (sqlStateOf(error) === UNIQUE_VIOLATION) return { kind: "conflict" };
    throw error;
  }
}

async function claim(tx: SqlExecutor, request: ClaimRequest): Promise<ClaimResult> {
  const rights = await readRights(tx, request.installId);
  if (rights === null || (request.operation === "adjust" && !rights.enforce)) return { kind: "not_allowed" };
  if (request.operation === "adjust" && rights.sourcePaused) await parkPausedTakes(tx, request.installId);
  const waiting = await takeWaiting(tx, request);
  const { changes, changeFrom, cancelledCount } = await weigh(tx, request, waiting, rights);
  const entries = coalesce(changes);
  const netted = entries.filter((entry) => entry.delta === 0);
  const toSend = entries.filter((entry) => entry.delta !== 0);
  const nettedCount = await settleNetted(tx, netted);
  if (toSend.length === 0) return { kind: "nothing", nettedCount, cancelledCount };

  const ids = toSend.flatMap((entry) => entry.changes.map((change) => change.id));
  const frozen = await freeze(tx, request, ids, toSend.map((entry) => ({ ...entry, changeFrom: request.operation === "follow" || entry.delta > 0 ? (changeFrom.get(stockOf(entry)) ?? null) : null })));
  return {
    kind: "claimed",
    changeCount: ids.length,
    nettedCount,
    cancelledCount,
    mutation: {
      mutationId: request.mutationId,
      operation: request.operation,
      key: request.key,
      traceId: frozen.traceId,
      entries: frozen.entries,
      attemptNumber: 1,
      firstSentAt: frozen.sentAt,
      firstAttempt: true,
      unsettledSince: null,
      unsettledCount: 0,
    },
  };
}

const NOTHING_EXPECTED: ReadonlyMap<string, number | null> = new Map();

interface Weighed {
  readonly changes: readonly WaitingChange[];
  readonly changeFrom: ReadonlyMap<string, number | null>;
  readonly cancelledCount: number;
}

/** A delta is right whatever there is; what was decided by a number is looked at once more. */
async function weigh(tx: SqlExecutor, { operation, installId }: ClaimRequest, waiting: readonly WaitingChange[], rights: Rights): Promise<Weighed> {
  switch (operation) {
    case "adjust":
      return { changes: waiting, changeFrom: NOTHING_EXPECTED, cancelledCount: 0 };
    case "move":
      return weighWaitingMoves(tx, installId, waiting, rights.mayTake);
    case "follow":
      return weighBundleNumbers(tx, installId, waiting, rights.enforce);
    default:
      return assertNever(operation);
  }
}

function stockOf({ inventoryItemId, locationId }: Pick<WaitingChange, "inventoryItemId" | "locationId">): string {
  return `${inventoryItemId}@${locationId}`;
}

interface Rights {
  readonly enforce: boolean;
  /** Moves out of `available` are made only while the merchant wants holds seen in Shopify. */
  readonly mayTake: boolean;
  /** Nearly never. A pause that comes after this look parks by itself what waits at that moment. */
  readonly sourcePaused: boolean;
}

/** Null when the install is over. The share lock makes an uninstall wait for this claim, and this claim see one that came first. */
async function readRights(tx: SqlExecutor, installId: bigint): Promise<Rights | null> {
  const [row] = await tx.query<{ enforce: boolean | null; mirrored: boolean | null; paused: boolean }>(
    prepared(`SELECT s.document->>'mode' = 'enforce' AS enforce, coalesce(s.document->'reservations'->>'mirrorInShopify', 'true') = 'true' AS mirrored,
       EXISTS (SELECT 1 FROM order_sources WHERE install_id = installs.id AND paused_at IS NOT NULL) AS paused
     FROM installs LEFT JOIN LATERAL (SELECT document FROM settings_versions WHERE install_id = installs.id ORDER BY version DESC LIMIT 1) AS s ON true
     WHERE installs.id = $1 AND installs.state = 'active' FOR SHARE OF installs`),
    installId,
  );
  if (!row) return null;
  const enforce = row.enforce === true;
  return { enforce, mayTake: enforce && row.mirrored !== false, sourcePaused: row.paused };
}

async function takeWaiting(tx: SqlExecutor, request: ClaimRequest): Promise<WaitingChange[]> {
  const rows = await tx.query<{ id: bigint; inventory_item_id: string; location_id: string; delta: number; trace_id: string }>(
    `SELECT id, inventory_item_id, location_id, delta, trace_id FROM changes
     WHERE install_id = $1 AND state = 'waiting' AND quantity_name = $4
       AND (inventory_item_id, location_id) IN (SELECT s.item, s.location FROM unnest($2::text[], $3::text[]) AS s(item, location))
     ORDER BY id LIMIT ${CLAIM_CHANGES_MAX} FOR UPDATE SKIP LOCKED`,
    request.installId,
    request.stocks.map((stock) => stock.inventoryItemId),
    request.stocks.map((stock) => stock.locationId),
    QUANTITY_NAMES[request.operation],
  );
  return rows.map((row) => ({ id: row.id, inventoryItemId: row.inventory_item_id, locationId: row.location_id, delta: row.delta, traceId: row.trace_id }));
}

/** Changes that cancel each other out are done without a call: Shopify's stock is where they want it. */
async function settleNetted(tx: SqlExecutor, netted: readonly CoalescedEntry<WaitingChange>[]): Promise<number> {
  const ids = netted.flatMap((entry) => entry.changes.map((change) => change.id));
  if (ids.length === 0) return 0;
  return tx.execute(
    `WITH settled AS (
       UPDATE changes SET state = 'applied', reason = 'netted', finished_at = now() WHERE id = ANY($1)
       RETURNING id, install_id, shop, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, 'change_applied', 'holdfast', id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta,
       '{"netted": true}'::jsonb FROM settled`,
    ids,
  );
}

type EntryToSend = CoalescedEntry<WaitingChange> & { readonly changeFrom: number | null };

/**
 * The next token of each stock, content and key, the first attempt, and whose the changes are: one statement, since each of five would be a
 * round trip with the stocks' rows locked. Tokens are taken in one order everywhere, and an entry is written once its token is.
 */
const FREEZE = `
WITH tokens AS (${nextTokens("$2", "$9", "$10")} RETURNING inventory_item_id, location_id, token),
mutation AS (
  INSERT INTO mutations (id, install_id, shop, key, state, operation, trace_id, owner_id, first_sent_at, resend_at)
  VALUES ($1::uuid, $2, $3, $4::uuid, 'open', $8, $5, $6, now(), now() + $7 * interval '1 millisecond') RETURNING first_sent_at),
frozen AS (
  INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, change_from, token)
  SELECT $1::uuid, e.position - 1, $2, e.item, e.location, e.delta, e.change_from, t.token
  FROM unnest($9::text[], $10::text[], $11::int[], $12::int[]) WITH ORDINALITY AS e(item, location, delta, change_from, position)
  JOIN tokens t ON t.inventory_item_id = e.item AND t.location_id = e.location
  RETURNING ${entryColumns()}),
attempt AS (INSERT INTO attempts (mutation_id, number, install_id, operation) VALUES ($1::uuid, 1, $2, $8)),
taken AS (UPDATE changes SET state = 'claimed', reason = NULL, mutation_id = $1::uuid WHERE id = ANY($13))
SELECT frozen.*, (SELECT first_sent_at FROM mutation) AS first_sent_at FROM frozen`;

async function freeze(
  tx: SqlExecutor,
  request: ClaimRequest,
  changeIds: readonly bigint[],
  toSend: readonly EntryToSend[],
): Promise<{ entries: MutationContentEntry[]; sentAt: Date; traceId: string }> {
  // The call carries the trace of its oldest change; the others are found through the mutation.
  const traceId = toSend[0]?.changes[0]?.traceId ?? "";
  const rows = await tx.query<EntryRow & { readonly first_sent_at: Date }>(
    FREEZE,
    request.mutationId,
    request.installId,
    request.shop,
    request.key,
    traceId,
    request.ownerId,
    request.resumeAfterMs,
    request.operation,
    toSend.map((entry) => entry.inventoryItemId),
    toSend.map((entry) => entry.locationId),
    toSend.map((entry) => entry.delta),
    toSend.map((entry) => entry.changeFrom),
    changeIds,
  );
  return { entries: toEntries(rows), sentAt: rows[0]?.first_sent_at ?? new Date(0), traceId };
}

export interface EntryRow {
  readonly position: number;
  readonly inventory_item_id: string;
  readonly location_id: string;
  readonly delta: number;
  readonly change_from: number | null;
  readonly token: bigint;
}

/** Of `mutation_entries`, for `toEntries`. */
export const ENTRY_COLUMNS = entryColumns();

function entryColumns(): string {
  return ["position", "inventory_item_id", "location_id", "delta", "change_from", "token"].map((column) => `mutation_entries.${column}`).join(", ");
}

export function toEntries(rows: readonly EntryRow[]): MutationContentEntry[] {
  return rows
    .map((row) => ({ position: row.position, inventoryItemId: row.inventory_item_id, locationId: row.location_id, delta: row.delta, changeFrom: row.change_from, token: row.token }))
    .toSorted((a, b) => a.position - b.position);
}

/** The next token of each stock, in one order everywhere. They grow strictly whatever happens to Redis: PostgreSQL issues them. */
export async function issueTokens(tx: SqlExecutor, installId: bigint, items: readonly string[], locations: readonly string[]): Promise<void> {
  await tx.execute(nextTokens("$1", "$2", "$3"), installId, items, locations);
}

function nextTokens(installId: string, items: string, locations: string): string {
  return `INSERT INTO fencing_tokens (install_id, inventory_item_id, location_id, token)
     SELECT ${installId}, s.item, s.location, 1 FROM unnest(${items}::text[], ${locations}::text[]) AS s(item, location) ORDER BY s.item, s.location
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET token = fencing_tokens.token + 1`;
}
