// One round of a comparison of a shop with Shopify: begun, waited for, its file compared, what differed read once more, the ledger checked.
//
//   starting ─► running ─► reading ─► confirming ─► done
//       ▲          └───────────┴── cut, expired, cancelled, failed: what a partial file holds is used, then another operation
//
// Each step is durable before the next one begins, and the operation's id before anything is waited for: a worker that dies anywhere leaves
// the scan to the next. An operation that Shopify began and nobody wrote down is found again by the name of its query.

import { assertNever } from "#app/domain/invariant.ts";
import type { BulkAnswer, BulkOperation, BulkStart, FileEnd } from "#app/ports/bulk-operations.ts";
import type { ScanHold, StockScan } from "#app/ports/stock-scan.ts";
import { checkLedger, confirmCandidates } from "./confirm-differences.server.ts";
import type { ReconcilePorts } from "./reconcile-ports.ts";
import { delayAfter, spendPoints } from "./spend-points.server.ts";

/** How much of the past is read on day one: what Shopify shows an app without `read_all_orders`. */
const ORDERS_BACK_MS = 60 * 24 * 3_600_000;
/** The shop runs all operations that it may: others' have the precedence. */
const BUSY_DELAY_MS = 60_000;
/** A location that was closed without a word is found with the stock: the list is read with each scan, not with each try of its beginning. */
const LOCATIONS_AGE_MS_MAX = 5 * 60_000;
/** What a worker that died leaves behind is taken up after this; each piece of the file renews it. */
export const SCAN_LEASE_MS = 2 * 60_000;

export type RoundEnd = { readonly kind: "go_on" } | { readonly kind: "later"; readonly afterMs: number } | { readonly kind: "over" } | { readonly kind: "lost" };

interface Round {
  readonly ports: ReconcilePorts;
  readonly scan: StockScan;
  readonly hold: ScanHold;
  readonly signal: AbortSignal;
}

/** One step; `go_on` when the next one may follow at once, with the scan read anew. */
export async function scanStep(ports: ReconcilePorts, scan: StockScan, signal: AbortSignal): Promise<RoundEnd> {
  const round: Round = { ports, scan, hold: { scanId: scan.id, ownerId: ports.ownerId, leaseMs: SCAN_LEASE_MS }, signal };
  switch (scan.state) {
    case "starting":
      return begin(round);
    case "running":
      return lookAfter(round);
    case "reading":
      return readFile(round);
    case "confirming":
      return confirm(round);
    case "done":
    case "failed":
      return { kind: "over" };
    default:
      return assertNever(scan.state);
  }
}

/** Steps until one has to wait. Hands the scan back with the time of its next round. */
export async function scanRound(ports: ReconcilePorts, taken: StockScan, signal: AbortSignal): Promise<RoundEnd> {
  const hold: ScanHold = { scanId: taken.id, ownerId: ports.ownerId, leaseMs: SCAN_LEASE_MS };
  let end: RoundEnd = { kind: "later", afterMs: ports.timings.shopUnavailableDelayMs };
  try {
    let scan: StockScan | null = taken;
    while (scan) {
      end = await scanStep(ports, scan, signal);
      if (end.kind !== "go_on" || signal.aborted) break;
      scan = await ports.scans.find(scan.installId, scan.id);
    }
    return end;
  } finally {
    if (end.kind !== "lost") await ports.scans.release(hold, end.kind === "later" ? end.afterMs : 0);
  }
}

async function begin(round: Round): Promise<RoundEnd> {
  const { ports, scan, hold } = round;
  const known = await readLocations(round);
  if (known.kind === "later") return known;
  const name = `Holdfast${scan.kind === "stock" ? "Stock" : "Order"}Scan_${scan.id}_${scan.operationCount}`;
  if (scan.startAsked) {
    const before = await ask(round, () => ports.bulk.find(contextOf(round), name));
    if (before.kind === "later") return before;
    if (before.operation) return kept(await ports.scans.advance(hold, { to: "running", operation: before.operation }));
  }
  if (!(await ports.scans.advance(hold, { to: "asked" }))) return { kind: "lost" };
  const createdFrom = new Date(scan.installedAt.getTime() - ORDERS_BACK_MS);
  const called = await spendPoints(ports, scan.shop, ports.bulk.costs.start, () => ports.bulk.start(contextOf(round), scan.kind === "stock" ? { kind: "stock", name } : { kind: "orders", name, createdFrom }));
  return called.kind === "later" ? called : started(round, called.result);
}

