// Beside the way of the webhooks: looks for orders whose notifications never came, and feeds them in where absorption would have.
//
// A pass lists the orders updated in a stretch of time, page by page; what the book does not know, or knows only in an older version, is
// read and merged like every other read. The stretch begins before the watermark, because the search may show an update late, and ends
// before now, because a young update's notification is normally still on its way. A notification that comes afterwards finds its order
// known: order state is merged and effects have keys, so it does not matter which of the two was first.

import type { AdminFailure } from "#app/ports/admin-api.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { FedOrder, ListedPage, MissedOrders, OrderLister, OrderScan, OrderScanBook, ScanPass, ScanPosition, Suspect } from "#app/ports/order-scan.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import type { Timings } from "#app/ports/timings.ts";
import type { Waker } from "#app/ports/waker.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";

const MINUTE_MS = 60_000;

/** A shop whose orders were all looked through is looked at again after this. */
const PASS_EVERY_MS = 5 * MINUTE_MS;
/** An update younger than this is left for a later pass: its notification is normally still on its way. */
const GRACE_MS = 2 * MINUTE_MS;
/** How far before the watermark a pass begins. With the grace before it, an update may take 7 minutes to show in Shopify's search. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** Once a day a pass goes back this far, for what the search showed later than that. One point for an order. */
const LONG_OVERLAP_MS = 48 * 60 * MINUTE_MS;
const LONG_LOOK_EVERY_MS = 24 * 60 * MINUTE_MS;
/** Pages of one round; what is left waits behind the other shops. */
const PAGES_MAX = 5;

/** A pass over what was updated between `from` and the youngest update that is looked for. */
export function passFrom(from: Date, now: Date): ScanPass {
  return { from: wholeSecond(from.getTime()), until: wholeSecond(now.getTime() - GRACE_MS), cursor: null, long: false };
}

/** Where a look begins that goes on from the worker's own: like theirs somewhat before it, for what the search showed late. */
export function resumeFrom({ installedAt, watermark }: Pick<OrderScan, "installedAt" | "watermark">): Date {
  return new Date(Math.max(installedAt.getTime(), watermark.getTime() - OVERLAP_MS));
}

export interface BackfillPorts {
  readonly scans: OrderScanBook;
  readonly lister: OrderLister;
  readonly shopifyOrders: Pick<ShopifyOrders, "readOrders" | "limits">;
  readonly settings: Pick<SettingsStore, "current">;
  readonly budget: CostBudget;
  readonly waker: Pick<Waker, "wake">;
  readonly clock: Pick<Clock, "now">;
  readonly timings: Pick<Timings, "shopUnavailableDelayMs" | "readRetryDelayMs">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A fresh UUID. */
  readonly uuid: () => string;
}

export interface BackfillRequest {
  readonly scan: OrderScan;
  readonly signal: AbortSignal;
  /** `holdfast`, or the person who asked. */
  readonly actor: string;
  /** Where the pages of this round begin; the stored position when it is left out. */
  readonly position?: ScanPosition;
  /** The stored position is moved on. Without it the round leaves no trace but what it found. */
  readonly keepPosition: boolean;
  /** Set: nothing is written, only said. Holds the orders that were weighed already, over all rounds. */
  readonly dryRun: { readonly weighed: Set<string> } | null;
}

export interface BackfillRound {
  readonly examinedCount: number;
  readonly missed: MissedOrders;
  /** Everything was looked through; otherwise the next round goes on at `position`. */
  readonly complete: boolean;
  readonly position: ScanPosition;
  /** When the next round should be. */
  readonly dueInMs: number;
}

interface Round {
  readonly ports: BackfillPorts;
  readonly request: BackfillRequest;
  readonly traceId: string;
  examinedCount: number;
  readonly unseen: string[];
  readonly changed: string[];
}

