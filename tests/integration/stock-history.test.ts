// Stock history against a real database. Goal: every filter finds what a plain reading of its meaning finds, page by page in both
// directions, also when a page may look through a few rows only. Method: changes with random contents, random filters (seed printed),
// compared with the same filter over all rows in memory.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { loadHistoryPage } from "#app/dashboard/history-page.server.ts";
import { ANYBODY, CHANGE_CAUSES, CHANGE_STATES, type ChangeFilter } from "#app/dashboard/queries/change-filter.ts";
import { decodeCursor, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { countChanges, listChanges } from "#app/dashboard/queries/list-changes.server.ts";
import { REVIEW_REASONS, reviewReasonOf } from "#app/domain/review.ts";
import { seededRandom, type SeededRandom } from "#tests/setup/seeded-random.ts";

import { NOW, openDashboardFixture, type DashboardFixture } from "./dashboard-fixture.ts";

const CHANGE_COUNT = 600;
const HOUR_MS = 3_600_000;

interface Known {
  readonly id: bigint;
  readonly filterable: {
    readonly cause: string;
    readonly state: string;
    readonly reason: string | null;
    readonly orderId: string;
    readonly itemId: string;
    readonly locationId: string;
    readonly sourceKey: string;
    readonly traceId: string;
    readonly happenedAtMs: number;
    readonly actor: string | null;
  };
}

let fixture: DashboardFixture;
let install: ActiveInstall;
let known: Known[];

beforeAll(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  const other = await fixture.install("two.myshopify.com");
  const random = seededRandom(7);
  const { database } = fixture;
  for (let item = 1; item <= 6; item++) {
    await database.execute("INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title) VALUES ($1, $2, $2, $3, $4)", install.installId, String(item), `SKU-${item}`, item % 2 === 0 ? `Beeswax candle ${item}` : `Mug ${item}`);
    await database.execute("INSERT INTO locations (install_id, location_id, name) VALUES ($1, $2, $3)", install.installId, String(item), `Place ${item}`);
  }
  for (let order = 1; order <= 40; order++) {
    await database.execute("INSERT INTO orders (install_id, shop, order_id, name, snapshot, state) VALUES ($1, $2, $3, $4, '{}'::jsonb, 'settled')", install.installId, install.shop, String(order), `#${order < 30 ? "" : "EU-"}${1000 + order}`);
  }
  known = [];
  for (let count = 0; count < CHANGE_COUNT; count++) known.push(await insertChange(install, random, count));
  for (let count = 0; count < 50; count++) await insertChange(other, random, count);
});
afterAll(() => fixture.close());

