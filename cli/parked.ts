// Changes and orders that wait for a person.

import { type Command, installOf } from "./command.ts";

const ROWS_MAX = 250;

export const parkedList: Command = {
  does: "lists changes that wait for a person, newest first",
  options: "--shop S",
  async run(context) {
    const install = await installOf(context);
    const items = await context.composed.database.query<{ id: bigint; order_name: string | null; sku: string | null; delta: number; reason: string | null; outcome_unknown: boolean }>(
      `SELECT id, order_name, sku, delta, reason, outcome_unknown FROM changes WHERE install_id = $1 AND state = 'parked' ORDER BY id DESC LIMIT ${ROWS_MAX}`,
      install.installId,
    );
    const value = items.map((item) => ({
      id: String(item.id), orderName: item.order_name, sku: item.sku, delta: item.delta, reason: item.reason, outcomeUnknown: item.outcome_unknown,
    }));
    const lines = value.map((item) => `${item.id}  ${item.orderName ?? "-"}  ${item.sku ?? "-"}  ${item.delta}  ${item.reason ?? ""}${item.outcomeUnknown ? " (may have been applied)" : ""}`);
    return { ok: true, value: { items: value }, text: lines.join("\n") || "nothing is parked" };
  },
};
