// The read models of the notifications: filters within a bound, pages that miss and repeat nothing, and the way of one notification.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { loadNotification } from "#app/dashboard/notification-page.server.ts";
import { loadNotificationsPage } from "#app/dashboard/notifications-page.server.ts";
import { decodeCursor, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { type DeliveryFilter, listDeliveries } from "#app/dashboard/queries/list-deliveries.server.ts";

import { NOW, openDashboardFixture, seedChange, seedDelivery, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
});
afterEach(() => fixture.close());

const load = async (query: string) => await loadNotificationsPage(fixture.dependencies, install, "UTC", new URLSearchParams(query));
const webhookIds = async (query: string) => (await load(query)).items.map((item) => item.webhookId);

async function walk(filter: DeliveryFilter, direction: "older" | "newer", scanRowsMax: number): Promise<string[]> {
  const found: string[] = [];
  let page: PageRequest = direction === "older" ? { direction: "newest", limit: 3 } : { direction: "newer", cursor: 0n, limit: 3 };
  for (;;) {
    const { items, olderCursor, newerCursor } = await listDeliveries(fixture.database, { installId: install.installId, filter, page }, scanRowsMax);
    found.push(...(direction === "older" ? items : items.toReversed()).map((item) => item.webhookId));
    const cursor = decodeCursor((direction === "older" ? olderCursor : newerCursor) ?? "");
    if (cursor === null) return found;
    page = { direction, cursor, limit: 3 };
  }
}

describe("the notifications", () => {
  it("are found by what they are about, by state, by having come twice, and by having come late", async () => {
    await seedDelivery(fixture.database, install, { webhookId: "order" });
    await seedDelivery(fixture.database, install, { webhookId: "refund", topic: "refunds/create", duplicates: 2 });
    await seedDelivery(fixture.database, install, { webhookId: "unreadable", state: "rejected" });
    await seedDelivery(fixture.database, install, { webhookId: "late", state: "ignored" });
    await seedDelivery(fixture.database, other, { webhookId: "theirs", topic: "refunds/create", state: "rejected", duplicates: 1 });
    await fixture.database.execute("UPDATE deliveries SET triggered_at = received_at - CASE WHEN webhook_id IN ('late', 'theirs') THEN interval '61 seconds' ELSE interval '60 seconds' END");
    expect(await webhookIds("topic=refunds/create")).toEqual(["refund"]);
    expect(await webhookIds("topic=orders/create&state=processed")).toEqual(["order"]);
    expect(await webhookIds("state=rejected")).toEqual(["unreadable"]);
    expect(await webhookIds("state=ignored")).toEqual(["late"]);
    expect(await webhookIds("duplicated=yes")).toEqual(["refund"]);
    expect(await webhookIds("late=yes")).toEqual(["late"]);
    expect(await webhookIds("topic=refunds/create&late=yes")).toEqual([]);
    expect(await webhookIds("topic=' OR 1=1 --")).toEqual([]);
    expect((await load("topic=refunds/create&late=yes")).tags).toEqual([
      { name: "topic", label: "About: Refund made", without: "/app/history/notifications?late=yes" },
      { name: "late", label: "Came late", without: "/app/history/notifications?topic=refunds%2Fcreate" },
    ]);
  });

  it("are each on one page only, in both directions, also when a page may look through a few only", async () => {
    const expected: string[] = [];
    for (let index = 0; index < 30; index++) {
      const repeated = index % 9 === 4;
      await seedDelivery(fixture.database, install, { webhookId: `w${index}`, duplicates: repeated ? 1 : 0 });
      if (repeated) expected.push(`w${index}`);
    }
    for (const scanRowsMax of [4, 1_000]) {
      expect(await walk({ duplicatedOnly: true }, "older", scanRowsMax)).toEqual(expected.toReversed());
      expect(await walk({ duplicatedOnly: true }, "newer", scanRowsMax)).toEqual(expected);
      expect(await walk({ receivedFrom: NOW }, "older", scanRowsMax)).toHaveLength(30);
    }
    const cut = await listDeliveries(fixture.database, { installId: install.installId, filter: { about: "stock" }, page: { direction: "newest", limit: 3 } }, 4);
    expect([cut.items, cut.lookedUpTo, cut.olderCursor === null]).toEqual([[], NOW, false]);
  });

  it("tell their way: when it happened, came, came again, and which changes it led to; another shop's are not there", async () => {
    await seedDelivery(fixture.database, install, { webhookId: "w", duplicates: 2 });
    const changeId = await seedChange(fixture.database, install, { webhookId: "w", state: "applied" });
    await seedChange(fixture.database, install, { webhookId: "another" });
    const [row] = await fixture.database.query<{ id: bigint }>("UPDATE deliveries SET triggered_at = received_at - interval '2 seconds', processed_at = received_at RETURNING id");
    const page = await loadNotification(fixture.dependencies, install, "UTC", row?.id ?? 0n);
    expect(page?.steps.map((step) => step.title)).toEqual(["It happened in Shopify", "Received and stored", "Came again (2.)", "Came again (3.)", "Worked on: Done", "It led to 1 change of stock"]);
    expect(page?.rows.map((change) => change.id)).toEqual([String(changeId)]);
    await fixture.database.execute("UPDATE changes SET webhook_id = 'faster'");
    const slower = await loadNotification(fixture.dependencies, install, "UTC", row?.id ?? 0n);
    expect(slower?.steps.at(-1)?.title).toBe("Another notification of its order led to 2 changes of stock");
    expect(await loadNotification(fixture.dependencies, other, "UTC", row?.id ?? 0n)).toBeNull();
  });
});
