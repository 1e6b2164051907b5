// Goal: a checkout that dies at any moment charges nobody twice and leaves nothing half done.
// Method: every purchase is run with a journal that "kills the process" at its n-th fact, for every n; before or after the fact is on disk.
// What was done outside stays done; a new process opens the same file and goes on. Holdfast is a stand-in here that honours its contract;
// the real one is in tests/chaos/checkout-rush.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finishPurchase } from "./hold-then-charge.ts";
import type { CheckoutParts } from "./hold-then-charge.ts";
import type { CommitAnswer, HoldfastClient } from "./holdfast-client.ts";
import { openJournal } from "./journal.ts";
import type { Fact, Journal, Outcome, Purchase } from "./journal.ts";
import type { PaymentClient } from "./payment-client.ts";
import type { ShopifyClient } from "./shopify-client.ts";

const GOOD: Purchase = { clientToken: "t1", buyer: "ada", items: [{ variantId: "v", quantity: 1 }], card: "good", pays: true, orderBy: "checkout" };

/** Everything outside of the checkout, as what was done to it. */
function outside({ committing }: { committing?: CommitAnswer } = {}) {
  const done = { holds: new Set<string>(), released: new Set<string>(), charges: new Set<string>(), refunds: new Set<string>(), orders: [] as string[], commits: 0 };
  const holdfast: HoldfastClient = {
    reserve: async ({ idempotencyKey }) => {
      done.holds.add(idempotencyKey);
      return { kind: "held", reservationId: `hold-${idempotencyKey}`, state: "active", expiresAtMs: 60_000 };
    },
    extend: async () => ({ kind: "held", expiresAtMs: 120_000 }),
    commit: async (_id, input) => {
      done.commits += 1;
      return committing ?? { kind: "committed", late: false, orderId: input["createOrder"] === undefined ? null : "order-by-holdfast" };
    },
    release: async (id) => {
      done.released.add(id);
      return { kind: "ended" };
    },
  };
  const payments: PaymentClient = {
    charge: async (key, { card }) => {
      if (card === "declined") return { kind: "declined" };
      done.charges.add(key);
      return { kind: "charged", chargeId: `ch-${key}` };
    },
    refund: async (key) => {
      done.refunds.add(key);
      return { kind: "refunded" };
    },
  };
  const shopify: ShopifyClient = {
    defineUniqueId: async () => ({ kind: "defined" }),
    createOrder: async ({ uniqueId }) => {
      if (uniqueId !== null && done.orders.includes(uniqueId)) return { kind: "refused", why: "the value is taken" };
      done.orders.push(uniqueId ?? "none");
      return { kind: "created", orderId: `order-${uniqueId}` };
    },
    findOrder: async (uniqueId) => (done.orders.includes(uniqueId) ? { kind: "found", orderId: `order-${uniqueId}` } : { kind: "absent" }),
    available: async () => ({ kind: "read", units: 1 }),
  };
  return { done, holdfast, payments, shopify };
}

class Killed extends Error {}

/** Dies at the n-th fact: before it is on disk (even n), or just after (odd n). */
function mortal(journal: Journal, dieAt: number): Journal {
  let count = 0;
  const write = async (token: string, fact: Fact) => {
    count += 1;
    if (count * 2 === dieAt) throw new Killed();
    const progress = await journal.learn(token, fact);
    if (count * 2 + 1 === dieAt) throw new Killed();
    return progress;
  };
  return { ...journal, learn: write };
}

