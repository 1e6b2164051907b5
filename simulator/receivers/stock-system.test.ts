import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { createGate } from "../testing/gate.ts";
import { startStockSystem } from "./stock-system.ts";
import type { StockSystem, StockSystemOptions } from "./stock-system.ts";

const SECRET = "a secret of the test";

function bodyOf(sequence: number, item = "gid://shopify/InventoryItem/1", delta = -1): Record<string, unknown> {
  return { shop: "acme.myshopify.com", inventoryItemId: item, locationId: "gid://shopify/Location/1", sequence, delta };
}

describe("the sample stock system", () => {
  let system: StockSystem;
  const start = async (options: StockSystemOptions = {}) => {
    system = await startStockSystem({ secret: SECRET, ...options });
  };
  afterEach(() => system.close());

  /** The status, or null when no answer came. */
  const push = async (key: string, content: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Response | null> => {
    const body = JSON.stringify(content);
    const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
    const all = { "idempotency-key": key, "x-holdfast-sequence": String(content["sequence"]), "x-holdfast-signature": signature, ...headers };
    return fetch(`${system.origin}/stock`, { method: "POST", headers: all, body }).catch(() => null);
  };

  it("books a push once however often it comes", async () => {
    await start();
    for (let times = 0; times < 3; times += 1) expect((await push("a", bodyOf(1)))?.status).toBe(200);
    await push("b", bodyOf(2, undefined, -4));
    expect(system.ledger().map(({ key, sequence, delta, place }) => [place, key, sequence, delta])).toEqual([[1, "a", 1, -1], [2, "b", 2, -4]]);
    expect(system.proof()).toEqual({ taken: 2, repeats: 2, bookedTwice: [], keysReused: [], outOfOrder: [], gaps: [], overlapping: [], badSignatures: 0, malformed: 0 });
    expect(system.sums()).toEqual({ "gid://shopify/InventoryItem/1@gid://shopify/Location/1": -5 });
  });

  it("without keys books a repeated push again, and says so", async () => {
    await start({ honoursKeys: false, mischief: { next: ["cut_after"] } });
    expect(await push("a", bodyOf(1))).toBeNull();
    await push("a", bodyOf(1));
    expect(system.proof()).toMatchObject({ taken: 2, bookedTwice: ["a"] });
  });

  it("notes what came out of order, what never came, and a key that changed its content", async () => {
    await start();
    for (const sequence of [1, 4, 3]) await push(`k${sequence}`, bodyOf(sequence));
    expect((await push("k4", bodyOf(4, undefined, -9)))?.status).toBe(409);
    await push("other", bodyOf(1, "gid://shopify/InventoryItem/2"));
    expect(system.proof()).toMatchObject({
      taken: 4,
      outOfOrder: [{ inventoryItemId: "gid://shopify/InventoryItem/1", sequence: 3, after: 4 }],
      gaps: [{ from: 2, to: 2 }],
      keysReused: ["k4"],
    });
  });

  it("notes two pushes of one item that are on their way at once, not those of two items", async () => {
    const gate = createGate();
    await start({ mischief: { next: ["slow", "slow", "slow"] }, sleep: (ms) => gate.sleep(ms) });
    const reached = gate.close(3);
    const sent = [push("a", bodyOf(1)), push("b", bodyOf(2)), push("c", bodyOf(1, "gid://shopify/InventoryItem/2"))];
    await reached;
    gate.open();
    await Promise.all(sent);
    const { overlapping } = system.proof();
    expect(overlapping).toHaveLength(1);
    expect(overlapping[0]?.keys.toSorted()).toEqual(["a", "b"]);
  });

  it("turns away what is not signed, and what says one sequence above and another below", async () => {
    await start();
    expect((await push("a", bodyOf(1), { "x-holdfast-signature": "sha256=00" }))?.status).toBe(401);
    expect((await push("a", bodyOf(1), { "x-holdfast-sequence": "2" }))?.status).toBe(400);
    expect(system.proof()).toMatchObject({ taken: 0, badSignatures: 1, malformed: 1 });
  });

  it.each([
    ["refuse_before", 503, 0],
    ["refuse_after", 503, 1],
    ["cut_before", null, 0],
    ["cut_after", null, 1],
    ["busy", 429, 0, "7"],
    ["reject", 422, 0],
  ] as const)("%s answers %s and leaves %i booked", async (mishap, status, taken, retryAfter: string | null = null) => {
    await start({ mischief: { next: [mishap], retryAfterSeconds: 7 } });
    const answer = await push("a", bodyOf(1));
    expect([answer?.status ?? null, system.proof().taken, answer?.headers.get("retry-after") ?? null]).toEqual([status, taken, retryAfter]);
    expect((await push("a", bodyOf(1)))?.status).toBe(200);
    expect(system.proof().taken).toBe(1);
  });

  it("fails about as often as told, the same way for the same seed, and shows its ledger over HTTP", async () => {
    await start();
    const fates = async () => {
      await fetch(`${system.origin}/mischief`, { method: "POST", body: JSON.stringify({ seed: 7, rate: 0.5 }) });
      const statuses: (number | null)[] = [];
      for (let sequence = 1; sequence <= 40; sequence += 1) statuses.push((await push(`k${sequence}`, bodyOf(sequence)))?.status ?? null);
      return statuses;
    };
    const first = await fates();
    expect(await fates()).toEqual(first);
    const failed = first.filter((status) => status !== 200).length;
    expect(failed).toBeGreaterThan(10);
    expect(failed).toBeLessThan(30);
    const shown = (await (await fetch(`${system.origin}/ledger`)).json()) as { items: unknown[] };
    expect(shown.items).toHaveLength(system.ledger().length);
  });
});
