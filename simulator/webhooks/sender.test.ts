import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createManualWall } from "../testing/manual-wall.ts";
import { createClock } from "../world/clock.ts";
import { createRandom } from "../world/random.ts";
import type { WebhookSubscription } from "../options.ts";
import type { Parcel, PostOutcome } from "./post.ts";
import { RETRY_SPAN_MS } from "./retry-schedule.ts";
import { WebhookSender } from "./sender.ts";

const HOUR_MS = 3_600_000;

/** A sender on a clock that stands still, whose app answers what `answer` says. */
function setUp(answer: (parcel: Parcel, index: number) => PostOutcome | Promise<PostOutcome>, subscriptions: WebhookSubscription[] = [{ topic: "orders/create", uri: "/webhooks" }]) {
  const wall = createManualWall();
  const clock = createClock(Date.UTC(2026, 0, 1), wall);
  const parcels: (Parcel & { atMs: number })[] = [];
  const sender = new WebhookSender({
    clock,
    random: createRandom(7),
    poster: {
      async post(parcel) {
        parcels.push({ ...parcel, atMs: clock.nowMs() });
        return answer(parcel, parcels.length - 1);
      },
      close: () => undefined,
    },
    subscriptions,
    concurrency: 50,
    apiVersion: "2026-10",
    secret: "secret",
    appUrl: () => "http://app.example",
    nestedIncludeFields: () => true,
  });
  const emit = (topic: string, payload: Record<string, unknown>) => sender.emit({ topic, shop: "acme.myshopify.com", eventId: "event-1", triggeredAtMs: clock.nowMs(), payload });
  return { sender, clock, parcels, emit };
}

const ok: PostOutcome = { kind: "answered", status: 200, body: "" };
const down: PostOutcome = { kind: "failed", reason: "timeout" };
const webhookIds = (parcels: Parcel[]) => parcels.map(({ headers }) => headers["X-Shopify-Webhook-Id"]);

async function sendWithMischief(seed: number) {
  const { sender, clock, parcels, emit } = setUp(() => ok);
  sender.setPlan({ seed, duplicates: { rate: 0.5, copies: 2 }, late: { rate: 0.2, delayMs: 5_000 }, reorder: { rate: 0.3, withinMs: 500 }, loss: { rate: 0.1 } });
  const start = clock.nowMs();
  for (let id = 0; id < 200; id += 1) emit("orders/create", { id });
  await sender.drain(true);
  return { order: parcels.map(({ body, atMs }) => `${body.toString()} ${atMs - start}`), counters: sender.counters() };
}

describe("the webhook sender", () => {
  it("signs the body and says topic, shop, version, ids and the nanosecond it was triggered", async () => {
    const { sender, parcels, emit } = setUp(() => ok);
    emit("orders/create", { id: 1 });
    await sender.drain(false);
    const [sent] = parcels;
    expect(sent?.url).toBe("http://app.example/webhooks");
    expect(sent?.headers).toMatchObject({
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-Shop-Domain": "acme.myshopify.com",
      "X-Shopify-API-Version": "2026-10",
      "X-Shopify-Event-Id": "event-1",
      "X-Shopify-Triggered-At": "2026-01-01T00:00:00.000000000Z",
      "X-Shopify-Hmac-Sha256": createHmac("sha256", "secret").update('{"id":1}').digest("base64"),
    });
  });

  it("tries eight times more over four hours, each wait longer, with the first payload and the same webhook id, then gives up", async () => {
    const { sender, parcels, emit } = setUp(() => down);
    const payload = { id: 1 };
    emit("orders/create", payload);
    payload.id = 2;
    await sender.drain(true);
    expect(parcels).toHaveLength(9);
    expect(new Set(webhookIds(parcels)).size).toBe(1);
    expect(new Set(parcels.map(({ body }) => body.toString()))).toEqual(new Set(['{"id":1}']));
    const waits = parcels.slice(1).map(({ atMs }, index) => atMs - (parcels[index]?.atMs ?? 0));
    expect(waits.every((wait, index) => index === 0 || wait > (waits[index - 1] ?? 0))).toBe(true);
    expect((parcels[8]?.atMs ?? 0) - (parcels[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(RETRY_SPAN_MS);
    expect((parcels[8]?.atMs ?? 0) - (parcels[0]?.atMs ?? 0)).toBeLessThan(RETRY_SPAN_MS + 1_000);
    expect(sender.counters()).toMatchObject({ sends: 9, failed: 9, abandoned: 1, pending: 0, inFlight: 0 });
  });

  it("takes only 2xx for an acknowledgement and stops at the first", async () => {
    const answers = [302, 500, 204];
    const { sender, parcels, emit } = setUp((_parcel, index) => ({ kind: "answered", status: answers[index] ?? 0, body: "" }));
    emit("orders/create", {});
    await sender.drain(true);
    expect(parcels).toHaveLength(3);
    expect(sender.log.page(0, 10).items.map(({ attempt, status }) => [attempt, status])).toEqual([[1, 302], [2, 500], [3, 204]]);
  });

  it("sends one delivery per subscription: another webhook id, the same event id, each with its own fields", async () => {
    const { sender, parcels, emit } = setUp(() => ok, [
      { topic: "orders/create", uri: "/all" },
      { topic: "orders/create", uri: "/some", includeFields: ["id", "line_items.id", "missing"] },
    ]);
    emit("orders/create", { id: 1, email: "bob.norman@mail.example.com", line_items: [{ id: 5, sku: "A" }] });
    await sender.drain(false);
    expect(new Set(webhookIds(parcels)).size).toBe(2);
    expect(new Set(parcels.map(({ headers }) => headers["X-Shopify-Event-Id"]))).toEqual(new Set(["event-1"]));
    expect(JSON.parse(parcels[1]?.body.toString() ?? "")).toEqual({ id: 1, line_items: [{ id: 5 }] });
  });

  it("draws duplicates, lateness and loss from the seed: the same seed does the same, another does not", async () => {
    const first = await sendWithMischief(11);
    expect(await sendWithMischief(11)).toEqual(first);
    expect((await sendWithMischief(12)).order).not.toEqual(first.order);
    const { counters } = first;
    expect(counters.sends).toBe(counters.deliveries - counters.lost + counters.copies);
    expect(counters.lost).toBeGreaterThan(0);
    expect(counters.copies).toBeGreaterThan(100);
    expect(first.order.some((sent) => Number(sent.split(" ")[1]) >= 5_000)).toBe(true);
  });

  it("keeps no more than its connections busy, and drains when the last is answered", async () => {
    let busy = 0;
    let most = 0;
    const { sender, emit } = setUp(async () => {
      busy += 1;
      most = Math.max(most, busy);
      await Promise.resolve();
      busy -= 1;
      return ok;
    });
    for (let id = 0; id < 500; id += 1) emit("orders/create", { id });
    expect(sender.counters()).toMatchObject({ inFlight: 50, pending: 450 });
    await sender.drain(false);
    expect(most).toBe(50);
    expect(sender.counters()).toMatchObject({ sends: 500, acknowledged: 500, pending: 0, inFlight: 0 });
  });

  it("forgets what waits when told to discard", async () => {
    const { sender, clock, parcels, emit } = setUp(() => down);
    emit("orders/create", {});
    await Promise.resolve();
    await Promise.resolve();
    sender.discard();
    clock.advance(5 * HOUR_MS);
    await sender.drain(false);
    expect(parcels).toHaveLength(1);
  });
});
