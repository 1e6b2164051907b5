// Holds of a shop's own checkout for the operator: listed, shown, released one by one or all, decided when no order was seen.

import { representReservationRow } from "#app/api/represent-reservation.ts";
import { formatExact, plural } from "#app/dashboard/formatting.ts";
import { HOLD_DECISION_TERMS, holdTerm, ORDER_MAKING_TERMS, releaseAllSentences } from "#app/dashboard/hold-terms.ts";
import { holdHeading, isUndecided, stockName } from "#app/dashboard/hold-view.ts";
import { readShopifyIdFilter } from "#app/dashboard/queries/change-filter.ts";
import { readHoldNumbers } from "#app/dashboard/queries/hold-numbers.server.ts";
import type { PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { decodeReservationCursor, findReservation, listReservations, readReservationId, RESERVATION_STATES, type ReservationCursor, type ReservationFilter, type ReservationRow } from "#app/dashboard/queries/list-reservations.server.ts";
import { actorText } from "#app/dashboard/terms.ts";
import { decideHold } from "#app/reservations/decide-hold.server.ts";
import { releaseReservation } from "#app/reservations/end-reservation.server.ts";
import { releaseAllHolds } from "#app/reservations/release-all.server.ts";
import { type Command, type CommandContext, type CommandOptions, installOf } from "./command.ts";
import { readChoice, readPage } from "./selection.ts";

const ACTOR = "operator";
const WAITING_FOR = ["person", "refund"] as const;

export const reservationsList: Command = {
  does: "lists holds, newest first; --why: those that need a person's decision, or a refund",
  options: `--shop S [--state ${RESERVATION_STATES.join("|")}] [--why ${WAITING_FOR.join("|")}] [--order O] [--item I] [--limit N] [--cursor C]`,
  async run(context) {
    const { installId } = await installOf(context);
    const page = await listReservations(context.composed.database, { installId, filter: filterOf(context.options), page: pageOf(context.options) });
    const lines = page.items.map(toLine);
    if (page.olderCursor !== null) lines.push(`more: --cursor ${page.olderCursor}`);
    return { ok: true, value: { items: page.items.map(representReservationRow), nextCursor: page.olderCursor }, text: lines.join("\n") || "no holds" };
  },
};

export const reservationsShow: Command = {
  does: "shows one hold: its lines, what became of it, its order",
  options: "--shop S --id I",
  async run(context) {
    const [row] = await named(context, 1);
    return { ok: true, value: representReservationRow(row), text: describe(row) };
  },
};

export const reservationsRelease: Command = {
  does: "ends holds before their time; what was paid for stays",
  options: "--shop S --id I … [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const { installId } = await installOf(context);
    const outcomes: { readonly id: string; readonly outcome: string }[] = [];
    for (const { id, state } of await named(context)) {
      const would = state === "active" ? "ended" : state === "committed" ? "committed" : "already";
      const outcome = options.dryRun ? would : (await releaseReservation(composed.reservations, { installId, reservationId: id, by: ACTOR })).kind;
      outcomes.push({ id, outcome });
    }
    const texts: Readonly<Record<string, string>> = { ended: options.dryRun ? "would be released" : "released", already: "had ended before", committed: "not done: it is paid for", not_found: "not done: unknown" };
    return { ok: outcomes.every(({ outcome }) => outcome === "ended" || outcome === "already"), value: { dryRun: options.dryRun, outcomes }, text: outcomes.map(({ id, outcome }) => `${id}  ${texts[outcome] ?? outcome}`).join("\n") };
  },
};

export const reservationsReleaseAll: Command = {
  does: "ends every hold and puts back on sale what Shopify keeps aside, but for what is paid for",
  options: "--shop S [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    if (options.dryRun) {
      const { granted, held, settling } = await readHoldNumbers(composed.database, install.installId);
      return { ok: true, value: { dryRun: true, granted, held, settling }, text: releaseAllSentences({ granted, held, settling }).join("\n") };
    }
    const { reservations, units } = await releaseAllHolds(composed.reservations, { install, actor: ACTOR });
    return { ok: true, value: { dryRun: false, reservations, units }, text: `${plural(reservations, "hold")} with ${plural(units, "unit")} released; what Shopify keeps aside goes back by the shop's next turn` };
  },
};