describe("a purchase that holds first", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-checkout-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const parts = (around: ReturnType<typeof outside>, journal: Journal): CheckoutParts => ({
    ...around,
    journal,
    ttlSeconds: 60,
    chargeNeedsMs: 5_000,
    nowMs: () => 0,
    patience: { sleep: async () => undefined, signal: new AbortController().signal },
  });

  /** Runs it, killed at `dieAt`, then again and again until it is finished; `deaths` says whether the point was reached. */
  const runKilled = async (purchase: Purchase, around: ReturnType<typeof outside>, dieAt: number): Promise<{ outcome: Outcome; deaths: number }> => {
    let deaths = 0;
    const file = join(folder, `journal-${dieAt}-${purchase.orderBy}-${purchase.card}`);
    for (let life = 0; ; life += 1) {
      const journal = openJournal(file);
      try {
        const known = journal.get(purchase.clientToken) ?? (await journal.begin(purchase));
        return { outcome: await finishPurchase(parts(around, life === 0 ? mortal(journal, dieAt) : journal), known), deaths };
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        deaths += 1;
      } finally {
        journal.close();
      }
    }
  };

  /** Every point of death until one is not reached any more. */
  const everyDeath = async (purchase: Purchase, make: () => ReturnType<typeof outside>, check: (around: ReturnType<typeof outside>, outcome: Outcome) => void): Promise<number> => {
    for (let dieAt = 2; ; dieAt += 1) {
      const around = make();
      const { outcome, deaths } = await runKilled(purchase, around, dieAt);
      check(around, outcome);
      if (deaths === 0) return dieAt - 2;
    }
  };

  it("is charged once and gets one order, wherever its checkout is killed", async () => {
    const deaths = await everyDeath(GOOD, outside, ({ done }, outcome) => {
      expect(outcome).toEqual({ kind: "sold", orderId: "order-t1" });
      expect({ charges: [...done.charges], orders: done.orders, refunds: done.refunds.size, holds: done.holds.size }).toEqual({ charges: ["t1"], orders: ["t1"], refunds: 0, holds: 1 });
    });
    expect(deaths).toBeGreaterThanOrEqual(10);
  });

  it("lets Holdfast create the order and creates none itself", async () => {
    await everyDeath({ ...GOOD, orderBy: "holdfast" }, outside, ({ done }, outcome) => {
      expect(outcome).toEqual({ kind: "sold", orderId: "order-by-holdfast" });
      expect({ charges: done.charges.size, orders: done.orders }).toEqual({ charges: 1, orders: [] });
    });
  });

  it("gives the hold back when the card is declined", async () => {
    await everyDeath({ ...GOOD, card: "declined" }, outside, ({ done }, outcome) => {
      expect(outcome).toEqual({ kind: "declined" });
      expect({ released: [...done.released], charges: done.charges.size, commits: done.commits }).toEqual({ released: ["hold-t1"], charges: 0, commits: 0 });
    });
  });

  it("gives the money back once when the hold had lapsed", async () => {
    const make = () => outside({ committing: { kind: "refund_required" } });
    await everyDeath(GOOD, make, ({ done }, outcome) => {
      expect(outcome).toEqual({ kind: "refunded" });
      expect({ charges: done.charges.size, refunds: [...done.refunds], orders: done.orders }).toEqual({ charges: 1, refunds: ["t1:refund"], orders: [] });
    });
  });

  it("prolongs a hold that would end while the card is charged, and charges nothing when it is gone", async () => {
    const around = outside();
    around.holdfast.reserve = async () => ({ kind: "held", reservationId: "h", state: "active", expiresAtMs: 1_000 });
    around.holdfast.extend = async () => ({ kind: "gone" });
    expect((await runKilled(GOOD, around, 0)).outcome).toEqual({ kind: "lapsed" });
    expect(around.done.charges.size).toBe(0);
  });

  it("asks again when nothing is answered, with the same key", async () => {
    const around = outside();
    const keys: string[] = [];
    const charge = around.payments.charge;
    around.payments.charge = async (key, input) => {
      keys.push(key);
      const answer = await charge(key, input);
      return keys.length < 3 ? { kind: "unanswered", why: "connection lost" } : answer;
    };
    expect((await runKilled(GOOD, around, 0)).outcome.kind).toBe("sold");
    expect(keys).toEqual(["t1", "t1", "t1"]);
  });

  it("is not begun twice from half a line that a killed process left behind", async () => {
    const file = join(folder, "half");
    const whole = openJournal(file);
    await whole.begin(GOOD);
    whole.close();
    const second = JSON.stringify({ token: "t2", purchase: GOOD });
    writeFileSync(file, second.slice(0, 20), { flag: "a" });
    const again = openJournal(file);
    expect(again.all().map(({ purchase }) => purchase.clientToken)).toEqual(["t1"]);
    await again.begin({ ...GOOD, clientToken: "t3" });
    again.close();
    const last = openJournal(file);
    expect(last.all().map(({ purchase }) => purchase.clientToken)).toEqual(["t1", "t3"]);
    last.close();
  });
});