async function started({ ports, scan, hold }: Round, result: BulkStart): Promise<RoundEnd> {
  switch (result.kind) {
    case "started":
      return kept(await ports.scans.advance(hold, { to: "running", operation: result.operation }));
    case "busy":
      return { kind: "later", afterMs: BUSY_DELAY_MS };
    case "unfit":
      if (!(await ports.scans.advance(hold, { to: "failed", failure: result.message }))) return { kind: "lost" };
      ports.metrics.scan("failed");
      return { kind: "go_on" };
    default:
      return { kind: "later", afterMs: delayAfter(ports, scan.shop, result) };
  }
}

/** The names of locations, and which of them ship. */
async function readLocations({ ports, scan, signal }: Round): Promise<RoundEnd> {
  if (!(await ports.locations.isStale(scan.installId, LOCATIONS_AGE_MS_MAX))) return { kind: "go_on" };
  const called = await spendPoints(ports, scan.shop, ports.shopifyInventory.limits.locations.estimateCost(1), () => ports.shopifyInventory.readLocations({ shop: scan.shop, signal }));
  if (called.kind === "later") return called;
  if (called.result.kind !== "ok") return { kind: "later", afterMs: delayAfter(ports, scan.shop, called.result) };
  await ports.locations.store(scan.installId, called.result.found);
  return { kind: "go_on" };
}

async function lookAfter(round: Round): Promise<RoundEnd> {
  const { ports, scan, hold } = round;
  const answer = await ask(round, () => ports.bulk.look(contextOf(round), scan.operationGid ?? ""));
  if (answer.kind === "later") return answer;
  const { operation } = answer;
  if (!operation) return anew(round, "Shopify does not know the operation any more");
  switch (operation.status) {
    case "CREATED":
    case "RUNNING":
    case "CANCELING":
      return waitFor(round, operation);
    case "COMPLETED":
      if (operation.url === null) return kept(await ports.scans.advance(hold, { to: "confirming", settleMs: ports.limits.settleMs }));
      return kept(await ports.scans.advance(hold, { to: "reading", url: operation.url, partial: false, objectCount: operation.objectCount }));
    case "FAILED":
    case "CANCELED":
    case "EXPIRED":
      if (operation.partialUrl !== null) return kept(await ports.scans.advance(hold, { to: "reading", url: operation.partialUrl, partial: true, objectCount: operation.objectCount }));
      return anew(round, `${operation.status}: ${operation.errorCode ?? "no reason given"}`);
    default:
      return assertNever(operation.status);
  }
}

async function waitFor(round: Round, operation: BulkOperation): Promise<RoundEnd> {
  const { ports, scan, hold } = round;
  const { pollMsMin, pollMsMax, stillMsMax } = ports.limits;
  const stands = operation.objectCount <= scan.objectCount && scan.stillForMs >= stillMsMax;
  if (stands && !scan.cancelAsked) {
    const cancelled = await ask(round, () => ports.bulk.cancel(contextOf(round), operation.id));
    if (cancelled.kind === "later") return cancelled;
  }
  // Called off and still there after as long again: it is left to itself.
  if (stands && scan.cancelAsked) return anew(round, "it did not end");
  if (!(await ports.scans.advance(hold, { to: "looked", objectCount: operation.objectCount, cancelAsked: scan.cancelAsked || stands }))) return { kind: "lost" };
  return { kind: "later", afterMs: Math.min(pollMsMin * 2 ** Math.min(scan.pollCount, 20), pollMsMax) };
}