export const reservationsDecide: Command = {
  does: "says of holds that were paid for and whose order nobody saw: sold, or back on sale",
  options: "--shop S --id I … --sold|--back --reason T [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    if (options.sold === options.back) throw new Error("say which: --sold or --back");
    const install = await installOf(context);
    const rows = await named(context);
    const outcomes: { readonly id: string; readonly outcome: string }[] = [];
    for (const row of rows) {
      if (options.dryRun) {
        outcomes.push({ id: row.id, outcome: isUndecided(row) ? "done" : "not_waiting" });
        continue;
      }
      const { kind } = await decideHold(composed.reservations, { install, reservationId: row.id, sold: options.sold, actor: ACTOR, note: options.reason ?? "" });
      if (kind.startsWith("note_")) throw new Error('--reason "why" is missing (at most 500 characters); it goes to the audit trail, so name no customers');
      outcomes.push({ id: row.id, outcome: kind });
    }
    const done = `${options.dryRun ? "would count: it " : "decided: it "}${HOLD_DECISION_TERMS[options.sold ? "sold" : "back"].done}`;
    const texts: Readonly<Record<string, string>> = { done, not_waiting: "not done: it does not wait for a decision", not_found: "not done: unknown" };
    return { ok: outcomes.every(({ outcome }) => outcome === "done"), value: { dryRun: options.dryRun, sold: options.sold, outcomes }, text: outcomes.map(({ id, outcome }) => `${id}  ${texts[outcome] ?? outcome}`).join("\n") };
  },
};

/** The holds that `--id` names; one that is not there stops the command before anything was done. */
async function named(context: CommandContext, countMax?: 1): Promise<readonly [ReservationRow, ...ReservationRow[]]> {
  const { ids } = context.options;
  if (ids.length === 0) throw new Error("--id <reservation> is missing");
  if (countMax !== undefined && ids.length > countMax) throw new Error("give one --id");
  const { installId, shop } = await installOf(context);
  const rows: ReservationRow[] = [];
  for (const text of ids) {
    const id = readReservationId(text);
    const row = id === null ? null : await findReservation(context.composed.database, installId, id);
    if (row === null) throw new Error(`${shop} has no hold ${text}`);
    rows.push(row);
  }
  const [first, ...others] = rows;
  if (first === undefined) throw new Error("--id <reservation> is missing");
  return [first, ...others];
}

function filterOf({ state, why, order, item }: CommandOptions): ReservationFilter {
  const chosen = readChoice("state", state, RESERVATION_STATES);
  const waiting = readChoice("why", why, WAITING_FOR);
  return {
    ...(chosen === undefined ? {} : { states: [chosen] }),
    ...(waiting === "person" ? { waitingForPerson: true } : {}),
    ...(waiting === "refund" ? { refundRequired: true } : {}),
    ...(order === undefined ? {} : { orderId: readId("order", "Order", order) }),
    ...(item === undefined ? {} : { inventoryItemId: readId("item", "InventoryItem", item) }),
  };
}

function readId(name: string, kind: "Order" | "InventoryItem", text: string): string {
  const reading = readShopifyIdFilter(kind, text);
  if (reading.kind !== "value") throw new Error(`--${name} is an id of Shopify's`);
  return reading.value;
}

function pageOf(options: CommandOptions): PageRequest<ReservationCursor> {
  const { limit } = readPage({ ...options, cursor: undefined });
  if (options.cursor === undefined) return { direction: "newest", limit };
  const cursor = decodeReservationCursor(options.cursor);
  if (cursor === null) throw new Error("--cursor is none that a list has answered");
  return { direction: "older", cursor, limit };
}

function toLine(row: ReservationRow): string {
  const until = row.state === "active" ? `until ${row.expiresAt.toISOString()}` : (row.finishedAt ?? row.createdAt).toISOString();
  const order = row.orderName ?? row.orderId;
  return [row.id, until, holdHeading(row.lines), holdTerm(row).label, ...(row.reference === null ? [] : [row.reference]), ...(order === null ? [] : [`order ${order}`])].join("  ");
}

function describe(row: ReservationRow): string {
  return [
    `${row.id}  ${holdTerm(row).label}`,
    holdTerm(row).meaning,
    ...row.lines.map((line) => `  ${line.quantity} × ${stockName(line)} (item ${line.inventoryItemId}) at ${line.locationName ?? line.locationId}${line.counts ? "" : ", nothing put aside"}`),
    `asked for ${exact(row.createdAt)}, lapse${row.state === "active" ? "s" : "d at the latest"} ${exact(row.expiresAt)}`,
    ...(row.finishedAt === null ? [] : [`ended ${exact(row.finishedAt)} by ${actorText(row.finishedBy ?? "holdfast")}${row.late ? ", late" : ""}`]),
    `order ${row.orderName ?? row.orderId ?? "none seen"}${row.making === null ? "" : `, ${ORDER_MAKING_TERMS[row.making]}${row.makingFailure === null ? "" : `: ${row.makingFailure}`}`}`,
    `reference ${row.reference ?? "-"}, payment ${row.paymentReference ?? "-"}, trace ${row.traceId}`,
  ].join("\n");
}

function exact(at: Date): string {
  return `${formatExact(at, "UTC")} UTC`;
}
