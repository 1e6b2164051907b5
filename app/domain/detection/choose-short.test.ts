import { describe, expect, it } from "vitest";

import { chooseShort, type OpenUnits } from "./choose-short.ts";

const order = (orderId: string, committedMs: number, units: number, more: Partial<OpenUnits> = {}): OpenUnits => ({ orderId, lineId: "1", units, committedMs, paid: true, exempt: null, ...more });
const short = (input: Parameters<typeof chooseShort>[0]) => chooseShort(input).orders.map(({ open, unitsShort, verdict }) => `${open.orderId} ${verdict} ${unitsShort}`);

describe("who is short", () => {
  it("are the last to order, until the missing units are covered", () => {
    expect(short({ open: [order("3", 30, 2), order("1", 10, 1), order("2", 20, 3)], units: 4, policy: "latest_first" })).toEqual(["1 served 0", "2 short 2", "3 short 2"]);
  });

  it("are the unpaid first where the merchant says so, and the last of them first", () => {
    const open = [order("1", 10, 1, { paid: false }), order("2", 20, 1), order("3", 30, 1, { paid: false }), order("4", 40, 1)];
    expect(short({ open, units: 3, policy: "unpaid_first" })).toEqual(["1 short 1", "2 served 0", "3 short 1", "4 short 1"]);
  });

  it("is never an order whose goods are gone: those before it are short instead", () => {
    expect(short({ open: [order("1", 10, 1), order("2", 20, 2, { exempt: "pos" })], units: 1, policy: "latest_first" })).toEqual(["1 short 1", "2 exempt 0"]);
  });

  it("of the same second is the one with the higher id, however long the ids are", () => {
    expect(short({ open: [order("99999999999999999999", 10, 1), order("9999999999999999999", 10, 1)], units: 1, policy: "latest_first" })).toEqual(["9999999999999999999 served 0", "99999999999999999999 short 1"]);
  });

  it("stays open where the known orders want less than is missing", () => {
    expect(chooseShort({ open: [order("1", 10, 1)], units: 3, policy: "latest_first" })).toMatchObject({ uncovered: 2, orders: [{ unitsShort: 1 }] });
  });
});
