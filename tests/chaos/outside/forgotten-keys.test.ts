// Goal: a Shopify that reads `@idempotent` and ignores it (reported by users) never doubles a change in silence; and one that keeps its
// promise raises no false alarm, whoever else moves the stock meanwhile.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { openStore, type StoreUnderTest } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function withForgottenKeys<Result>(work: () => Promise<Result>): Promise<Result> {
  house.simulator.control.setAssumptions({ keysHonoured: false });
  try {
    return await work();
  } finally {
    house.simulator.control.setAssumptions({ keysHonoured: true });
  }
}
const incidents = async (store: StoreUnderTest) =>
  (await house.composed.database.query<{ kind: string; detail: unknown }>(`SELECT kind, detail FROM audit_entries WHERE install_id = $1 AND kind LIKE 'applied_%' ORDER BY id`, store.shop.installId)).map(
    ({ kind, detail }) => ({ kind, detail }),
  );
const corrections = (store: StoreUnderTest) =>
  house.composed.database.query<{ cause: string; state: string; reason: string; delta: number; order_id: string | null }>(
    `SELECT cause, state, reason, delta, order_id FROM changes WHERE install_id = $1 AND cause = 'correction'`,
    store.shop.installId,
  );

/** The re-send as it was before it was weighed: without a look at the stock or at Shopify's memory. */
function blindly() {
  const { ledger } = house.composed.turnPorts;
  const trusting = async (...parameters: Parameters<typeof ledger.takeOver>) => {
    const taken = await ledger.takeOver(...parameters);
    return taken.kind === "taken" ? { ...taken, mutation: { ...taken.mutation, unsettledSince: null, unsettledCount: 0 } } : taken;
  };
  return { ledger: { ...ledger, takeOver: trusting } };
}

describe("a Shopify that forgets its keys", () => {
  it("doubles a change in silence when it is sent again blindly", async () => {
    const store = await openStore(house);
    store.buy();
    await store.settle();
    await withForgottenKeys(async () => {
      store.fault({ kind: "after_commit" });
      store.buy();
      await store.settle(blindly());
    });
    // Two orders of one unit each, and three units gone.
    expect(store.moved()).toBe(-3);
    expect(await incidents(store)).toEqual([]);
    expect((await store.states()).every((state) => state === "applied")).toBe(true);
  });

  it("is found out before the re-send: the call is parked with what was seen, and nothing is doubled", async () => {
    const store = await openStore(house, 2);
    store.buy(0);
    await store.settle();
    await withForgottenKeys(async () => {
      store.fault({ kind: "after_commit" });
      store.buy(0);
      await store.settle();
      // Its neighbours go on.
      store.buy(1);
      await store.settle();
    });
    expect(store.moved(0)).toBe(-2);
    expect(store.moved(1)).toBe(-1);
    expect(await store.states()).toEqual(["applied", "parked:key_forgotten", "applied"]);
    const [parked] = await house.composed.database.query<{ detail: { evidence: { unheardAttempts: number; levelsBeforeResend: { available: number; moved: boolean }[] } } }>(
      `SELECT detail FROM audit_entries WHERE install_id = $1 AND kind = 'change_parked'`,
      store.shop.installId,
    );
    expect(parked?.detail.evidence).toMatchObject({ unheardAttempts: 1, levelsBeforeResend: [{ available: 98, moved: true }] });
  });

  it("is sent to again when nothing of the call has arrived: its stock has not moved", async () => {
    await withForgottenKeys(async () => {
      const store = await openStore(house);
      store.fault({ kind: "before_commit" });
      store.buy();
      await store.oneTurn();
      // As if the call had been made long after the stock moved last, and not in the same second as the shop was opened.
      await house.composed.database.execute(`UPDATE attempts SET sent_at = sent_at + interval '10 minutes' WHERE install_id = $1`, store.shop.installId);
      await store.settle();
      expect(await store.attempts()).toEqual(["unknown", "applied"]);
      expect(store.moved()).toBe(-1);
      await store.endsWell();
    });
  });

  it("and never applied anything of ours before is caught at the second effect: the incident, and a correction that only a person may send", async () => {
    const store = await openStore(house, 2);
    await withForgottenKeys(async () => {
      store.fault({ kind: "after_commit" });
      store.buy(0);
      store.buy(1);
      await store.settle();
    });
    expect([store.moved(0), store.moved(1)]).toEqual([-2, -2]);
    expect((await incidents(store)).map(({ kind }) => kind)).toEqual(["applied_twice", "applied_twice"]);
    expect(await corrections(store)).toEqual([
      { cause: "correction", state: "parked", reason: "possibly_doubled", delta: 1, order_id: null },
      { cause: "correction", state: "parked", reason: "possibly_doubled", delta: 1, order_id: null },
    ]);
    // The ledger knows of both effects.
    await store.endsWell(["parked:possibly_doubled", "parked:possibly_doubled"]);
    // From then on a key of ours is known to have been forgotten: the next one is not sent blindly.
    await withForgottenKeys(async () => {
      store.fault({ kind: "after_commit" });
      store.buy(0);
      await store.settle();
    });
    expect(store.moved(0)).toBe(-3);
    expect((await store.states()).at(-1)).toBe("parked:key_forgotten");
  });

  it("is undone by a person who sends the correction: once, under a key of its own", async () => {
    const store = await openStore(house);
    await withForgottenKeys(async () => {
      store.fault({ kind: "after_commit" });
      store.buy();
      await store.settle();
    });
    expect(store.moved()).toBe(-2);
    await house.composed.database.execute(`UPDATE changes SET state = 'waiting', reason = NULL WHERE install_id = $1 AND cause = 'correction'`, store.shop.installId);
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("a Shopify that keeps its keys", () => {
  const SEED = Number(process.env["SEED"] ?? 7);

  it(`raises no alarm while somebody else keeps moving the stock (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const store = await openStore(house, 3);
    const kinds = ["after_commit", "before_commit", "half_body", "html", "cut"] as const;
    for (let round = 0; round < 12; round += 1) {
      const index = random.between(0, 2);
      if (random.chance(0.6)) store.fault({ kind: random.pick(kinds) });
      store.buy(index);
      await store.oneTurn();
      // The same units as ours, so that nothing but Shopify's memory tells the two apart.
      if (random.chance(0.7)) store.meddle(-1, index);
      await store.settle();
    }
    expect(await incidents(store)).toEqual([]);
    await store.endsWell();
  });

  it.each([true, false])("is trusted after the first lost answer of all, whether or not a change of 0 uses a key up: %s", async (noOpBindsKey) => {
    house.simulator.control.setAssumptions({ noOpBindsKey });
    try {
      const store = await openStore(house);
      store.fault({ kind: "after_commit" });
      store.buy();
      await store.oneTurn();
      store.meddle(-1);
      await store.settle();
      expect(store.moved()).toBe(-1);
      expect(await incidents(store)).toEqual([]);
      await store.endsWell();
    } finally {
      house.simulator.control.setAssumptions({ noOpBindsKey: true });
    }
  });
});

describe("an answer that was heard and not booked, because the process died in between", () => {
  it("is booked as it was heard: nothing is sent again, so that nothing depends on Shopify's memory", async () => {
    const store = await openStore(house);
    await withForgottenKeys(async () => {
      store.buy();
      await house.delivered();
      const { ledger } = house.composed.turnPorts;
      const dying = { ledger: { ...ledger, recordApplied: () => Promise.reject(new Error("killed")) } };
      await expect(house.turn(store.shop.shop, dying)).rejects.toThrow("killed");
      await store.settle();
    });
    expect(await store.attempts()).toEqual(["applied"]);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});
