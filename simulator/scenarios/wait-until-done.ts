// Waits until nothing is left to do after a sale: no webhook on its way, nothing unfinished in the app, the stock as it should be.
import type { Effect } from "../verdict/effects.ts";
import type { AppUnderTest } from "./app-under-test.ts";
import type { ControlClient } from "./control-client.ts";

export type Waiting = {
  control: ControlClient;
  app: AppUnderTest;
  shop: string;
  expected: Iterable<Effect>;
  /** Gives up when nothing at all has moved for so long. */
  stillMs: number;
  limitMs: number;
  say: (text: string) => void;
};

/** `doneAtMs` is on the simulator's clock; null when it was given up. */
export type Outcome = { doneAtMs: number | null; unfinishedNotifications: number };

const pollMs = 250;
/** Webhooks that wait longer than any planned delay are Shopify's retries, minutes apart: its clock is moved to them. */
const patienceMs = 12_000;

export async function waitUntilDone(waiting: Waiting): Promise<Outcome> {
  const { control, app, shop, say } = waiting;
  const wanted = unitsByStock(waiting.expected);
  const written = new Map<string, number>();
  let seq = 0;
  let last = "";
  let [startedAt, movedAt] = [performance.now(), performance.now()];
  let idleSinceMs: number | null = null;
  let doneBefore = false;
  for (;;) {
    const entries = await control.truth(shop, seq);
    seq = entries.at(-1)?.seq ?? seq;
    for (const entry of entries) if (entry.cause.kind === "app" && entry.name === "available") addTo(written, entry, entry.delta);
    const [webhooks, unfinished, nowMs] = [await control.webhooks(), await app.unfinished(), await control.nowMs()];
    const quiet = webhooks.pending === 0 && webhooks.inFlight === 0;
    const idle = quiet && unfinished.notifications === 0 && unfinished.changes === 0;
    idleSinceMs = idle ? (idleSinceMs ?? nowMs) : null;
    const done = idle && same(wanted, written);
    // Seen twice: a change between two readings would show in the second.
    if (done && doneBefore) return { doneAtMs: idleSinceMs, unfinishedNotifications: 0 };
    doneBefore = done;
    const state = JSON.stringify([seq, webhooks.sends, webhooks.pending, unfinished]);
    if (state !== last) [last, movedAt] = [state, performance.now()];
    const stillForMs = performance.now() - movedAt;
    if (!quiet && webhooks.inFlight === 0 && stillForMs > patienceMs) {
      say(`${webhooks.pending} webhooks wait for a retry: moving Shopify's clock on`);
      await control.skipToPendingWebhooks();
      movedAt = performance.now();
    }
    if ((quiet && stillForMs > waiting.stillMs) || performance.now() - startedAt > waiting.limitMs) {
      return { doneAtMs: idleSinceMs, unfinishedNotifications: unfinished.notifications + webhooks.pending + webhooks.inFlight };
    }
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
}

type Place = { inventoryItemId: string; locationId: string };

function unitsByStock(effects: Iterable<Effect>): Map<string, number> {
  const units = new Map<string, number>();
  for (const effect of effects) addTo(units, effect, effect.units);
  return units;
}

function addTo(units: Map<string, number>, place: Place, change: number): void {
  const key = `${place.inventoryItemId}@${place.locationId}`;
  units.set(key, (units.get(key) ?? 0) + change);
}

function same(wanted: ReadonlyMap<string, number>, written: ReadonlyMap<string, number>): boolean {
  return [...new Set([...wanted.keys(), ...written.keys()])].every((key) => (wanted.get(key) ?? 0) === (written.get(key) ?? 0));
}
