// Counts, from the simulator's own send log, the mischief that the webhooks really met on their way.
import type { MischiefDone } from "../verdict/verdict.ts";
import type { SendLogEntry } from "./control-client.ts";

const lateMs = 5_000;

export function mischiefDone(log: readonly SendLogEntry[]): MischiefDone {
  const sends = log.flatMap((entry) => (entry.sentAt === null || entry.orderId === null ? [] : [{ ...entry, orderId: entry.orderId, sentAtMs: Date.parse(entry.sentAt) }]));
  const done: MischiefDone = { lateSends: 0, outOfOrderSends: 0, cancelsBeforeCreates: 0 };
  const byOrder = Map.groupBy(sends, ({ orderId }) => orderId);
  for (const ofOrder of byOrder.values()) {
    let newestTriggered = "";
    const firstSent = new Map<string, number>();
    for (const send of ofOrder.toSorted((a, b) => a.sentAtMs - b.sentAtMs)) {
      if (send.sentAtMs - Date.parse(send.triggeredAt) >= lateMs) done.lateSends += 1;
      if (send.triggeredAt < newestTriggered) done.outOfOrderSends += 1;
      else newestTriggered = send.triggeredAt;
      if (!firstSent.has(send.topic)) firstSent.set(send.topic, send.sentAtMs);
    }
    const [created, cancelled] = [firstSent.get("orders/create"), firstSent.get("orders/cancelled")];
    if (created !== undefined && cancelled !== undefined && cancelled < created) done.cancelsBeforeCreates += 1;
  }
  return done;
}

/** When the last webhook about an order left; null when none did. */
export function lastOrderSendMs(log: readonly SendLogEntry[]): number | null {
  const times = log.flatMap(({ orderId, sentAt }) => (orderId === null || sentAt === null ? [] : [Date.parse(sentAt)]));
  return times.length === 0 ? null : times.reduce((latest, time) => Math.max(latest, time));
}
