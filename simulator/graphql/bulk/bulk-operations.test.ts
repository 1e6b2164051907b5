import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addVariant, availableAt, startTestApp, SHOP } from "../../testing/running-simulator.ts";
import type { TestApp } from "../../testing/running-simulator.ts";

const RUN = `mutation($query: String!, $group: Boolean!) { bulkOperationRunQuery(query: $query, groupObjects: $group) { bulkOperation { id status } userErrors { code field message } } }`;
const READ = `query($id: ID!) { bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt type } }`;
const LEVELS = `{ inventoryItems { edges { node { id sku variant { id displayName } inventoryLevels { edges { node { id location { id } quantities(names: ["available", "on_hand"]) { name quantity updatedAt } } } } } } } }`;

interface Operation {
  id: string;
  status: string;
  errorCode: string | null;
  objectCount: string;
  rootObjectCount: string;
  fileSize: string | null;
  url: string | null;
  partialDataUrl: string | null;
}
type Line = Record<string, unknown> & { __parentId?: string };

describe("bulk operations", () => {
  let app: TestApp;
  beforeEach(async () => {
    // A clock at a crawl: time passes when a test says so.
    app = await startTestApp();
    app.simulator.control.setClock({ scale: 0.000_001 });
    app.simulator.control.setBulk({ startAfterMs: 1_000, objectsPerSecond: 100, cancelAfterMs: 500 });
  });
  afterEach(() => app.simulator.close());

  const request = async (query: string, group = false) => {
    const { body } = await app.graphql(RUN, { query, group });
    return body.data?.["bulkOperationRunQuery"] as { bulkOperation: Operation | null; userErrors: { code: string; field: string[] | null; message: string }[] };
  };
  const run = async (query: string, group = false) => {
    const { bulkOperation, userErrors } = await request(query, group);
    if (!bulkOperation) throw new Error(JSON.stringify(userErrors));
    return bulkOperation.id;
  };
  const read = async (id: string) => (await app.graphql(READ, { id })).body.data?.["bulkOperation"] as Operation;
  const pass = async (advanceMs: number) => {
    app.simulator.control.setClock({ advanceMs });
    await app.simulator.control.settleBulk();
  };
  const finish = async (id: string) => {
    await pass(3_600_000);
    return read(id);
  };
  const lines = async (url: string | null): Promise<Line[]> => {
    const answer = await fetch(url ?? "");
    return (await answer.text()).trim().split("\n").map((line) => JSON.parse(line) as Line);
  };

  it("go from created to running to completed on the simulated clock and write children as lines below their parent's id", async () => {
    const stocked = [addVariant(app, 3, { sku: "A" }), addVariant(app, 4, { sku: "B" })];
    const id = await run(LEVELS);
    expect(await read(id)).toMatchObject({ status: "CREATED", objectCount: "0", url: null });
    await pass(1_001);
    expect((await read(id)).status).toBe("RUNNING");
    const done = await finish(id);
    expect(done).toMatchObject({ status: "COMPLETED", errorCode: null, objectCount: "4", rootObjectCount: "2", type: "QUERY", partialDataUrl: null });
    const written = await lines(done.url);
    expect(Number(done.fileSize)).toBe((await (await fetch(done.url ?? "")).arrayBuffer()).byteLength);
    expect(written.slice(0, 2)).toEqual(stocked.map(({ inventoryItemId, variantId }, index) => ({ id: inventoryItemId, sku: "AB"[index], variant: { id: variantId, displayName: `${"AB"[index]} - Default Title` } })));
    expect(written.slice(2).map(({ __parentId }) => __parentId)).toEqual(stocked.map(({ inventoryItemId }) => inventoryItemId));
    expect(written[2]).toMatchObject({ location: { id: stocked[0]?.locationId }, quantities: [{ name: "available", quantity: 3 }, { name: "on_hand", quantity: 3 }] });
    expect(written[2]).not.toHaveProperty("inventoryLevels");
  });

  it("keep children right under their parent when grouping is asked for, and know the parent's id though it was not selected", async () => {
    const stocked = [addVariant(app, 1, { sku: "A" }), addVariant(app, 2, { sku: "B" })];
    const id = await run(`{ inventoryItems { nodes { sku inventoryLevels { nodes { quantities(names: ["available"]) { quantity } } } } } }`, true);
    const written = await lines((await finish(id)).url);
    expect(written).toEqual([
      { sku: "A" },
      { quantities: [{ quantity: 1 }], __parentId: stocked[0]?.inventoryItemId },
      { sku: "B" },
      { quantities: [{ quantity: 2 }], __parentId: stocked[1]?.inventoryItemId },
    ]);
  });

  it("read orders by search with their lines, and locations and variants", async () => {
    const mug = addVariant(app, 10);
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: mug.variantId, quantity: 2 }] });
    if ("refused" in placed) throw new Error("The order was refused.");
    app.simulator.control.placeOrder(SHOP, { channel: "web", createdAt: "2020-01-01T00:00:00Z", lines: [{ variantId: mug.variantId, quantity: 1 }] });
    const orders = await run(`{ orders(query: "created_at:>2021-01-01") { edges { node { id processedAt sourceName displayFulfillmentStatus app { id } lineItems { edges { node { id unfulfilledQuantity nonFulfillableQuantity requiresShipping isGiftCard } } } } } } }`);
    const places = await run(`{ locations { edges { node { id shipsInventory fulfillsOnlineOrders isActive isFulfillmentService } } } }`);
    const variants = await run(`{ productVariants { edges { node { id inventoryPolicy product { id title } } } } }`);
    expect(await lines((await finish(orders)).url)).toMatchObject([
      { id: placed.orderId, sourceName: "web", displayFulfillmentStatus: "UNFULFILLED", app: null },
      { id: placed.lines[0]?.lineItemId, __parentId: placed.orderId, unfulfilledQuantity: 2, nonFulfillableQuantity: 0, requiresShipping: true, isGiftCard: false },
    ]);
    expect(await lines((await read(places)).url)).toMatchObject(app.locationIds.map((id) => ({ id, shipsInventory: true, isFulfillmentService: false })));
    expect(await lines((await read(variants)).url)).toMatchObject([{ id: mug.variantId, inventoryPolicy: "DENY", product: { title: "Mug" } }]);
  });

  it("hang levels on the item inside a variant's line, and keep to a search of the levels themselves", async () => {
    const mug = addVariant(app, 3);
    app.simulator.control.setClock({ advanceMs: 60_000 });
    const cup = addVariant(app, 4, { sku: "CUP" });
    const { now } = app.simulator.control.clock();
    const since = new Date(Date.parse(now) - 30_000).toISOString();
    const id = await run(`{ productVariants { nodes { id inventoryItem { inventoryLevels { nodes { quantities(names: ["available"]) { quantity } } } } } } }`, true);
    const changed = await run(`{ locations { nodes { id inventoryLevels(query: "updated_at:>'${since}'") { nodes { item { id } } } } } }`);
    expect(await lines((await finish(id)).url)).toEqual([
      { id: mug.variantId, inventoryItem: {} },
      { quantities: [{ quantity: 3 }], __parentId: mug.inventoryItemId },
      { id: cup.variantId, inventoryItem: {} },
      { quantities: [{ quantity: 4 }], __parentId: cup.inventoryItemId },
    ]);
    expect((await lines((await read(changed)).url)).slice(2)).toEqual([{ item: { id: cup.inventoryItemId }, __parentId: cup.locationId }]);
  });

  it("show what was sold while they ran only where they had not read yet", async () => {
    const stocked = Array.from({ length: 150 }, (_, index) => addVariant(app, 10, { sku: `S${index}` }));
    const [first, last] = [stocked[0], stocked[149]];
    if (!first || !last) throw new Error("Nothing was stocked.");
    const id = await run(LEVELS);
    await pass(1_001);
    expect(await read(id)).toMatchObject({ status: "RUNNING", rootObjectCount: "100" });
    for (const { inventoryItemId, locationId } of [first, last]) app.simulator.control.adjustLevel(SHOP, { inventoryItemId, locationId, delta: -4, writer: "staff" });
    const written = await lines((await finish(id)).url);
    const seen = (item: string) => written.find(({ __parentId }) => __parentId === item)?.["quantities"];
    expect(seen(first.inventoryItemId)).toMatchObject([{ quantity: 10 }, { quantity: 10 }]);
    expect(seen(last.inventoryItemId)).toMatchObject([{ quantity: 6 }, { quantity: 6 }]);
    expect(availableAt(app, first)).toBe(6);
  });

  it("are five at once for a shop, and the sixth is refused", async () => {
    addVariant(app, 1);
    for (let count = 0; count < 5; count += 1) await run(LEVELS);
    expect(await request(LEVELS)).toMatchObject({ bulkOperation: null, userErrors: [{ code: "LIMIT_REACHED", field: null }] });
    await pass(3_600_000);
    expect((await request(LEVELS)).userErrors).toEqual([]);
  });

  it.each([
    ["what is no connection", "{ shop { id } }", /connection/],
    ["two fields at the top", "{ locations { nodes { id } } orders { nodes { id } } }", /single top-level/],
    ["three levels of connections", "{ orders { nodes { fulfillmentOrders { nodes { lineItems { nodes { id } } } } } } }", /depth/],
    ["what the schema does not know", "{ orders { nodes { colour } } }", /colour/],
    ["what cannot be read", "{ orders {", /Syntax/],
  ])("refuse %s", async (_, query, message) => {
    expect(await request(query)).toMatchObject({ bulkOperation: null, userErrors: [{ code: "INVALID", message: expect.stringMatching(message) as string }] });
  });

  it("name a field that is not supported instead of leaving it out", async () => {
    const { body } = await app.graphql(RUN, { query: "{ orders { nodes { customer { id } } } }", group: false });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: "SIMULATOR_UNSUPPORTED", fieldName: "customer" });
  });

  it("fail for want of access when they start", async () => {
    addVariant(app, 1);
    const id = await run(LEVELS);
    app.simulator.control.setScopes(SHOP, { granted: ["read_orders"] });
    expect(await finish(id)).toMatchObject({ status: "FAILED", errorCode: "ACCESS_DENIED", url: null, partialDataUrl: null });
  });

  it("fail half-way with the data read so far", async () => {
    for (let count = 0; count < 10; count += 1) addVariant(app, count, { sku: `S${count}` });
    app.simulator.control.addFault({ boundary: "bulk", kind: "bulk_fails", code: "TIMEOUT" });
    const failed = await finish(await run(LEVELS));
    expect(failed).toMatchObject({ status: "FAILED", errorCode: "TIMEOUT", rootObjectCount: "5", url: null, fileSize: null });
    expect(await lines(failed.partialDataUrl)).toHaveLength(10);
  });

  it("never end while Shopify is stuck, are stopped after ten days, and can be called off", async () => {
    for (let count = 0; count < 4; count += 1) addVariant(app, count, { sku: `S${count}` });
    app.simulator.control.addFault({ boundary: "bulk", kind: "bulk_never_ends", times: 2 });
    const [stuck, calledOff] = [await run(LEVELS), await run(LEVELS)];
    await pass(3_600_000);
    expect([(await read(stuck)).status, (await read(calledOff)).status]).toEqual(["RUNNING", "RUNNING"]);
    const CANCEL = `mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { field message } } }`;
    expect((await app.graphql(CANCEL, { id: calledOff })).body.data).toMatchObject({ bulkOperationCancel: { bulkOperation: { status: "CANCELING" }, userErrors: [] } });
    await pass(501);
    expect((await read(calledOff)).status).toBe("CANCELED");
    expect((await app.graphql(CANCEL, { id: calledOff })).body.data).toMatchObject({ bulkOperationCancel: { userErrors: [{ field: ["id"] }] } });
    await pass(10 * 24 * 3_600_000);
    expect(await read(stuck)).toMatchObject({ status: "FAILED", errorCode: "TIMEOUT" });
  });

  it("lose their file after a week, at once by a fault, and in the middle of the way by another", async () => {
    for (let count = 0; count < 4; count += 1) addVariant(app, count, { sku: `S${count}` });
    const id = await run(LEVELS);
    const { url, fileSize } = await finish(id);
    app.simulator.control.addFault({ boundary: "bulk_file", kind: "half_body" });
    await expect(fetch(url ?? "").then((answer) => answer.text())).rejects.toThrow(/terminated/);
    app.simulator.control.addFault({ boundary: "bulk_file", kind: "http_status", code: 403 });
    expect((await fetch(url ?? "")).status).toBe(403);
    expect((await (await fetch(url ?? "")).text()).length).toBe(Number(fileSize));
    app.simulator.control.addFault({ boundary: "bulk", kind: "bulk_expires" });
    const gone = await finish(await run(LEVELS));
    expect([gone.status, (await fetch(gone.url ?? "")).status]).toEqual(["EXPIRED", 404]);
    await pass(7 * 24 * 3_600_000);
    expect([(await read(id)).status, (await fetch(url ?? "")).status]).toEqual(["EXPIRED", 404]);
  });

  it("begin again in a world that was put back while they ran", async () => {
    addVariant(app, 5);
    const id = await run(LEVELS);
    const { id: snapshot } = app.simulator.control.snapshot();
    await finish(id);
    app.simulator.control.restore({ id: snapshot });
    expect((await read(id)).status).toBe("CREATED");
    expect(await finish(id)).toMatchObject({ status: "COMPLETED", objectCount: "2" });
  });

  it("find nothing without a file, and are found by node, as the current one and in the list", async () => {
    const id = await run("{ orders { nodes { id } } }");
    expect(await finish(id)).toMatchObject({ status: "COMPLETED", objectCount: "0", url: null });
    const { body } = await app.graphql(`query($id: ID!) { node(id: $id) { id ... on BulkOperation { status } } currentBulkOperation { id } bulkOperations(first: 5) { nodes { id } } }`, { id });
    expect(body.data).toEqual({ node: { id, status: "COMPLETED" }, currentBulkOperation: { id }, bulkOperations: { nodes: [{ id }] } });
  });

  it("read fifty thousand levels while other requests are answered in between", async () => {
    const { control } = app.simulator;
    const levels = app.locationIds.map((locationId) => ({ locationId, available: 7 }));
    for (let batch = 0; batch < 250; batch += 1) {
      control.createProduct(SHOP, { title: `P${batch}`, variants: Array.from({ length: 100 }, (_, index) => ({ sku: `S${batch}-${index}`, levels })) });
    }
    control.setBulk({ startAfterMs: 0, objectsPerSecond: 1_000_000_000 });
    const id = await run(LEVELS);
    control.setClock({ advanceMs: 1_000 });
    let answeredWhileRunning = 0;
    for (let state = await read(id); state.status === "RUNNING" || state.status === "CREATED"; state = await read(id)) {
      if (state.status === "RUNNING") answeredWhileRunning += 1;
      control.setClock({ advanceMs: 1_000 });
    }
    const done = await read(id);
    expect(done).toMatchObject({ status: "COMPLETED", rootObjectCount: "25000", objectCount: "75000" });
    expect(answeredWhileRunning).toBeGreaterThan(5);
    expect(await lines(done.url)).toHaveLength(75_000);
  }, 60_000);
});
