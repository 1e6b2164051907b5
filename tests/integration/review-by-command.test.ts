// What needs review as the operator's command and GET /api/v1/parked show it, and the operator's acts: singly, by filter, tried, and in JSON.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Endpoint } from "#app/api/endpoint.server.ts";
import { parkedEndpoint } from "#app/api/parked-endpoint.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import type { Command, CommandOptions } from "../../cli/command.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { deliveriesList, deliveriesReplay } from "../../cli/deliveries.ts";
import { parkedDiscard, parkedList, parkedResolve, parkedRetry } from "../../cli/parked.ts";
import { openHouse, type House } from "#tests/setup/house.ts";

import { openDashboardFixture, seedChange, type DashboardFixture } from "./dashboard-fixture.ts";

let house: House;
let shop: string;
let installId: bigint;

beforeEach(async () => {
  house = await openHouse();
  const opened = await house.openShop();
  [shop, installId] = [opened.shop, opened.installId];
});
afterEach(() => house.close());

async function run(command: Command, options: Partial<CommandOptions> = {}) {
  const { ok, value, text } = await command.run({ composed: house.composed, options: { ...NO_OPTIONS, shop, ...options } });
  return { ok, text, value: JSON.parse(JSON.stringify(value)) as { items: { id: string; allowedActs: string[] }[]; nextCursor: string | null; doneIds: string[]; refused: { code: string; message: string; ids: string[] }[] } };
}

async function park(count: number, reason: string, over: { outcomeUnknown?: boolean } = {}): Promise<string[]> {
  const rows = await house.composed.database.query<{ id: bigint }>(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, reason, outcome_unknown, trace_id)
     SELECT $1, $2, 'key/' || $3 || '/' || n, 'order', n::text, '51', '61', -1, 'parked', $3, $4, 't' FROM generate_series(1, $5::int) AS n RETURNING id`,
    installId,
    shop,
    reason,
    over.outcomeUnknown ?? false,
    count,
  );
  return rows.map((row) => String(row.id));
}
const inState = async (state: string) =>
  (await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM changes WHERE install_id = $1 AND state = $2`, installId, state))[0]?.count;

describe("the operator", () => {
  it("sees what may be done about each, by reason and page by page", async () => {
    await park(3, "refused:INVALID_LOCATION");
    await park(1, "outcome_unknown", { outcomeUnknown: true });
    const first = await run(parkedList, { limit: "3" });
    expect(first.value.items.map((item) => item.allowedActs)).toEqual([["resolve_applied", "resolve_not_applied"], ["retry", "discard"], ["retry", "discard"]]);
    const second = await run(parkedList, { limit: "3", cursor: first.value.nextCursor ?? "" });
    expect(second.value.items).toHaveLength(1);
    expect((await run(parkedList, { why: "outcome_unknown" })).value.items).toHaveLength(1);
    await expect(run(parkedList, { why: "nonsense" })).rejects.toThrow(/--why is one of: unknown_variant/);
  });

  it("tries first, then retries all that match, more than one step of them, and hears why others were not", async () => {
    await park(260, "refused:INVALID_LOCATION");
    const unknown = await park(1, "outcome_unknown", { outcomeUnknown: true });
    expect((await run(parkedRetry, { why: "refused", dryRun: true })).value.doneIds).toHaveLength(260);
    expect(await inState("waiting")).toBe(0);
    const answer = await run(parkedRetry, { all: true });
    expect(answer.ok).toBe(false);
    expect(answer.value.doneIds).toHaveLength(260);
    expect(answer.value.refused).toEqual([{ code: "outcome_unknown", message: expect.stringContaining("may have taken effect"), ids: unknown }]);
    expect(await inState("waiting")).toBe(260);
  });

  it("ends changes with a reason only, and by named ids only those", async () => {
    const [one, two] = await park(2, "refused:INVALID_LOCATION");
    await expect(run(parkedDiscard, { ids: [one ?? ""] })).rejects.toThrow(/--reason/);
    await expect(run(parkedDiscard, { reason: "x" })).rejects.toThrow(/say which/);
    await expect(run(parkedDiscard, { ids: [one ?? ""], all: true, reason: "x" })).rejects.toThrow(/not both/);
    expect((await run(parkedDiscard, { ids: [one ?? ""], reason: "counted by hand" })).value.doneIds).toEqual([one]);
    expect((await run(parkedList)).value.items.map((item) => item.id)).toEqual([two]);
    const [entry] = await house.composed.database.query(`SELECT actor, kind, detail->>'note' AS note FROM audit_entries WHERE install_id = $1 AND change_id = $2`, installId, BigInt(one ?? 0));
    expect(entry).toEqual({ actor: "operator", kind: "change_discarded", note: "counted by hand" });
  });

  it("says of an unknown outcome what it was, one way or the other", async () => {
    const [id] = await park(1, "refused:INVALID_LOCATION");
    await expect(async () => run(parkedResolve, { ids: [id ?? ""], reason: "x" })).rejects.toThrow(/--applied or --not-applied/);
    const answer = await run(parkedResolve, { ids: [id ?? ""], applied: true, reason: "seen in Shopify" });
    expect(answer.value.refused).toEqual([{ code: "outcome_known", message: expect.any(String), ids: [id] }]);
  });

  it("has notifications worked on once more, and is told of those that cannot be", async () => {
    await house.delivered();
    const insert = (webhookId: string, payload: string | null) =>
      house.composed.database.execute(`INSERT INTO deliveries (install_id, shop, webhook_id, topic, order_id, payload, state, trace_id, processed_at) VALUES ($1, $2, $3, 'orders/create', '77', $4::jsonb, 'rejected', 't', now())`, installId, shop, webhookId, payload);
    await insert("with", '{"kind":"edited"}');
    await insert("without", null);
    const listed = await run(deliveriesList, { order: "77" });
    expect(listed.value.items).toHaveLength(2);
    expect((await run(deliveriesReplay, { state: "rejected", dryRun: true })).value.doneIds).toHaveLength(1);
    const answer = await run(deliveriesReplay, { state: "rejected" });
    expect(answer.text).toContain("1 notification will be worked on once more");
    expect(answer.value.refused).toMatchObject([{ code: "without_content" }]);
    expect((await run(deliveriesList, { state: "pending" })).value.items).toHaveLength(1);
  });

  it("does not see a replayed notification as lag", async () => {
    await house.composed.database.execute(`INSERT INTO deliveries (install_id, shop, webhook_id, topic, order_id, payload, state, trace_id, received_at, processed_at) VALUES ($1, $2, 'old', 'orders/create', '77', '{"kind":"edited"}'::jsonb, 'processed', 't', now() - interval '9 days', now())`, installId, shop);
    expect((await run(deliveriesReplay, { order: "77" })).value.doneIds).toHaveLength(1);
    const { text } = await house.composed.metrics.expose();
    expect(text).toMatch(/^holdfast_delivery_lag_seconds 0$/m);
  });
});

