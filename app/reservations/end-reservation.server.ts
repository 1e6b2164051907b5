// A hold is given more time, or given back.

import type { EndOutcome, ReservationBook } from "#app/ports/reservation-book.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { Metrics } from "#app/ports/telemetry.ts";

export interface ExtendPorts {
  readonly book: Pick<ReservationBook, "extend">;
  readonly settings: Pick<SettingsStore, "current">;
}

export type ExtendResult = EndOutcome | { readonly kind: "ttl_too_long"; readonly ttlSecondsMax: number };

export async function extendReservation(
  { book, settings }: ExtendPorts,
  { installId, reservationId, ttlSeconds }: { readonly installId: bigint; readonly reservationId: string; readonly ttlSeconds: number },
): Promise<ExtendResult> {
  const { ttlSecondsMax } = (await settings.current(installId)).reservations;
  if (ttlSeconds > ttlSecondsMax) return { kind: "ttl_too_long", ttlSecondsMax };
  return book.extend(installId, reservationId, ttlSeconds);
}

/** Safe to repeat: what has ended already stays as it ended. */
export async function releaseReservation(
  { book, metrics }: { readonly book: Pick<ReservationBook, "release">; readonly metrics: Pick<Metrics, "reservation"> },
  { installId, reservationId, by }: { readonly installId: bigint; readonly reservationId: string; readonly by: string },
): Promise<EndOutcome> {
  const outcome = await book.release(installId, reservationId, by);
  if (outcome.kind === "ended") metrics.reservation("released");
  return outcome;
}
