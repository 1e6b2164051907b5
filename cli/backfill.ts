// Looks through a shop's orders at once for those whose notifications never came, as far back as the operator says.

import { backfillOrders, type BackfillPorts, passFrom, resumeFrom } from "#app/pipeline/backfill-orders.server.ts";
import type { OrderScan, ScanPosition } from "#app/ports/order-scan.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";

/** Shopify shows an app without `read_all_orders` no older orders. */
const BACK_MS_MAX = 60 * 24 * 3_600_000;
/** Rounds that end without a page in a row: Shopify does not answer, and the operator is told so rather than kept waiting. */
const IDLE_ROUNDS_MAX = 20;
const WAIT_MS_MAX = 60_000;

export const backfill: Command = {
  does: "finds orders whose notifications never came, and takes them in",
  options: "--shop S [--since ISO] [--dry-run]",
  async run(context) {
    await installOf(context);
    const { backfill: ports, clock } = context.composed;
    const scan = await ports.scans.find(context.options.shop ?? "");
    if (!scan) throw new Error(`Holdfast is not installed in ${context.options.shop}`);
    return lookThrough(ports, scan, beginAt(scan, context, clock.now()), context);
  },
};

/** Without `--since` where the worker's own looks have come to. */
function beginAt(scan: OrderScan, { options }: CommandContext, now: Date): Date {
  if (options.since === undefined) return resumeFrom(scan);
  const asked = Date.parse(options.since);
  if (Number.isNaN(asked)) throw new Error(`--since ${options.since} is no time; write it as 2026-11-01 or 2026-11-01T10:00:00Z`);
  return new Date(Math.max(asked, scan.installedAt.getTime(), now.getTime() - BACK_MS_MAX));
}

async function lookThrough(ports: BackfillPorts, scan: OrderScan, from: Date, { composed, options }: CommandContext): Promise<CommandAnswer> {
  const found = { examined: 0, unseen: [] as string[], changed: [] as string[] };
  const dryRun = options.dryRun ? { weighed: new Set<string>() } : null;
  let position: ScanPosition = { watermark: from, pass: passFrom(from, composed.clock.now()) };
  let idleRounds = 0;
  for (;;) {
    const round = await backfillOrders(ports, { scan, signal: new AbortController().signal, actor: "operator", position, keepPosition: false, dryRun });
    position = round.position;
    found.examined += round.examinedCount;
    found.unseen.push(...round.missed.unseen);
    found.changed.push(...round.missed.changed);
    if (round.complete) break;
    const read = round.missed.unseen.length + round.missed.changed.length;
    idleRounds = round.examinedCount + read === 0 ? idleRounds + 1 : 0;
    if (idleRounds > IDLE_ROUNDS_MAX) throw new Error(`Shopify does not answer; ${found.unseen.length + found.changed.length} orders were found so far`);
    await new Promise<void>((resume) => composed.clock.setTimer(Math.min(round.dueInMs, WAIT_MS_MAX), resume));
  }
  return toAnswer(scan.shop, from, found, options.dryRun);
}

function toAnswer(shop: string, from: Date, { examined, unseen, changed }: { examined: number; unseen: readonly string[]; changed: readonly string[] }, dryRun: boolean): CommandAnswer {
  const missed = unseen.length + changed.length;
  const value = { shop, from: from.toISOString(), dryRun, examined, missed, unseen, changed };
  const lines = [
    `${examined} orders of ${shop} looked at, updated since ${from.toISOString()}`,
    missed === 0 ? "no notification was missed" : `${missed} orders whose notifications never came${dryRun ? " would be taken in" : " were taken in"}: ${unseen.length} never heard of, ${changed.length} changed since`,
    ...unseen.map((orderId) => `  never heard of  ${orderId}`),
    ...changed.map((orderId) => `  changed since   ${orderId}`),
  ];
  return { ok: true, value, text: lines.join("\n") };
}