describe("GET /api/v1/parked", () => {
  let fixture: DashboardFixture;
  let install: ActiveInstall;
  let token: string;
  beforeEach(async () => {
    fixture = await openDashboardFixture();
    install = await fixture.install("one.myshopify.com");
    const created = await fixture.dependencies.apiTokenStore.create({ installId: install.installId, label: "test", actor: "staff:1" });
    token = created.kind === "created" ? created.token : "";
  });
  afterEach(() => fixture.close());

  async function get(query = "", endpoint: Endpoint = parkedEndpoint) {
    const response = await endpoint({ request: new Request(`http://app.test/api/v1/parked${query}`, { headers: { Authorization: `Bearer ${token}` } }), params: {} }, () => fixture.dependencies);
    return { status: response.status, body: (await response.json()) as { items: { id: string }[]; nextCursor: string | null; error: { code: string; details: { parameter: string } } } };
  }

  it("lists what needs review with its reason and what may be done, and nothing of another shop", async () => {
    const other = await fixture.install("two.myshopify.com");
    await seedChange(fixture.database, other, { state: "parked", reason: "no_location" });
    const id = await seedChange(fixture.database, install, { state: "parked", reason: "refused:INVALID_LOCATION" });
    await seedChange(fixture.database, install, { state: "applied" });
    const { body } = await get();
    expect(body).toEqual({ items: [expect.objectContaining({ id: String(id), state: "parked", reviewReason: "refused", reason: "refused:INVALID_LOCATION", allowedActs: ["retry", "discard"], changesInCall: 1, mayArriveUntil: null })], nextCursor: null });
  });

  it("filters by reason, order and item, turns pages, and refuses what it does not know", async () => {
    for (const reason of ["no_location", "refused:A", "refused:B", "from_the_future"]) await seedChange(fixture.database, install, { state: "parked", reason, orderId: "7" });
    const count = async (query: string) => (await get(query)).body.items.length;
    expect(await Promise.all(["?reason=refused", "?reason=no_location", "?reason=other", "?orderId=7", "?orderId=8", "?inventoryItemId=51"].map(count))).toEqual([2, 1, 1, 4, 0, 4]);
    const first = await get("?limit=3");
    expect(await count(`?limit=3&cursor=${first.body.nextCursor}`)).toBe(1);
    for (const query of ["?state=parked", "?reason=nonsense", "?reason=refused,other"]) expect(await get(query)).toMatchObject({ status: 400, body: { error: { code: "invalid_parameter" } } });
  });
});
