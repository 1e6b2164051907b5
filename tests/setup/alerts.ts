// Alerts in a test: incidents raised by hand, and the steps of the alert service taken until nothing waits.
import { raiseAlert } from "#app/adapters/prisma/raise-alert.ts";
import type { AlertPorts } from "#app/alerts/alert-ports.ts";
import { type AlertEvent, type AlertFacts, NO_ALERT_FACTS } from "#app/domain/alert-event.ts";
import type { AlertTarget } from "#app/domain/settings.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { fanOutStep, sendStep } from "../../worker/alert-service.ts";

export type Told = Pick<AlertEvent, "subject" | "stage"> & { readonly kind?: AlertEvent["kind"]; readonly facts?: Partial<AlertFacts> };

export const OVERSOLD: AlertFacts = {
  ...NO_ALERT_FACTS,
  title: "Blue shirt - M",
  sku: "BS-M",
  variantId: "11",
  inventoryItemId: "22",
  locationId: "33",
  locationName: "Berlin",
  depth: 3,
  orders: [{ orderId: "44", name: "#1002", units: 2 }, { orderId: "45", name: "#1003", units: 1 }],
  detail: { kind: "oversold" },
};

export function raise(house: House, { shop, installId }: HouseShop, { kind = "oversell", facts = {}, ...event }: Told): Promise<boolean> {
  return house.composed.database.transaction((tx) => raiseAlert(tx, { installId, shop, kind, ...event, facts: { ...OVERSOLD, ...facts } }));
}

export function target(change: Pick<AlertTarget, "kind" | "target"> & Partial<AlertTarget>): AlertTarget {
  return { on: ["oversell", "conflict", "drift", "parked", "webhook_lag", "webhook_errors", "mutation_failures", "lock_waits", "deadlocks"], threshold: {}, ...change };
}

const RUNNING = new AbortController().signal;

/** One round of one worker: everything that is due now. */
export async function workOnAlerts(ports: AlertPorts): Promise<number> {
  await fanOutStep(ports, RUNNING);
  return sendStep(ports, RUNNING);
}

/** As if the time had passed for which lanes were told to wait, and the leases of dead workers had run out. Quiet times stay. */
export async function letAlertsBeDue(house: House): Promise<void> {
  await house.composed.database.execute(
    `UPDATE alert_lanes SET leased_until = CASE WHEN lease_id IS NULL THEN NULL ELSE now() END, due_at = CASE WHEN due_at IS NULL THEN NULL ELSE now() END`,
  );
}

export interface MessageRow {
  readonly channel_kind: string;
  readonly kind: string;
  readonly subject: string;
  readonly stage: string;
  readonly state: string;
  readonly attempt_count: number;
  readonly last_error: string | null;
}

export function messagesOf(house: House, { installId }: HouseShop): Promise<MessageRow[]> {
  return house.composed.database.query(`SELECT channel_kind, kind, subject, stage, state, attempt_count, last_error FROM alert_messages WHERE install_id = $1 ORDER BY id`, installId);
}

/** For a failure to tell: what became of each message, and when its lane goes on by the database's clock. */
export async function outboxOf(house: House, shop: HouseShop): Promise<string> {
  const lanes = await house.composed.database.query(
    `SELECT channel, kind, last_sent_at, due_at, leased_until, failure_count, clock_timestamp() AS asked_at FROM alert_lanes WHERE install_id = $1`,
    shop.installId,
  );
  return JSON.stringify({ messages: await messagesOf(house, shop), lanes });
}
