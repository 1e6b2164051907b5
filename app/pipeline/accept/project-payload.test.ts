// What of an order's attributes touches disk: a reservation's id, and nothing else, whatever they hold.
import { describe, expect, it } from "vitest";

import { projectPayload } from "./project-payload.ts";

const RESERVATION = "0192f3a4-7b1c-4d2e-8f90-a1b2c3d4e5f6";
const SHOP = "acme.myshopify.com";

function project(body: Record<string, unknown>) {
  return projectPayload("orders/create", { id: "450789469", created_at: "2026-11-25T10:00:00Z", updated_at: "2026-11-25T10:00:00Z", line_items: [], ...body }, SHOP);
}

function versionOf(body: Record<string, unknown>) {
  const projection = project(body);
  if (projection.kind !== "work" || projection.payload.kind !== "order") throw new Error("the order was not projected");
  return projection.payload.version;
}

const attribute = (name: unknown, value: unknown) => ({ name, value });

describe("an order's attributes", () => {
  it("tie the order to the reservation that one of them names", () => {
    expect(versionOf({ note_attributes: [attribute("gift", "yes"), attribute("holdfast_reservation", ` ${RESERVATION.toUpperCase()} `)] }).reservationId).toBe(RESERVATION);
  });

  it.each(["holdfast_reservation", "_holdfast_reservation"])("tie it as a property %s of a line, too", (name) => {
    expect(versionOf({ line_items: [{ id: 1, quantity: 1, properties: [attribute(name, RESERVATION)] }] }).reservationId).toBe(RESERVATION);
  });

  it("of the order go before those of its lines", () => {
    const other = "11111111-2222-4333-8444-555555555555";
    expect(versionOf({ note_attributes: [attribute("holdfast_reservation", RESERVATION)], line_items: [{ id: 1, quantity: 1, properties: [attribute("holdfast_reservation", other)] }] }).reservationId).toBe(RESERVATION);
  });

  it("keeps nothing of an order's attributes but a reservation's id", () => {
    const secrets = ["Ada Lovelace", "ada@example.com", "+1 555 0100", "12 Analytical Lane", "please ring twice"];
    const version = versionOf({
      note: "please ring twice",
      note_attributes: [
        ...secrets.map((secret, index) => attribute(`field ${index} ${secret}`, secret)),
        attribute("holdfast_reservation", `${RESERVATION} Ada Lovelace`),
        attribute("holdfast_reservation", RESERVATION),
        attribute("holdfast_reservation", "ada@example.com"),
      ],
      line_items: [{ id: 1, quantity: 1, properties: secrets.map((secret) => attribute(secret, secret)) }],
    });
    expect(version.reservationId).toBe(RESERVATION);
    for (const secret of secrets) expect(JSON.stringify(version)).not.toContain(secret);
  });

  it.each([
    ["no list", "holdfast_reservation"],
    ["entries that are no objects", [null, 7, "holdfast_reservation", ["holdfast_reservation", RESERVATION]]],
    ["a value that is no text", [attribute("holdfast_reservation", { id: RESERVATION })]],
    ["a name that is no text", [attribute(["holdfast_reservation"], RESERVATION)]],
    ["a value that is no UUID", [attribute("holdfast_reservation", "' OR 1=1 --"), attribute("holdfast_reservation", `${RESERVATION}\u0000`)]],
    ["another spelling of the name", [attribute("Holdfast_Reservation", RESERVATION)]],
    ["more attributes than an order has", [...Array.from({ length: 250 }, () => attribute("x", "y")), attribute("holdfast_reservation", RESERVATION)]],
  ])("tie nothing with %s", (_what, attributes) => {
    expect(versionOf({ note_attributes: attributes })).not.toHaveProperty("reservationId");
  });
});
