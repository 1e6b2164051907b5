// What operators read: the metrics of a scrape and the doctor's lines say how things stand with the shops that use the app.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { doctor } from "../../cli/doctor.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function metric(line: string): Promise<number> {
  const { text } = await house.composed.metrics.expose();
  const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? Number.NaN);
}

async function backlogLine(): Promise<string> {
  const report = await doctor.run({ composed: house.composed, options: NO_OPTIONS });
  return report.text.split("\n").find((line) => line.includes("backlog")) ?? "";
}

async function pendingSince(installId: bigint, shop: string, webhookId: string, seconds: number): Promise<void> {
  await house.composed.database.execute(
    `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id, received_at) VALUES ($1, $2, $3, 'orders/create', 't', now() - $4 * interval '1 second')`,
    installId,
    shop,
    webhookId,
    seconds,
  );
}

describe("the lag", () => {
  it("is that of the shops where the app is installed: what an ended install left behind waits for nobody", async () => {
    const left = await house.openShop();
    const stays = await house.openShop();
    house.simulator.control.uninstall(left.shop);
    await house.settle(left.shop);
    await pendingSince(left.installId, left.shop, "w-ended", 9_000);
    expect(await metric("holdfast_delivery_lag_seconds")).toBe(0);
    expect(await backlogLine()).toMatch(/^ok .* 0 notifications pending, the oldest for 0 s/);
    await pendingSince(stays.installId, stays.shop, "w-active", 3_000);
    const lagSeconds = await metric("holdfast_delivery_lag_seconds");
    expect(lagSeconds).toBeGreaterThanOrEqual(3_000);
    expect(lagSeconds).toBeLessThan(9_000);
    expect(await backlogLine()).toMatch(/^WRONG .* 1 notifications pending/);
  });
});

describe("a turn that throws", () => {
  it("is counted as failed", async () => {
    const ran = Promise.withResolvers<void>();
    let thrown = 0;
    const runner = house.composed.turnQueue.runTurns(
      async () => {
        ran.resolve();
        // Once: a failed turn is repeated, perhaps before this one's runner has stopped.
        if ((thrown += 1) === 1) throw new Error("a bug");
        return { again: "no" };
      },
      { concurrency: 1 },
    );
    await runner.ready();
    await house.composed.waker.wake("throws.myshopify.com");
    await ran.promise;
    await runner.stop({ timeoutMs: 10_000 });
    expect(await metric('holdfast_turns_total{outcome="failed"}')).toBe(1);
  });
});

describe("the doctor, of the files that Shopify reads,", () => {
  it("has a line for each of them, and says of the repository's own that it is not linked yet", async () => {
    const { value } = await doctor.run({ composed: house.composed, options: NO_OPTIONS });
    const { findings } = value as { findings: { name: string; ok: boolean; detail: string }[] };
    const files = findings.filter(({ name }) => name.endsWith(".toml"));
    expect(files.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(files[0]).toMatchObject({ name: "shopify.app.toml", detail: expect.stringContaining("npm run config:link") as string });
  });
});
