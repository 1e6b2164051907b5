// What a caller may say of the order made for its reservation, and what is refused by name.
import { describe, expect, it } from "vitest";

import { buildOrder } from "./order-input.ts";

const RESERVATION = "0192f3a4-7b1c-4d2e-8f90-a1b2c3d4e5f6";
const METAFIELD = { namespace: "$app:holdfast", key: "reservation", type: "id" };
const HELD = [{ variantId: "1", quantity: 2 }, { variantId: "2", quantity: 1 }];
const build = (wanted: Record<string, unknown>, held = HELD) => buildOrder({ reservationId: RESERVATION, held, wanted, metafield: METAFIELD });
const codes = (wanted: Record<string, unknown>) => {
  const built = build(wanted);
  return built.kind === "faults" ? built.faults.map(({ code, field }) => `${code} ${field.join(".")}`) : built.kind;
};
const line = (id: number, quantity: unknown) => ({ variantId: `gid://shopify/ProductVariant/${id}`, quantity });

describe("the order of a reservation", () => {
  it("has the held lines, the reservation's metafield first and its attribute, and what the caller says", () => {
    expect(build({ email: "a@example.com", metafields: [{ namespace: "shop", key: "k", type: "t", value: "v" }], customAttributes: [{ key: "gift", value: "yes" }], sendReceipt: true })).toEqual({
      kind: "built",
      sendReceipt: true,
      order: {
        email: "a@example.com",
        lineItems: [line(1, 2), line(2, 1)],
        metafields: [{ ...METAFIELD, value: RESERVATION }, { namespace: "shop", key: "k", type: "t", value: "v" }],
        customAttributes: [{ key: "gift", value: "yes" }, { key: "holdfast_reservation", value: RESERVATION }],
      },
    });
  });

  it("may have its lines said with prices and split, as long as they are the units that are held", () => {
    expect(build({ lineItems: [{ ...line(1, 1), title: "at a discount" }, line(2, 1), line(1, 1)] })).toMatchObject({ kind: "built", order: { lineItems: [{ title: "at a discount" }, {}, {}] } });
  });

  it.each([
    ["more units", [line(1, 3), line(2, 1)]],
    ["fewer units", [line(1, 2)]],
    ["another variant", [line(1, 2), line(2, 1), line(3, 1)]],
    ["a line without a variant", [line(1, 2), line(2, 1), { title: "gift wrap", quantity: 1 }]],
    ["a quantity that is none", [line(1, "2"), line(2, 1)]],
    ["units taken back by another line", [line(1, 3), line(1, -1), line(2, 1)]],
  ])("is refused with %s", (_what, lineItems) => {
    expect(codes({ lineItems })).toEqual(["LINES_DIFFER order.lineItems"]);
  });

  it.each(["sourceName", "fulfillment", "fulfillmentStatus", "userId", "customerId", "closedAt", "inventoryBehaviour", "__proto__x"])("is refused with %s, which is not the caller's to say", (name) => {
    expect(codes({ [name]: "x" })).toEqual([`NOT_ALLOWED order.${name}`]);
  });

  it("is refused when it would overwrite the tie to its reservation", () => {
    expect(codes({ metafields: [{ ...METAFIELD, value: "other" }] })).toEqual(["NOT_ALLOWED order.metafields"]);
    expect(codes({ customAttributes: [{ key: "_holdfast_reservation", value: "other" }] })).toEqual(["NOT_ALLOWED order.customAttributes"]);
  });

  it("names every fault at once, and never what a field holds", () => {
    const built = build({ lineItems: "Ada", metafields: "Ada", customAttributes: ["Ada"], sendReceipt: "Ada" });
    expect(built).toMatchObject({ kind: "faults", faults: [{}, {}, {}, {}] });
    expect(JSON.stringify(built)).not.toContain("Ada");
  });
});