async function readFile(round: Round): Promise<RoundEnd> {
  const { ports, scan, hold, signal } = round;
  const { scans, limits } = ports;
  let lost = false;
  const keep = async (writing: Promise<boolean>) => {
    lost = !(await writing);
    return !lost && !signal.aborted;
  };
  const file = { url: scan.url ?? "", skipLines: scan.lineCount, signal };
  const end: FileEnd =
    scan.kind === "stock"
      ? await ports.bulk.readStock({ ...file, take: (chunk, lineCount) => keep(scans.compare(hold, chunk, lineCount, limits.settleMs)) })
      : await ports.bulk.readOrders({ ...file, take: (orders, lineCount) => keep(scans.storeOrders(hold, orders, lineCount)) });
  if (lost) return { kind: "lost" };
  switch (end.kind) {
    case "stopped":
      return { kind: "later", afterMs: 0 };
    case "gone":
      return anew(round, "the file is gone");
    case "broken":
      return brokenFile(round, end.cause);
    case "end":
      // A file that ends before its last line was cut without anybody saying so.
      if (!scan.partial && end.lineCount < scan.objectCount) return brokenFile(round, `${end.lineCount} lines instead of ${scan.objectCount}`);
      return scan.partial ? anew(round, "the operation ended before everything was read") : kept(await scans.advance(hold, { to: "confirming", settleMs: limits.settleMs }));
    default:
      return assertNever(end);
  }
}

/** The same file is tried as often as operations would be: each look at it that brought no line forward counts. */
async function brokenFile(round: Round, cause: string): Promise<RoundEnd> {
  const { ports, scan } = round;
  const now = await ports.scans.find(scan.installId, scan.id);
  if (now && now.lineCount > scan.lineCount) {
    ports.logger.warn({ shop: scan.shop, scanId: scan.id, cause }, "the file of a scan broke off; it is read on");
    return { kind: "later", afterMs: ports.timings.readRetryDelayMs };
  }
  return anew(round, cause);
}

async function anew({ ports, scan, hold }: Round, cause: string): Promise<RoundEnd> {
  ports.logger.warn({ shop: scan.shop, scanId: scan.id, operation: scan.operationGid, cause }, "a bulk operation did not bring everything");
  const step = scan.operationCount + 1 >= ports.limits.operationsMax ? ({ to: "failed", failure: cause } as const) : ({ to: "starting" } as const);
  if (!(await ports.scans.advance(hold, step))) return { kind: "lost" };
  ports.metrics.scan(step.to === "failed" ? "failed" : "partial");
  return { kind: "later", afterMs: ports.timings.readRetryDelayMs };
}

async function confirm(round: Round): Promise<RoundEnd> {
  const { ports, scan, hold, signal } = round;
  if (scan.kind === "stock") {
    const left = await confirmCandidates(ports, scan, signal);
    if (left.kind === "later") return left;
    const checked = await checkLedger(ports, scan, signal);
    if (checked.kind === "later") return checked;
  }
  if (!(await ports.scans.advance(hold, { to: "done" }))) return { kind: "lost" };
  ports.metrics.scan("completed");
  ports.logger.info({ shop: scan.shop, scanId: scan.id, kind: scan.kind, levelCount: scan.levelCount, orderCount: scan.orderCount, driftCount: scan.driftCount }, "the shop was compared with Shopify");
  return { kind: "over" };
}

type Asked = { readonly kind: "ok"; readonly operation: BulkOperation | null } | { readonly kind: "later"; readonly afterMs: number };

async function ask({ ports, scan }: Round, call: () => Promise<BulkAnswer>): Promise<Asked> {
  const called = await spendPoints(ports, scan.shop, ports.bulk.costs.look, call);
  if (called.kind === "later") return called;
  return called.result.kind === "ok" ? called.result : { kind: "later", afterMs: delayAfter(ports, scan.shop, called.result) };
}

function contextOf({ scan, signal }: Round) {
  return { shop: scan.shop, signal };
}

function kept(held: boolean): RoundEnd {
  return held ? { kind: "go_on" } : { kind: "lost" };
}
