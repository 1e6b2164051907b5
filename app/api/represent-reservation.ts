// Reservations as the HTTP API shows them: one shape, whether one was just granted, looked up or listed.

import type { ReservationRow } from "#app/dashboard/queries/list-reservations.server.ts";
import { formatGid } from "#app/domain/gid.ts";
import type { OrderMaking, Reservation, ReservationLine } from "#app/ports/reservation-book.ts";

type Shown = Pick<
  Reservation,
  "id" | "state" | "expiresAt" | "reference" | "orderId" | "paymentReference" | "late" | "refundRequired" | "settlement" | "traceId" | "createdAt" | "finishedAt"
> & { readonly lines: readonly ReservationLine[] };

/** `order`: of one that Holdfast creates itself. */
export interface ShownOrder {
  readonly state: OrderMaking["state"] | "not_sent";
  /** Decimal. */
  readonly orderId: string | null;
  readonly failure: string | null;
}

export function representReservation(reservation: Shown, order: ShownOrder | null = null) {
  return {
    id: reservation.id,
    state: reservation.state,
    expiresAt: reservation.expiresAt.toISOString(),
    lines: reservation.lines.map(representLine),
    reference: reservation.reference,
    orderId: gidOrNull("Order", reservation.orderId ?? order?.orderId ?? null),
    order: order === null ? null : { state: order.state, orderId: gidOrNull("Order", order.orderId), failure: order.failure },
    paymentReference: reservation.paymentReference,
    late: reservation.late,
    refundRequired: reservation.refundRequired,
    settlement: reservation.settlement,
    traceId: reservation.traceId,
    createdAt: reservation.createdAt.toISOString(),
    finishedAt: reservation.finishedAt?.toISOString() ?? null,
  };
}

export function representReservationRow(row: ReservationRow) {
  return representReservation(row, row.making === null ? null : { state: row.making, orderId: row.making === "created" ? row.orderId : null, failure: row.makingFailure });
}

export function representLine({ inventoryItemId, locationId, variantId, sku, quantity, counts }: Shown["lines"][number]) {
  return { inventoryItemId: formatGid("InventoryItem", inventoryItemId), locationId: formatGid("Location", locationId), variantId: gidOrNull("ProductVariant", variantId), sku, quantity, counts };
}

function gidOrNull(kind: "Order" | "ProductVariant", id: string | null): string | null {
  return id === null ? null : formatGid(kind, id);
}
