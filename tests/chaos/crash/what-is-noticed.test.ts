// Goal: the tests of this folder would notice. What they look at in the end tells of work that nobody finished, of a unit that moved twice,
// and of a change that the audit trail does not know.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openProvingGround, type ProvingGround } from "../processes/proving-ground.ts";
import { hold } from "./checkout-play.ts";
import { openStage, readDifferences, readWorkLeft } from "./stage.ts";

let ground: ProvingGround;
beforeAll(async () => {
  ground = await openProvingGround();
});
afterAll(() => ground.close());

describe("what the crash tests look at", () => {
  it("tells of the work of a killed worker that nobody started again", async () => {
    const stage = await openStage(ground, "left", () => null);
    const worker = await ground.startWorker();
    await worker.arm({ step: "ledger.claim", moment: "after", act: "kill" });
    stage.order();
    expect(await worker.struck()).toBe("ledger.claim:after");
    expect(await worker.ended).toBe("ended by SIGKILL");
    expect(await readWorkLeft(stage)).toEqual(expect.arrayContaining(["1 changes unfinished", "1 calls open"]));
    expect(await readDifferences(stage, { moved: [-1, 0] })).not.toEqual([]);
  });

  it("tells of a unit that moved under a key of which the ledger knows nothing", async () => {
    const stage = await openStage(ground, "doubled", () => null);
    const { house, shop, items } = stage;
    stage.order();
    await house.settle(shop.shop);
    expect(await readDifferences(stage, { moved: [-1, 0] })).toEqual([]);
    const bare = (gid: string | undefined) => gid?.split("/").at(-1) ?? "";
    const again = await house.composed.shopify.inventory.adjustQuantities(
      { shop: shop.shop, mayStillSend: () => true },
      { key: crypto.randomUUID(), name: "available", reason: "correction", referenceDocumentUri: "gid://holdfast/Mutation/unknown", changes: [{ inventoryItemId: bare(items[0].inventoryItemId), locationId: bare(shop.locationIds[0]), delta: -1, changeFrom: null }] },
    );
    expect(again.kind).toBe("applied");
    expect((await readDifferences(stage, { moved: [-1, 0] })).join("\n")).toContain("in Shopify, not in the ledger");
  });

  it("tells of an applied change that the audit trail does not know", async () => {
    const stage = await openStage(ground, "untold", () => null);
    const { house, shop } = stage;
    stage.order();
    await house.settle(shop.shop);
    // Only a superuser's session can do what the trigger forbids.
    await house.composed.database.transaction(async (tx) => {
      await tx.execute(`SET LOCAL session_replication_role = replica`);
      await tx.execute(`DELETE FROM audit_entries WHERE install_id = $1 AND kind = 'change_applied'`, shop.installId);
    });
    expect((await readDifferences(stage, { moved: [-1, 0] })).join("\n")).toContain("the audit trail tells 0 times");
  });

  it("tells of a unit that a block counts and no hold has, and of an end that was counted twice", async () => {
    const stage = await openStage(ground, "miscounted", () => null);
    const worker = await ground.startWorker();
    const held = await hold(stage);
    await worker.stop();
    expect(await readDifferences(stage, { moved: [-4, 0], holds: ["active"] })).toEqual([]);
    await stage.sql(`UPDATE stock_blocks SET granted = granted + 1 WHERE install_id = $1`);
    await stage.house.composed.reservations.book.release(held.installId, held.id, "test");
    await stage.sql(`UPDATE reservation_hours SET released_units = released_units * 2 WHERE install_id = $1`);
    const told = (await readDifferences(stage, { moved: [-4, 0], holds: ["released"] })).join("\n");
    expect(told).toContain("1 units are counted as granted, and holds have 0");
    expect(told).toContain("4 units are counted as released in all, and holds have 2");
  });
});