async function insertChange(of: ActiveInstall, random: SeededRandom, place: number): Promise<Known> {
  const state = random.pick(["applied", "applied", "applied", "shadow", "waiting", "parked", "rejected"]);
  const reason = state === "parked" ? random.pick(["no_location", "refused:INVALID_LOCATION", "outcome_unknown", "a_new_reason", null]) : null;
  const createdAt = new Date(NOW.getTime() - (CHANGE_COUNT - place) * 600_000);
  // Some are settled days after they were decided.
  const finishedAt = state === "applied" || state === "rejected" ? new Date(createdAt.getTime() + (random.chance(0.1) ? 30 * HOUR_MS : 1_000)) : null;
  const filterable = {
    cause: random.pick(CHANGE_CAUSES),
    state,
    reason,
    orderId: String(random.between(1, 40)),
    itemId: String(random.between(1, 6)),
    locationId: String(random.between(1, 6)),
    sourceKey: random.pick(["name:shelf", "name:shelf", "app:9"]),
    traceId: random.pick(["t1", "t2", "t3"]),
    happenedAtMs: (finishedAt ?? createdAt).getTime(),
    actor: random.chance(0.2) ? random.pick(["staff:1", "staff:2", "operator"]) : null,
  };
  const { database } = fixture;
  const [row] = await database.query<{ id: bigint }>(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, sku, title, inventory_item_id, location_id, delta, source_key, state, reason, mutation_id, webhook_id, trace_id, created_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, '#x', $6, 'x', $7, $8, -1, $9, $10, $11, NULL, 'w', $12, $13, $14) RETURNING id`,
    of.installId,
    of.shop,
    `effect-${place}`,
    filterable.cause,
    filterable.orderId,
    `SKU-${filterable.itemId}`,
    filterable.itemId,
    filterable.locationId,
    filterable.sourceKey,
    state,
    reason,
    filterable.traceId,
    createdAt,
    finishedAt,
  );
  const id = row?.id ?? 0n;
  const acted = filterable.actor === null ? ["holdfast"] : ["holdfast", filterable.actor, filterable.actor];
  for (const actor of acted) await database.execute("INSERT INTO audit_entries (install_id, shop, kind, actor, change_id) VALUES ($1, $2, 'change_applied', $3, $4)", of.installId, of.shop, actor, id);
  return { id, filterable };
}

function randomFilter(random: SeededRandom): ChangeFilter {
  const some = <Value extends object>(share: number, value: () => Value): Value | object => (random.chance(share) ? value() : {});
  const from = NOW.getTime() - random.between(0, CHANGE_COUNT) * 600_000;
  return {
    ...some(0.3, () => ({ states: [...new Set([random.pick(CHANGE_STATES), random.pick(CHANGE_STATES)])] })),
    ...some(0.2, () => ({ cause: random.pick(CHANGE_CAUSES) })),
    ...some(0.2, () => ({ orderText: random.pick(["#1001", "1001", "#EU", "eu-10", "100", "7", "#9"]) })),
    ...some(0.2, () => ({ itemText: random.pick(["sku-3", "candle", "Mug 1", "SKU", "4", "nothing"]) })),
    ...some(0.2, () => ({ locationId: random.pick(["1", "2", "9"]) })),
    ...some(0.2, () => ({ sourceKey: random.pick(["name:shelf", "app:9", "name:none"]) })),
    ...some(0.2, () => ({ actor: random.pick([ANYBODY, "staff:1", "staff:9"]) })),
    ...some(0.1, () => ({ traceId: "t2" })),
    ...some(0.15, () => ({ reviewReason: random.pick(REVIEW_REASONS), states: ["parked" as const] })),
    ...some(0.3, () => ({ happenedFrom: new Date(from) })),
    ...some(0.3, () => ({ happenedBefore: new Date(from + random.between(0, 48) * HOUR_MS) })),
  };
}

const ORDERS = Array.from({ length: 40 }, (_, index) => ({ id: String(index + 1), name: `#${index + 1 < 30 ? "" : "eu-"}${1001 + index}` }));

function matches({ filterable: row }: Known, filter: ChangeFilter): boolean {
  const { states, cause, orderText, itemText, locationId, sourceKey, actor, traceId, reviewReason, happenedFrom, happenedBefore } = filter;
  return (
    (states === undefined || states.some((state) => state === row.state)) &&
    (cause === undefined || row.cause === cause) &&
    (orderText === undefined || ordersMeant(orderText.toLowerCase()).includes(row.orderId)) &&
    (itemText === undefined || row.itemId === itemText || `sku-${row.itemId}\n${Number(row.itemId) % 2 === 0 ? "beeswax candle" : "mug"} ${row.itemId}`.includes(itemText.toLowerCase())) &&
    (locationId === undefined || row.locationId === locationId) &&
    (sourceKey === undefined || row.sourceKey === sourceKey) &&
    (actor === undefined || (actor === ANYBODY ? row.actor !== null : row.actor === actor)) &&
    (traceId === undefined || row.traceId === traceId) &&
    (reviewReason === undefined || reviewReasonOf(row.reason) === reviewReason) &&
    (happenedFrom === undefined || row.happenedAtMs >= happenedFrom.getTime()) &&
    (happenedBefore === undefined || row.happenedAtMs < happenedBefore.getTime())
  );
}

function ordersMeant(text: string): string[] {
  const whole = ORDERS.filter(({ id, name }) => id === text || name === text || name === `#${text}`);
  const begun = ORDERS.filter(({ name }) => name.startsWith(text) || name.replace(/^[^0-9]+/, "").startsWith(text));
  return (whole.length > 0 ? whole : begun).map((order) => order.id);
}

interface Walked {
  readonly ids: readonly bigint[];
  readonly pages: number;
}

async function walk(filter: ChangeFilter, direction: "older" | "newer", scanRowsMax: number): Promise<Walked> {
  const ids: bigint[] = [];
  let page: PageRequest = direction === "older" ? { direction: "newest", limit: 7 } : { direction: "newer", cursor: 0n, limit: 7 };
  for (let pages = 1; ; pages++) {
    const { items, olderCursor, newerCursor } = await listChanges(fixture.database, { installId: install.installId, filter, page }, scanRowsMax);
    expect(items.length).toBeLessThanOrEqual(7);
    ids.push(...items.map((item) => item.id).toSorted(direction === "older" ? newestFirst : oldestFirst));
    const cursor = decodeCursor((direction === "older" ? olderCursor : newerCursor) ?? "");
    if (cursor === null) return { ids, pages };
    page = { direction, cursor, limit: 7 };
  }
}

const oldestFirst = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
const newestFirst = (a: bigint, b: bigint) => oldestFirst(b, a);

describe("the list of changes", () => {
  const seed = Number(process.env["SEED"] ?? 20_261_122);

  it(`finds what each filter means, once, page by page, older and newer (seed ${seed})`, { timeout: 180_000 }, async () => {
    const random = seededRandom(seed);
    for (let round = 0; round < 40; round++) {
      const filter = randomFilter(random);
      const expected = known.filter((one) => matches(one, filter)).map((one) => one.id);
      const scanRowsMax = random.pick([10, 60, 10_000]);
      const older = await walk(filter, "older", scanRowsMax);
      expect({ filter, ids: older.ids }).toEqual({ filter, ids: expected.toSorted(newestFirst) });
      const newer = await walk(filter, "newer", scanRowsMax);
      expect({ filter, ids: newer.ids }).toEqual({ filter, ids: expected.toSorted(oldestFirst) });
      const rough = await countChanges(fixture.database, { installId: install.installId, filter });
      expect({ filter, rough }).toEqual({ filter, rough: { count: expected.length, more: false } });
    }
  });

  it("stops a page after looking through many rows that do not match, says up to where, and goes on from there", async () => {
    const rare: ChangeFilter = { sourceKey: "name:shelf", locationId: "9" };
    const cut = await listChanges(fixture.database, { installId: install.installId, filter: rare, page: { direction: "newest", limit: 7 } }, 20);
    expect([cut.items, cut.lookedUpTo]).toEqual([[], expect.any(Date)]);
    expect((await walk(rare, "older", 20)).pages).toBeGreaterThan(10);
    expect((await walk(rare, "older", 10_000)).pages).toBe(1);
  });

  it("says when a text means more orders than can be searched for", async () => {
    await fixture.database.execute(
      "INSERT INTO orders (install_id, shop, order_id, name, snapshot, state) SELECT $1, $2, (90000 + n)::text, '#77' || n, '{}'::jsonb, 'settled' FROM generate_series(1, 250) n",
      install.installId,
      install.shop,
    );
    const load = (query: string) => loadHistoryPage(fixture.dependencies, install, "UTC", new URLSearchParams(query));
    expect((await load("order=77")).vague).toEqual(["order"]);
    expect((await load("order=%23771")).vague).toEqual([]);
    await fixture.database.execute("DELETE FROM orders WHERE install_id = $1 AND name LIKE '#77%'", install.installId);
  });

  it("offers what was seen in the shop as choices, and each filter in use as a tag that leads to the address without it", async () => {
    const page = await loadHistoryPage(fixture.dependencies, install, "UTC", new URLSearchParams("who=staff:1&location=2&state=parked&mode=protect&cause=magic"));
    expect(page.options.actors).toEqual(["operator", "staff:1", "staff:2"]);
    expect(page.options.locations.map((location) => location.label)).toContain("Place 2");
    expect(page.tags).toEqual([
      { name: "state", label: "State: Needs review", without: "/app/history?cause=magic&location=2&who=staff%3A1&mode=protect" },
      { name: "location", label: "Location: Place 2", without: "/app/history?state=parked&cause=magic&who=staff%3A1&mode=protect" },
      { name: "who", label: "Who acted: Staff member 1", without: "/app/history?state=parked&cause=magic&location=2&mode=protect" },
      { name: "mode", label: "Mode: Protect", without: "/app/history?state=parked&cause=magic&location=2&who=staff%3A1" },
    ]);
  });
});
