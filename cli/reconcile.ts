// Compares a shop, or one item of it, with Shopify at once.

import { randomUUID } from "node:crypto";

import { reconcileItem } from "#app/reconcile/reconcile-item.server.ts";
import { SCAN_LEASE_MS, scanRound } from "#app/reconcile/scan-shop.server.ts";
import { readId } from "#app/domain/gid.ts";
import type { Difference, StockScan } from "#app/ports/stock-scan.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";

const WAIT_MS_MAX = 60_000;
/** Looks at a scan that another process is at, or that has to wait; after them the operator is told that it goes on by itself. */
const LOOKS_MAX = 120;

export const reconcile: Command = {
  does: "compares stock with Shopify: all of it, or one item; --dry-run only with --item",
  options: "--shop S [--item I] [--dry-run]",
  async run(context) {
    const install = await installOf(context);
    const { item, dryRun } = context.options;
    if (item !== undefined) return compareItem(context, install, item);
    if (dryRun) throw new Error("--dry-run goes with --item: a scan of everything takes Shopify's numbers over as it finds them");
    return compareAll(context, install.installId);
  },
};

async function compareItem({ composed, options }: CommandContext, install: { installId: bigint; shop: string }, item: string): Promise<CommandAnswer> {
  const inventoryItemId = readId("InventoryItem", item);
  if (inventoryItemId === null) throw new Error(`--item ${item} is no id of an inventory item`);
  const answer = await reconcileItem(composed.reconcile, { install, inventoryItemId, actor: "operator", dryRun: options.dryRun, signal: new AbortController().signal });
  if (answer.kind === "later") throw new Error(`Shopify cannot be asked now; try again in ${Math.ceil(answer.afterMs / 1_000)} s`);
  const lines = [
    `item ${inventoryItemId} of ${install.shop}: ${answer.places.length} places compared, ${answer.differences.length} differ${options.dryRun ? "; nothing was written" : ""}`,
    ...answer.differences.map(toLine),
    ...answer.unsettled.map(({ locationId }) => `  at ${locationId}: something is on its way there; ask again in a minute`),
  ];
  return { ok: true, value: { shop: install.shop, inventoryItemId, dryRun: options.dryRun, differences: answer.differences, unsettled: answer.unsettled }, text: lines.join("\n") };
}

function toLine({ locationId, shopify, known, explanation }: Difference): string {
  const proposal = explanation.proposal === null ? "" : `; proposed: ${explanation.proposal.delta}`;
  return `  at ${locationId}: Shopify ${shopify ?? "-"}, known ${known ?? "-"}: ${explanation.kind.replaceAll("_", " ")}${proposal}`;
}

async function compareAll({ composed }: CommandContext, installId: bigint): Promise<CommandAnswer> {
  const { clock } = composed;
  const ports = { ...composed.reconcile, ownerId: `operator/${randomUUID()}` };
  const asked = await ports.scans.ask({ installId, requestedBy: "operator" });
  if (!asked) throw new Error("Holdfast is no longer installed there");
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const [taken] = await ports.scans.takeOne({ installId, ownerId: ports.ownerId, leaseMs: SCAN_LEASE_MS });
    const end = taken ? await scanRound(ports, taken, new AbortController().signal) : null;
    const scan = await ports.scans.find(installId, asked.scanId);
    if (!scan || scan.state === "done" || scan.state === "failed") return toAnswer(scan);
    const waitMs = end?.kind === "later" ? end.afterMs : 1_000;
    await new Promise<void>((resume) => clock.setTimer(Math.min(Math.max(waitMs, 100), WAIT_MS_MAX), resume));
  }
  return { ok: true, value: { scanId: String(asked.scanId), state: "under_way" }, text: `scan ${asked.scanId} takes longer; the worker goes on with it` };
}

function toAnswer(scan: StockScan | null): CommandAnswer {
  if (!scan) return { ok: false, value: null, text: "the scan is gone" };
  const { id, shop, state, levelCount, driftCount } = scan;
  const text = state === "done" ? `scan ${id} of ${shop}: ${levelCount} levels compared, ${driftCount} mismatches` : `scan ${id} of ${shop} failed; the worker begins another in an hour`;
  return { ok: state === "done", value: { scanId: String(id), shop, state, levels: levelCount, drifts: driftCount }, text };
}
