import { afterEach, describe, expect, it } from "vitest";
import { paymentClient } from "./payment-client.ts";
import { startPaymentProvider } from "./payment-provider.ts";
import type { PaymentProvider, PaymentProviderOptions } from "./payment-provider.ts";

const GOOD = { buyer: "ada", amountCents: 4_900, card: "good" } as const;

describe("the payment provider", () => {
  let provider: PaymentProvider;
  const start = async (options: PaymentProviderOptions = {}) => {
    provider = await startPaymentProvider({ sleep: async () => undefined, ...options });
    return paymentClient({ url: provider.origin });
  };
  afterEach(async () => await provider.close());

  it("charges once however often a key comes, also at the same moment", async () => {
    const client = await start();
    const answers = await Promise.all([1, 2, 3].map(async () => await client.charge("a", GOOD)));
    expect(answers).toEqual([1, 2, 3].map(() => ({ kind: "charged", chargeId: "ch_1" })));
    expect(provider.ledger()).toMatchObject({ charges: [{ key: "a", buyer: "ada" }], repeats: 2 });
  });

  it("charges and drops the connection: the repetition hears of the charge that was made", async () => {
    const client = await start({ mischief: { seed: 1, dropAfter: 1 } });
    expect(await client.charge("a", GOOD)).toMatchObject({ kind: "unanswered" });
    provider.setMischief({ seed: 1 });
    expect(await client.charge("a", GOOD)).toEqual({ kind: "charged", chargeId: "ch_1" });
    expect(provider.ledger().charges).toHaveLength(1);
  });

  it("that refuses has charged nothing", async () => {
    const client = await start({ mischief: { seed: 1, refuse: 1 } });
    expect(await client.charge("a", GOOD)).toMatchObject({ kind: "unanswered" });
    expect(provider.ledger()).toMatchObject({ charges: [], mishaps: { refuse: 1 } });
  });

  it("declines under a key for good", async () => {
    const client = await start();
    for (let times = 0; times < 2; times += 1) expect(await client.charge("a", { ...GOOD, card: "declined" })).toEqual({ kind: "declined" });
    expect(provider.ledger()).toMatchObject({ charges: [], declined: 1 });
  });

  it("gives a charge back once", async () => {
    const client = await start();
    await client.charge("a", GOOD);
    for (let times = 0; times < 2; times += 1) await client.refund("a:refund", "ch_1");
    expect(provider.ledger().refunds).toEqual([{ refundId: "re_1", key: "a:refund", chargeId: "ch_1", buyer: "ada" }]);
  });

  it("draws its mischief from the seed and the key, whoever comes first", async () => {
    const fates = async (keys: readonly string[]) => {
      const client = await start({ mischief: { seed: 7, refuse: 0.5 } });
      const drawn = new Map<string, string>();
      for (const key of keys) drawn.set(key, (await client.charge(key, GOOD)).kind);
      await provider.close();
      return keys.toSorted().map((key) => drawn.get(key));
    };
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    const fated = await fates(keys);
    expect(await fates(keys.toReversed())).toEqual(fated);
    expect(new Set(fated).size).toBe(2);
    await start();
  });
});
