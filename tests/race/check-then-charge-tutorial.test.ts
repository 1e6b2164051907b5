// Goal: the forty lines of docs/tutorials/hold-stock-in-your-checkout.md do what the page says; nobody copies a mistake from it.
// Method: the code is taken out of the page as it stands there and run against Holdfast's API and a payment provider.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openReservationApi, type ReservationApi, type Store } from "./check-then-charge-api.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "tutorials", "hold-stock-in-your-checkout.md");

interface Provider {
  charge(key: string): Promise<{ paid: boolean; chargeId: string }>;
  refund(key: string, chargeId: string): Promise<void>;
}
interface Tutorial {
  buy(cart: { key: string; buyer: string; sku: string }, provider: Provider): Promise<string>;
}

let api: ReservationApi;
let folder: string;
beforeAll(async () => {
  api = await openReservationApi();
  folder = mkdtempSync(join(tmpdir(), "holdfast-tutorial-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.close();
});

let store: Store;
let tutorial: Tutorial;
let charges: Map<string, string>;
let refunds: Set<string>;
const provider = (card: "good" | "declined" = "good"): Provider => ({
  async charge(key) {
    if (card === "declined") return { paid: false, chargeId: "" };
    charges.set(key, `ch-${key}`);
    return { paid: true, chargeId: `ch-${key}` };
  },
  async refund(key) {
    refunds.add(key);
  },
});

beforeEach(async () => {
  store = await api.openStore(1);
  [charges, refunds] = [new Map(), new Set()];
  tutorial = await take({ APP: api.origin, TOKEN: store.apiToken });
});
afterEach(() => {
  delete process.env["APP"];
  delete process.env["TOKEN"];
});

let taken = 0;

async function take(variables: Record<string, string>): Promise<Tutorial> {
  const code = /^```ts\n(.*?)^```/ms.exec(readFileSync(PAGE, "utf8"))?.[1];
  if (code === undefined) throw new Error("the page shows no TypeScript");
  Object.assign(process.env, variables);
  // Each test takes it anew: it reads its two variables when it is loaded.
  const file = join(folder, `tutorial-${(taken += 1)}.ts`);
  writeFileSync(file, code);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Tutorial;
}

describe("the code of the tutorial", () => {
  const cart = (buyer: string) => ({ key: `cart of ${buyer}`, buyer, sku: "LAMP" });

  it("sells the last unit to one of two buyers and charges nobody else", async () => {
    const ends = await store.whileTurning(Promise.all(["ada", "ben"].map(async (buyer) => await tutorial.buy(cart(buyer), provider()))));
    expect(ends.toSorted()).toEqual(["bought", "sold out"]);
    expect(charges.size).toBe(1);
    await store.settle();
    expect(store.quantities()).toMatchObject({ available: 0, reserved: 0, committed: 1 });
  });

  it("may be run again from its beginning, and nothing happens twice", async () => {
    const ends = await store.whileTurning(Promise.all([1, 2, 3].map(async () => await tutorial.buy(cart("ada"), provider()))));
    expect(ends).toEqual(["bought", "bought", "bought"]);
    await store.settle();
    expect(store.quantities()).toMatchObject({ available: 0, reserved: 0, committed: 1 });
  });

  it("gives the unit to the next buyer when the card is declined", async () => {
    expect(await store.whileTurning(tutorial.buy(cart("ada"), provider("declined")))).toBe("declined");
    expect(await store.whileTurning(tutorial.buy(cart("ben"), provider()))).toBe("bought");
    expect([...charges.keys()]).toEqual(["cart of ben"]);
  });

  it("gives the money back when the hold lapsed and somebody else had the unit", async () => {
    const { database } = api.house.composed;
    const slow: Provider = {
      ...provider(),
      async charge(key) {
        // The charge takes longer than the hold lives.
        await database.execute(`UPDATE reservations SET expires_at = now() - interval '1 second' WHERE idempotency_key = $1 AND state = 'active'`, key);
        await tutorial.buy(cart("ben"), provider());
        return await provider().charge(key);
      },
    };
    expect(await store.whileTurning(tutorial.buy(cart("ada"), slow))).toBe("refunded");
    expect([...refunds]).toEqual(["cart of ada-refund"]);
    expect([...charges.keys()].toSorted()).toEqual(["cart of ada", "cart of ben"]);
  });
});
