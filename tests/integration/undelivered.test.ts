// What the review page shows beside changes: pushes and alerts that were not taken, their second try, and the alert that counts them.
import { afterAll, beforeAll, expect, it } from "vitest";

import { actOnUndelivered, loadUndelivered } from "#app/dashboard/undelivered-page.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

let house: House;
let shop: HouseShop;
beforeAll(async () => {
  house = await openHouse();
  shop = await house.openShop();
});
afterAll(() => house.close());

const load = async () => {
  const install = await house.composed.installStore.active(shop.shop);
  if (install === null) throw new Error("it was installed");
  return loadUndelivered(house.composed, house.composed, install);
};
const act = (fields: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const { external, alertDesk, logger } = house.composed;
  return actOnUndelivered({ pushes: external.desk, alertDesk, logger }, { install: shop, actor: "staff:7" }, form);
};
const done = { kind: "acted", doneCount: 1, changedCount: 1, refused: [], next: null };

it("shows parked pushes, counts them for the alert, sends one again and passes one over only with a reason, each once", async () => {
  const other = await house.openShop();
  const { database, alerts } = house.composed;
  await database.execute(
    `INSERT INTO external_pushes (install_id, shop, change_id, inventory_item_id, sequence, content, state, reason)
     SELECT i.id, i.shop, i.id * 1000 + n, n::text, 1, '{"sku": "KETTLE", "delta": -1, "quantityName": "available", "traceId": "t"}'::jsonb, 'parked', 'answered 422' FROM installs i, generate_series(1, 2) n WHERE i.id IN ($1, $2)`,
    shop.installId,
    other.installId,
  );
  expect((await alerts.signals.figures(shop.installId)).parked).toBe(2);
  const [newer, older] = (await load()).pushes;
  expect(newer).toMatchObject({ item: "KETTLE", delta: -1, reason: "answered 422" });
  expect(await act({ what: "push", act: "retry", ids: older?.id ?? "" })).toEqual(done);
  expect(await act({ what: "push", act: "skip", ids: newer?.id ?? "" })).toEqual({ kind: "note_missing" });
  expect(await act({ what: "push", act: "skip", ids: newer?.id ?? "", note: "corrected there by hand" })).toEqual(done);
  expect(await act({ what: "push", act: "retry", ids: newer?.id ?? "" })).toMatchObject({ kind: "acted", doneCount: 0, refused: [{ refusal: "not_parked", count: 1 }] });
  const [foreign] = await database.query<{ id: bigint }>(`SELECT id FROM external_pushes WHERE install_id = $1`, other.installId);
  expect(await act({ what: "push", act: "retry", ids: String(foreign?.id) })).toMatchObject({ refused: [{ refusal: "not_found", count: 1 }] });
  expect((await load()).pushes).toEqual([]);
  expect((await alerts.signals.figures(shop.installId)).parked).toBe(0);
});

it("does not act on what it does not understand", async () => {
  const senseless: Record<string, string>[] = [{ what: "push", act: "boil", ids: "1" }, { what: "push", act: "retry", ids: "one" }, { what: "nothing", ids: "1" }];
  for (const form of senseless) expect(await act(form)).toEqual({ kind: "not_understood" });
  expect(await act({ what: "alert", ids: "1" })).toMatchObject({ doneCount: 0, refused: [{ refusal: "not_found", count: 1 }] });
});