/** One bounded round of one shop. What it found is committed page by page, so it may end, or die, anywhere. */
export async function backfillOrders(ports: BackfillPorts, request: BackfillRequest): Promise<BackfillRound> {
  const round: Round = { ports, request, traceId: ports.uuid(), examinedCount: 0, unseen: [], changed: [] };
  let position = request.position ?? request.scan;
  let complete = false;
  let dueInMs = 0;
  for (let page = 0; page < PAGES_MAX && !request.signal.aborted; page += 1) {
    const step = await lookThroughPage(round, position);
    position = step.position;
    if (step.kind === "later") {
      dueInMs = step.afterMs;
      break;
    }
    complete = position.pass === null;
    if (complete) {
      dueInMs = PASS_EVERY_MS;
      break;
    }
  }
  // Up to here all orders are known: bundles whose own stock waited for that may rise.
  if (complete && request.keepPosition && (await followsBundles(ports, request.scan.installId))) await ports.waker.wake(request.scan.shop);
  const { examinedCount, unseen, changed } = round;
  return { examinedCount, missed: { unseen, changed }, complete, position: { watermark: position.watermark, pass: position.pass }, dueInMs };
}

async function followsBundles({ settings }: BackfillPorts, installId: bigint): Promise<boolean> {
  const { mode, bundles } = await settings.current(installId);
  return mode === "enforce" && bundles.some(({ parentStock }) => parentStock === "derive");
}

type PageStep =
  | { readonly kind: "done"; readonly position: ScanPosition }
  /** The page is looked at again. */
  | { readonly kind: "later"; readonly afterMs: number; readonly position: ScanPosition };

async function lookThroughPage(round: Round, position: ScanPosition): Promise<PageStep> {
  const { scan } = round.request;
  const pass = position.pass ?? beginPass(round, position.watermark);
  const listed = await listPage(round, pass);
  if (listed.kind === "later") return { ...listed, position: await withoutCursor(round, position, listed.cursorInDoubt) };
  const suspects = await round.ports.scans.suspects(scan.installId, listed.orders);
  const { dryRun } = round.request;
  const read = await readSuspects(round, suspects.filter(({ orderId }) => !dryRun?.weighed.has(orderId)));
  const next = read.complete ? behindPage(position.watermark, pass, listed) : null;
  await feed(round, read.orders, next, pass);
  if (!next) return { kind: "later", afterMs: read.afterMs, position };
  round.examinedCount += listed.orders.length;
  return { kind: "done", position: next };
}

function beginPass({ ports, request: { scan } }: Round, watermark: Date): ScanPass {
  const now = ports.clock.now().getTime();
  const long = scan.longLookAt === null || now - scan.longLookAt.getTime() >= LONG_LOOK_EVERY_MS;
  const from = Math.max(scan.installedAt.getTime(), watermark.getTime() - (long ? LONG_OVERLAP_MS : OVERLAP_MS));
  return { ...passFrom(new Date(from), new Date(now)), long };
}

type Listing = ListedPage | { readonly kind: "later"; readonly afterMs: number; readonly cursorInDoubt: boolean };

async function listPage(round: Round, pass: ScanPass): Promise<Listing> {
  // The install is younger than the grace.
  if (pass.until < pass.from) return { kind: "ok", orders: [], nextCursor: null, cost: null };
  const { scan, signal } = round.request;
  const { lister } = round.ports;
  const context = { shop: scan.shop, signal, traceId: round.traceId };
  const called = await callWithinBudget(round.ports, scan.shop, lister.pageCost, () => lister.listUpdated(context, pass, wholeSecond(scan.installedAt.getTime())));
  if (called.kind === "later") return { ...called, cursorInDoubt: false };
  if (called.result.kind === "ok") return called.result;
  return { ...readFailed(round, called.result), cursorInDoubt: called.result.kind !== "throttled" };
}

/**
 * How Shopify refuses a cursor that it does not take any more is not documented, and it would be refused for ever. So after any failure
 * the pass goes on without it, from the second of the last order looked at.
 */
