// The notifications that Shopify sent: the operator lists them and has stored ones worked on once more.

import { plural } from "#app/dashboard/formatting.ts";
import { DELIVERY_STATES, listDeliveries } from "#app/dashboard/queries/list-deliveries.server.ts";
import { REPLAY_REFUSAL_TERMS } from "#app/dashboard/terms.ts";
import { readId } from "#app/domain/gid.ts";
import type { ReplayRefusal } from "#app/domain/review.ts";
import { replayDeliveries } from "#app/review/replay-deliveries.server.ts";
import { type Command, type CommandContext, installOf } from "./command.ts";
import { readChoice, readPage, selectedIds, Totals } from "./selection.ts";

const ACTOR = "operator";

export const deliveriesList: Command = {
  does: "lists notifications, newest first",
  options: "--shop S [--state STATE] [--order ID] [--limit N] [--cursor C]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const page = await listDeliveries(composed.database, { installId: install.installId, filter: filterOf(context), page: readPage(options) });
    const value = { items: page.items.map((item) => ({ ...item, id: String(item.id) })), nextCursor: page.olderCursor };
    const lines = page.items.map((item) => `${item.id}  ${item.receivedAt.toISOString()}  ${item.topic}  ${item.orderName ?? item.orderId ?? "-"}  ${item.state}${item.reason === null ? "" : `: ${item.reason}`}  ${item.webhookId}`);
    if (page.olderCursor !== null) lines.push(`more: --cursor ${page.olderCursor}`);
    return { ok: true, value, text: lines.join("\n") || "no notifications" };
  },
};

export const deliveriesReplay: Command = {
  does: "has stored notifications worked on once more; what was known before changes nothing",
  options: "--shop S (--id I … | --state STATE | --order ID | --all) [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const filter = filterOf(context);
    const totals = new Totals<ReplayRefusal | "not_found">();
    const list = (page: Parameters<typeof listDeliveries>[1]["page"]) => listDeliveries(composed.database, { installId: install.installId, filter, page });
    for await (const deliveryIds of selectedIds(options, Object.keys(filter).length > 0, list)) {
      const answer = await replayDeliveries(composed.review, { install, deliveryIds, actor: ACTOR, dryRun: options.dryRun });
      if (answer.kind === "not_installed") throw new Error(`Holdfast is no longer installed in ${install.shop}`);
      totals.add(answer.doneIds, answer.refused);
    }
    const refused = totals.refused.map(({ code, ids }) => ({ code, message: REPLAY_REFUSAL_TERMS[code], ids }));
    const lines = [
      `${plural(totals.doneIds.length, "notification")} ${options.dryRun ? "would be" : "will be"} worked on once more`,
      ...refused.map(({ message, ids }) => `not done: ${plural(ids.length, "notification")} ${message}: ${ids.join(" ")}`),
    ];
    return { ok: refused.length === 0, value: { dryRun: options.dryRun, doneIds: totals.doneIds, refused }, text: lines.join("\n") };
  },
};

function filterOf({ options }: CommandContext) {
  const state = readChoice("state", options.state, DELIVERY_STATES);
  const orderId = options.order === undefined ? undefined : readId("Order", options.order);
  if (orderId === null) throw new Error("--order is the id of an order: a number or gid://shopify/Order/…");
  return { ...(state === undefined ? {} : { state }), ...(orderId === undefined ? {} : { orderId }) };
}
