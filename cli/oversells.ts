// Stock that is promised and not there: list it, hold the fulfilment of an order left short, let it go, mark it as handled.

import { representOversell } from "#app/api/incident-representations.ts";
import { listOversells, OVERSELL_STATES, type OversellRow } from "#app/dashboard/queries/list-oversells.server.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { type ActOnOrder, holdFulfilment, markHandled, type OversellAnswer, releaseFulfilment } from "#app/detection/act-on-oversell.server.ts";
import { readId } from "#app/domain/gid.ts";
import { type Command, type CommandAnswer, type CommandContext, installOf } from "./command.ts";
import { readChoice, readPage } from "./selection.ts";

const ACTOR = "operator";

export const oversellsList: Command = {
  does: "lists oversold stock, newest first, with the orders left short",
  options: "--shop S [--state open|closed|all] [--limit N] [--cursor C]",
  async run({ composed, options }) {
    const install = await installOf({ composed, options });
    const state = readChoice("state", options.state, OVERSELL_STATES) ?? "open";
    const page = await listOversells(composed.database, { installId: install.installId, filter: { state }, page: readPage(options) });
    const lines = page.items.map(toLine);
    if (page.olderCursor !== null) lines.push(`more: --cursor ${page.olderCursor}`);
    return { ok: true, value: { items: page.items.map(representOversell), nextCursor: page.olderCursor }, text: lines.join("\n") || "nothing is oversold" };
  },
};

export const oversellsHold: Command = {
  does: "holds the fulfilment of an order left short, once however often it is said",
  options: "--shop S --id OVERSELL --order O [--dry-run]",
  run: (context) => act(context, "held", holdFulfilment),
};

export const oversellsRelease: Command = {
  does: "releases what Holdfast holds of an order, and no hold of others",
  options: "--shop S --id OVERSELL --order O [--dry-run]",
  run: (context) => act(context, "released", releaseFulfilment),
};

export const oversellsHandled: Command = {
  does: "marks an oversell as handled; it closes when stock says so",
  options: "--shop S --id OVERSELL [--reason T] [--dry-run]",
  async run(context) {
    const install = await installOf(context);
    const oversellId = oversellOf(context);
    if (context.options.dryRun) return { ok: true, value: { dryRun: true }, text: `oversell ${oversellId} would be marked as handled` };
    const answer = await markHandled(context.composed.detection, { installId: install.installId, oversellId, actor: ACTOR, note: context.options.reason ?? "" });
    return { ok: answer.kind === "done", value: { answer: answer.kind }, text: answer.kind === "done" ? `oversell ${oversellId} is marked as handled` : `not done: ${answer.kind}` };
  },
};

async function act(context: CommandContext, done: string, what: (ports: CommandContext["composed"]["detection"], request: ActOnOrder) => Promise<OversellAnswer>): Promise<CommandAnswer> {
  const { composed, options } = context;
  const install = await installOf(context);
  const oversellId = oversellOf(context);
  const orderId = options.order === undefined ? null : readId("Order", options.order);
  if (orderId === null) throw new Error("--order is missing: the order's number in Shopify's ids");
  // The operator acts for the app: there is no person's token here.
  const request = { installId: install.installId, shop: install.shop, oversellId, orderId, actor: ACTOR, accessToken: null };
  if (options.dryRun) return { ok: true, value: { dryRun: true }, text: `the fulfilment of order ${orderId} would be ${done}` };
  const answer = await what(composed.detection, request);
  return { ok: answer.kind === "done", value: answer, text: answer.kind === "done" ? `the fulfilment of order ${orderId} is ${done}` : `not done: ${answer.kind}${answer.kind === "rejected" ? ` (${answer.code})` : ""}` };
}

function oversellOf({ options }: CommandContext): bigint {
  const id = readRowId(options.id);
  if (id === null || options.ids.length > 1) throw new Error("--id is missing: the oversell's number");
  return id;
}

function toLine(row: OversellRow): string {
  const short = row.orders.filter(({ unitsShort }) => unitsShort > 0).map(({ name, orderId, unitsShort }) => `${name ?? orderId} ${unitsShort}`);
  return `${row.id} ${row.state} ${row.kind} ${row.sku ?? row.inventoryItemId} at ${row.locationName ?? row.locationId}: ${row.depth} too many${short.length > 0 ? `; short: ${short.join(", ")}` : ""}`;
}
