// Goal: who asked to be told is told, in order, once, within the thresholds and quiet times that were set. Method: incidents raised by hand,
// real PostgreSQL, receivers that keep what they took.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sealAlertTargets } from "#app/alerts/seal-alert-targets.server.ts";
import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import { watchSignals } from "#app/alerts/watch-signals.server.ts";
import { signatureOf } from "#app/adapters/alerts/webhook.server.ts";
import type { AlertTarget } from "#app/domain/settings.ts";
import { saveSettings } from "#app/dashboard/save-settings.server.ts";
import { startAlertReceiver, type AlertReceiver } from "#simulator/receivers/alert-receiver.ts";
import { letAlertsBeDue, messagesOf, outboxOf, raise, target, workOnAlerts } from "#tests/setup/alerts.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";

let house: House;
let receiver: AlertReceiver;
let shop: HouseShop;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  receiver = await startAlertReceiver();
  shop = await house.openShop();
  return () => receiver.close();
});

const hook = (change: Partial<AlertTarget> = {}) => target({ kind: "webhook", target: `${receiver.origin}/hook`, ...change });
const listen = (alerts: readonly AlertTarget[], at: HouseShop = shop) => house.settings(at, (settings) => ({ ...settings, alerts }));
const work = () => workOnAlerts(house.composed.alerts);
const titles = () => receiver.messages().map(({ body }) => body.title);