async function withoutCursor({ ports, request }: Round, position: ScanPosition, inDoubt: boolean): Promise<ScanPosition> {
  if (!inDoubt || !position.pass || position.pass.cursor === null) return position;
  if (request.keepPosition) await ports.scans.dropCursor(request.scan.installId);
  return { ...position, pass: { ...position.pass, cursor: null } };
}

/** Everything up to the last order of the page was looked at; others of its second may follow, which the cursor knows. */
function behindPage(watermark: Date, pass: ScanPass, page: ListedPage): ScanPosition {
  const last = page.orders.at(-1)?.updatedAt;
  if (page.nextCursor === null || last === undefined) return { watermark: later(watermark, pass.until), pass: null };
  return { watermark: later(watermark, new Date(last)), pass: { ...pass, from: new Date(last), cursor: page.nextCursor } };
}

async function readSuspects(round: Round, suspects: readonly Suspect[]): Promise<{ complete: boolean; afterMs: number; orders: FedOrder[] }> {
  const { shopifyOrders } = round.ports;
  const { scan, signal } = round.request;
  const questions = new Map(suspects.map((suspect) => [suspect.orderId, suspect.questionCount]));
  const ids = [...questions.keys()];
  const { idsMax, estimateCost } = shopifyOrders.limits.orders;
  const orders: FedOrder[] = [];
  for (let start = 0; start < ids.length; start += idsMax) {
    if (signal.aborted) return { complete: false, afterMs: 0, orders };
    const batch = ids.slice(start, start + idsMax);
    const called = await callWithinBudget(round.ports, scan.shop, estimateCost(batch.length), () =>
      shopifyOrders.readOrders({ shop: scan.shop, signal, traceId: round.traceId }, batch),
    );
    if (called.kind === "later") return { complete: false, afterMs: called.afterMs, orders };
    if (called.result.kind !== "ok") return { complete: false, afterMs: readFailed(round, called.result).afterMs, orders };
    // One that is gone by now was deleted: nothing is known of what it took.
    orders.push(...called.result.found.map((version) => ({ orderId: version.id, questionCount: questions.get(version.id) ?? 0, version })));
  }
  return { complete: true, afterMs: 0, orders };
}

async function feed(round: Round, orders: readonly FedOrder[], next: ScanPosition | null, pass: ScanPass): Promise<void> {
  const { ports, request } = round;
  const { scan, dryRun, keepPosition, actor } = request;
  const position = keepPosition ? next : null;
  if (orders.length === 0 && (position === null || dryRun)) return;
  for (const { orderId } of orders) dryRun?.weighed.add(orderId);
  const missed = dryRun
    ? await ports.scans.weigh(scan.installId, orders)
    : await ports.scans.feed(scan.installId, { orders, position, longLookAt: position?.pass === null && pass.long ? pass.until : null, traceId: round.traceId, actor });
  round.unseen.push(...missed.unseen);
  round.changed.push(...missed.changed);
  if (dryRun || missed.unseen.length + missed.changed.length === 0) return;
  ports.metrics.missedOrders("unseen", missed.unseen.length);
  ports.metrics.missedOrders("changed", missed.changed.length);
  ports.logger.warn({ shop: scan.shop, traceId: round.traceId, unseenCount: missed.unseen.length, changedCount: missed.changed.length }, "orders were found whose notifications never came");
  await ports.waker.wake(scan.shop);
}

function readFailed(round: Round, failure: AdminFailure): { kind: "later"; afterMs: number } {
  const { timings, logger } = round.ports;
  logger.warn({ shop: round.request.scan.shop, failure }, "the back-fill could not read from Shopify");
  switch (failure.kind) {
    case "throttled":
      return { kind: "later", afterMs: failure.waitMs };
    case "refused":
      return { kind: "later", afterMs: timings.shopUnavailableDelayMs };
    case "unknown":
      return { kind: "later", afterMs: timings.readRetryDelayMs };
  }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1_000) * 1_000);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