describe("an incident", () => {
  it("is told with product, location, depth and orders, signed over the raw body", async () => {
    let raw = "";
    let signature: string | null = null;
    await listen([hook()]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    const { alerts } = house.composed;
    const channels: typeof alerts.channels = {
      ...alerts.channels,
      webhook: (delivery) => {
        raw = delivery.signingSecret ?? "";
        signature = delivery.messageKey;
        return alerts.channels.webhook(delivery);
      },
    };
    await workOnAlerts({ ...alerts, channels });
    const [message] = receiver.messages();
    expect(message?.key).toBe(signature);
    expect(await alerts.secrets.signingSecret(shop.installId)).toBe(raw);
    expect(signatureOf("{}", raw)).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(message?.body).toMatchObject({
      type: "alert",
      shop: shop.shop,
      kind: "oversell",
      title: "Oversold: Blue shirt - M at Berlin, 3 units short",
      incident: { kind: "oversell", id: "1", state: "open" },
      product: { title: "Blue shirt - M", sku: "BS-M", variantId: "gid://shopify/ProductVariant/11", inventoryItemId: "gid://shopify/InventoryItem/22" },
      location: { id: "gid://shopify/Location/33", name: "Berlin" },
      depth: 3,
      orders: [{ id: "gid://shopify/Order/44", name: "#1002", units: 2 }, { id: "gid://shopify/Order/45", name: "#1003", units: 1 }],
      followsUp: null,
    });
  });

  it("is followed up in order, each follow-up naming the first message", async () => {
    await listen([hook()]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    await raise(house, shop, { subject: "1", stage: "changed:1", facts: { depth: 5 } });
    await work();
    await raise(house, shop, { subject: "1", stage: "closed" });
    await work();
    const [first, ...later] = receiver.messages();
    expect(titles()).toEqual(["Oversold: Blue shirt - M at Berlin, 3 units short", "Changed: oversold: Blue shirt - M at Berlin, now 5 units short", "Over: oversold: Blue shirt - M at Berlin"]);
    expect(later.map(({ body }) => body.followsUp)).toEqual([first?.key, first?.key]);
  });

  it("whose opening was not sent yet is told with its follow-ups in one message", async () => {
    await listen([hook()]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await raise(house, shop, { subject: "1", stage: "changed:1", facts: { depth: 5 } });
    await raise(house, shop, { subject: "1", stage: "closed" });
    await work();
    expect(titles()).toEqual(["Came and went: oversold: Blue shirt - M at Berlin, 3 units short"]);
    expect((await messagesOf(house, shop)).filter(({ channel_kind }) => channel_kind === "webhook").map(({ state }) => state)).toEqual(["sent", "merged", "merged"]);
  });

  it("keeps the text of its first sending, whatever comes while it is sent again", async () => {
    await listen([hook()]);
    receiver.setMischief({ next: ["cut_after"] });
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    await raise(house, shop, { subject: "1", stage: "changed:1", facts: { depth: 5 } });
    await letAlertsBeDue(house);
    await work();
    await letAlertsBeDue(house);
    await work();
    expect(titles()).toEqual(["Oversold: Blue shirt - M at Berlin, 3 units short", "Changed: oversold: Blue shirt - M at Berlin, now 5 units short"]);
    expect(receiver.repeats()).toBe(1);
  });

  it("of one shop is never told to another", async () => {
    const other = await house.openShop();
    const otherReceiver = await startAlertReceiver();
    await listen([hook()]);
    await listen([target({ kind: "webhook", target: `${otherReceiver.origin}/hook` })], other);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    await raise(house, other, { subject: "1", stage: "opened" });
    await work();
    expect(receiver.messages().map(({ body }) => body.shop)).toEqual([shop.shop]);
    expect(otherReceiver.messages().map(({ body }) => body.shop)).toEqual([other.shop]);
    expect(await house.composed.alerts.secrets.signingSecret(shop.installId)).not.toBe(await house.composed.alerts.secrets.signingSecret(other.installId));
    await otherReceiver.close();
  });

  it("of a shop that has left is told to nobody", async () => {
    await listen([hook()]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await house.composed.database.execute(`UPDATE installs SET state = 'ended', ended_at = now() WHERE id = $1`, shop.installId);
    await work();
    expect(receiver.messages()).toEqual([]);
    expect(await messagesOf(house, shop)).toEqual([]);
  });
});

describe("a threshold", () => {
  it("keeps smaller incidents from those who set it, and tells them when the incident grows to it", async () => {
    await listen([hook({ threshold: { oversellDepth: 5 } })]);
    await raise(house, shop, { subject: "1", stage: "opened", facts: { depth: 4 } });
    await work();
    expect(titles()).toEqual([]);
    await raise(house, shop, { subject: "1", stage: "changed:1", facts: { depth: 6 } });
    await raise(house, shop, { subject: "2", stage: "opened", facts: { depth: 4 } });
    await raise(house, shop, { subject: "2", stage: "closed" });
    await work();
    expect(titles()).toEqual(["Oversold: Blue shirt - M at Berlin, 6 units short"]);
  });
});

describe("a quiet time", () => {
  it("holds messages of the kind back and sums them up in the next; other kinds go on", async () => {
    await listen([hook({ quietMinutes: 30 })]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    await raise(house, shop, { subject: "2", stage: "opened", facts: { title: "Red shirt" } });
    await raise(house, shop, { subject: "3", stage: "opened", facts: { title: "Green shirt" } });
    await raise(house, shop, { subject: "1", stage: "closed" });
    await raise(house, shop, { subject: "9", kind: "drift", stage: "opened", facts: { depth: 1 } });
    await letAlertsBeDue(house);
    await work();
    expect(titles()).toEqual(["Oversold: Blue shirt - M at Berlin, 3 units short", "Stock mismatch: Blue shirt - M at Berlin, 1 unit different"]);
    await house.composed.database.execute(`UPDATE alert_lanes SET last_sent_at = last_sent_at - interval '30 minutes', due_at = now() WHERE kind = 'oversell' AND install_id = $1`, shop.installId);
    await work();
    expect(receiver.messages(), await outboxOf(house, shop)).toHaveLength(3);
    const summary = receiver.messages()[2]?.body;
    expect(summary?.title).toBe("Oversold: Red shirt at Berlin, 3 units short");
    expect(summary?.alsoSince).toMatchObject([{ incident: { id: "3", state: "open" } }, { incident: { id: "1", state: "closed" } }]);
  });
});

describe("a channel that fails", () => {
  it("holds up no other, is tried again, and after a day is given up for a person to see", async () => {
    const broken = await startAlertReceiver({ mischief: { rate: 1, kinds: ["refuse_before"] } });
    await listen([target({ kind: "webhook", target: `${broken.origin}/hook` }), hook()]);
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    expect(titles()).toHaveLength(1);
    await house.composed.database.execute(`UPDATE alert_messages SET first_attempt_at = now() - interval '25 hours' WHERE state = 'waiting' AND install_id = $1`, shop.installId);
    await letAlertsBeDue(house);
    await work();
    const failed = await house.composed.alertDesk.list(shop.installId, { state: "failed", beforeId: null, limit: 10 });
    expect(failed.map(({ channelKind, attemptCount, lastError }) => [channelKind, attemptCount, lastError])).toContainEqual(["webhook", 2, expect.stringContaining("503")]);
    broken.setMischief({});
    const ids = failed.filter(({ channelKind }) => channelKind === "webhook").map(({ id }) => id);
    expect([...(await house.composed.alertDesk.retry(shop.installId, ids, false)).values()]).toEqual(["done"]);
    await work();
    expect(broken.messages()).toHaveLength(1);
    expect([...(await house.composed.alertDesk.retry(shop.installId, ids, false)).values()]).toEqual(["not_failed"]);
    await broken.close();
  });

  it("may not have a given-up message sent after a later one of its incident", async () => {
    await listen([hook()]);
    receiver.setMischief({ next: ["reject"] });
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    await raise(house, shop, { subject: "1", stage: "changed:1" });
    await work();
    const failed = (await house.composed.alertDesk.list(shop.installId, { state: "failed", beforeId: null, limit: 10 })).find(({ channelKind }) => channelKind === "webhook");
    expect(failed?.stage).toBe("opened");
    expect([...(await house.composed.alertDesk.retry(shop.installId, [failed?.id ?? 0n, 999_999n], false)).values()]).toEqual(["overtaken", "not_found"]);
  });
});

describe("Slack", () => {
  it("hears that it may be a repeat when no answer came, because it knows no keys", async () => {
    const slack = await startAlertReceiver({ kind: "slack", mischief: { next: ["cut_after"] } });
    await listen([target({ kind: "slack", target: `${slack.origin}/services/T/B/x` })]);
    await raise(house, shop, { subject: "1", stage: "opened", facts: { title: "<!channel> & co" } });
    await work();
    await letAlertsBeDue(house);
    await work();
    const [first, second] = slack.messages().map(({ body }) => JSON.stringify(body));
    expect(first).not.toContain("You may have had this message before");
    expect(second).toContain("You may have had this message before");
    expect(slack.messages()[0]?.body.text).toBe("Oversold: &lt;!channel&gt; &amp; co at Berlin, 3 units short");
    await slack.close();
  });

  it("has its address kept as a secret: settings, their history and the audit trail hold a mask, which may be sent back", async () => {
    const slack = await startAlertReceiver({ kind: "slack" });
    const address = `${slack.origin}/services/T0/B0/secret`;
    const install = await house.composed.installStore.active(shop.shop);
    if (install === null) throw new Error("the app is installed");
    const save = async (alerts: readonly AlertTarget[]) => {
      const current = await house.composed.settingsStore.current(shop.installId);
      return saveSettings(house.composed, { install, document: { ...current, alerts }, actor: "test" });
    };
    const saved = await save([target({ kind: "slack", target: address })]);
    if (saved.kind !== "saved") throw new Error(JSON.stringify(saved));
    expect(saved.settings.alerts[0]?.target).toMatch(/\/hidden\/[0-9a-f]{16}$/);
    expect((await save(saved.settings.alerts)).kind).toBe("saved");
    const kept = await house.composed.database.query(
      `SELECT document::text FROM settings_versions WHERE install_id = $1 UNION ALL SELECT detail::text FROM audit_entries WHERE install_id = $1 UNION ALL SELECT sealed FROM alert_secrets WHERE install_id = $1`,
      shop.installId,
    );
    expect(JSON.stringify(kept)).not.toContain("B0/secret");
    await raise(house, shop, { subject: "1", stage: "opened" });
    await work();
    expect(slack.messages().map(({ path }) => path)).toEqual(["/services/T0/B0/secret"]);
    const foreign = await house.openShop();
    expect(await sealAlertTargets(house.composed.alerts.secrets, foreign.installId, saved.settings)).toMatchObject({ kind: "faults", faults: [{ path: "alerts[0].target" }] });
    await slack.close();
  });
});

describe("a test message", () => {
  it("says plainly what happened", async () => {
    const install = await house.composed.installStore.active(shop.shop);
    if (install === null) throw new Error("the app is installed");
    const send = (kind: AlertTarget["kind"], address: string) => sendTestAlert(house.composed.alerts, { install, target: { kind, target: address } });
    expect(await send("webhook", `${receiver.origin}/hook`)).toEqual({ delivered: true, message: "The receiver has taken the message." });
    receiver.setMischief({ next: ["reject", "cut_before"] });
    expect(await send("webhook", `${receiver.origin}/hook`)).toMatchObject({ delivered: false, message: expect.stringContaining("it answered 422") });
    expect(await send("webhook", `${receiver.origin}/hook`)).toMatchObject({ delivered: false, message: expect.stringContaining("It may have arrived all the same.") });
    expect(await send("email", "stock@example.com")).toEqual({ delivered: false, message: "Not delivered: no mail server is set up (SMTP_URL)." });
    expect(receiver.messages()[0]?.body).toMatchObject({ type: "test", shop: shop.shop });
  });
});

describe("figures of the operation", () => {
  const watch = () => watchSignals(house.composed.alerts, shop.installId - 1n, new AbortController().signal);
  const rejected = (count: number) =>
    house.composed.database.execute(
      `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id, state) SELECT $1, $2, 'w' || $3::text || n, 'orders/create', 't', 'rejected' FROM generate_series(1, $3) AS n`,
      shop.installId,
      shop.shop,
      count,
    );

  it("open one incident at the threshold, tell who set a higher one when it is reached, and close after a calm while", async () => {
    const high = await startAlertReceiver();
    await listen([hook({ threshold: { webhookErrors: 3 } }), target({ kind: "webhook", target: `${high.origin}/hook`, threshold: { webhookErrors: 6 } })]);
    await rejected(2);
    await watch();
    await work();
    expect(titles()).toEqual([]);
    await house.composed.alerts.signals.count([{ shop: shop.shop, kind: "webhook_errors", count: 2 }]);
    await watch();
    await watch();
    await work();
    expect(titles()).toEqual(["Failing notifications, 4 within 10 minutes"]);
    expect(high.messages()).toEqual([]);
    await rejected(3);
    await watch();
    await work();
    expect(high.messages().map(({ body }) => body.title)).toEqual(["Failing notifications, 7 within 10 minutes"]);
    await house.composed.database.execute(`UPDATE deliveries SET received_at = now() - interval '1 hour' WHERE install_id = $1`, shop.installId);
    await watch();
    await work();
    // Two remain of what was counted by the minute: not below half of the threshold.
    await house.composed.database.execute(`DELETE FROM signal_minutes WHERE install_id = $1`, shop.installId);
    await watch();
    await work();
    expect(titles().at(-1)).toBe("Changed: failing notifications, now 7 within 10 minutes");
    await house.composed.database.execute(`UPDATE alert_signals SET calm_since = now() - interval '5 minutes' WHERE install_id = $1`, shop.installId);
    await watch();
    await work();
    expect([titles().at(-1), high.messages().at(-1)?.body.title]).toEqual(["Over: failing notifications", "Over: failing notifications"]);
    await high.close();
  });

  it("are asked for of every kind in one statement", async () => {
    expect(await house.composed.alerts.signals.figures(shop.installId)).toEqual({ parked: 0, webhook_lag: 0, webhook_errors: 0, mutation_failures: 0, lock_waits: 0, deadlocks: 0 });
  });

  it("count a deadlock for the shop whose work met it", async () => {
    const { signalCounter } = house.composed;
    await signalCounter.within(shop.shop, async () => signalCounter.note("deadlocks"));
    signalCounter.note("deadlocks");
    await signalCounter.flush();
    expect((await house.composed.alerts.signals.figures(shop.installId)).deadlocks).toBe(1);
  });
});
