// Holds units for a buyer before the charge: what is wanted is made out, asked for together with others, waited for, and said.

import { assertNever } from "#app/domain/invariant.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { Reservation, ReservationLine, ReserveOutcome, ReserveRequest, ShortLine } from "#app/ports/reservation-book.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import { promisableOf } from "#app/ports/stock-view.ts";
import type { ReservationMetricOutcome } from "#app/ports/telemetry.ts";
import { askUntilConfirmed } from "./ask-until-confirmed.server.ts";
import { hashOf } from "./hash-request.server.ts";
import type { KnowVariants } from "./know-variants.server.ts";
import { promiseFromOf, type ReservationPorts, type ReservingInstall } from "./reservation-ports.ts";
import { type LineFault, type RequestedLine, resolveLines } from "./resolve-lines.server.ts";

export interface ReserveStock {
  readonly install: ReservingInstall;
  readonly tokenId: string | null;
  readonly idempotencyKey: string;
  readonly reference: string | null;
  /** Null: the shop's usual time. */
  readonly ttlSeconds: number | null;
  readonly lines: readonly RequestedLine[];
  readonly signal?: AbortSignal | undefined;
}

/** A line of the request, in its place. */
export interface LineStanding {
  readonly line: ReservationLine;
  /** Units of this line. */
  readonly requested: number;
  /** Units that all lines of the request want of this stock. */
  readonly requestedTogether: number;
  /** Units that could have been promised; null for a line that needs no stock. */
  readonly available: number | null;
  readonly short: boolean;
}

export type ReserveResult =
  | { readonly kind: "granted" | "seen_before"; readonly reservation: Reservation }
  | { readonly kind: "key_reused" }
  | { readonly kind: "insufficient"; readonly lines: readonly LineStanding[] }
  | { readonly kind: "over_limit"; readonly limit: "reference" | "token"; readonly unitsMax: number; readonly unitsHeld: number }
  | { readonly kind: "ttl_too_long"; readonly ttlSecondsMax: number }
  | { readonly kind: "refused"; readonly faults: readonly LineFault[] }
  /** Shopify did not confirm units in time (`unconfirmed`), or could not be asked what is named (`unknown_here`). */
  | { readonly kind: "unconfirmed" | "unknown_here" }
  /** PostgreSQL did not say in time (`unavailable`), too many wait (`overloaded`), the client has left (`gone`). The key makes a repetition safe. */
  | { readonly kind: "unavailable" | "overloaded" | "gone" }
  | { readonly kind: "unstorable" }
  | { readonly kind: "not_installed" };

export type ReservePorts = ReservationPorts & { readonly knowVariants: KnowVariants };

export async function reserveStock(ports: ReservePorts, request: ReserveStock): Promise<ReserveResult> {
  const startedMs = ports.clock.monotonicMs();
  const result = await reserve(ports, request);
  ports.metrics.reservationTook((ports.clock.monotonicMs() - startedMs) / 1_000);
  const outcome = METRIC_OUTCOMES[result.kind];
  if (outcome !== null) ports.metrics.reservation(outcome);
  return result;
}

/** What a client got wrong, or did not wait for, is no outcome of a hold. */
const METRIC_OUTCOMES: Readonly<Record<ReserveResult["kind"], ReservationMetricOutcome | null>> = {
  granted: "granted",
  seen_before: "repeated",
  insufficient: "refused",
  over_limit: "over_limit",
  unconfirmed: "unconfirmed",
  unknown_here: "unconfirmed",
  unavailable: "unconfirmed",
  overloaded: "unconfirmed",
  key_reused: null,
  ttl_too_long: null,
  refused: null,
  gone: null,
  unstorable: null,
  not_installed: null,
};

async function reserve(ports: ReservePorts, request: ReserveStock): Promise<ReserveResult> {
  const { install, lines, ttlSeconds, reference } = request;
  const bodyHash = hashOf({ lines, ttlSeconds, reference });
  const settings = await ports.settings.current(install.installId);
  const { ttlSecondsMax, ttlSecondsDefault, unitsPerReferenceMax, unitsPerTokenMax } = settings.reservations;
  const resolved = ttlSeconds !== null && ttlSeconds > ttlSecondsMax ? { kind: "ttl_too_long" as const, ttlSecondsMax } : await resolveLines(ports, install, settings, lines);
  switch (resolved.kind) {
    case "ttl_too_long":
    case "refused":
      return (await boundBefore(ports, request, bodyHash)) ?? resolved;
    case "unavailable":
      return (await boundBefore(ports, request, bodyHash)) ?? { kind: "unknown_here" };
    case "resolved":
      return ask(ports, request, settings, {
        installId: install.installId,
        shop: install.shop,
        idempotencyKey: request.idempotencyKey,
        bodyHash,
        tokenId: request.tokenId,
        reference,
        ttlSeconds: ttlSeconds ?? Math.min(ttlSecondsDefault, ttlSecondsMax),
        lines: resolved.lines,
        traceId: ports.uuid(),
        promiseFrom: promiseFromOf(settings, install),
        unitsPerReferenceMax,
        unitsPerTokenMax,
      });
    default:
      return assertNever(resolved);
  }
}

async function ask(ports: ReservePorts, { install, signal }: ReserveStock, settings: Settings, request: ReserveRequest): Promise<ReserveResult> {
  const confirmed = await askUntilConfirmed(ports, {
    install,
    settings: settings.reservations,
    promiseFrom: request.promiseFrom,
    signal,
    ask: (promiseFrom, asksFirst) => ports.batcher.reserve({ ...request, promiseFrom, asksFirst }, signal),
    shortOf: (outcome) => (typeof outcome === "object" && outcome.kind === "short" ? outcome.lines : null),
  });
  if (confirmed.kind !== "answered") return { kind: confirmed.kind };
  const outcome = confirmed.answer;
  return typeof outcome === "string" ? { kind: outcome } : resultOf(ports, install, request, outcome);
}

async function resultOf(ports: Pick<ReservePorts, "view" | "logger">, install: ReservingInstall, request: ReserveRequest, outcome: ReserveOutcome): Promise<ReserveResult> {
  switch (outcome.kind) {
    case "granted":
    case "seen_before":
    case "key_reused":
    case "over_limit":
    case "not_installed":
      return outcome;
    case "short":
      return { kind: "insufficient", lines: await standings(ports, install, request.lines, outcome.lines) };
    case "unstorable":
      ports.logger.error({ shop: install.shop, traceId: request.traceId, code: outcome.code }, "a reservation could not be stored");
      return { kind: "unstorable" };
    default:
      return assertNever(outcome);
  }
}

/** A request that was granted before is answered by that, though its lines can no longer be made out, or Shopify cannot be asked about them. */
async function boundBefore(ports: Pick<ReservePorts, "view" | "book">, { install, idempotencyKey }: ReserveStock, bodyHash: string): Promise<ReserveResult | null> {
  const bound = await ports.view.byKey(install.installId, idempotencyKey);
  if (bound === null) return null;
  if (bound.bodyHash !== bodyHash) return { kind: "key_reused" };
  const reservation = await ports.book.find(install.installId, bound.id);
  return reservation === null ? null : { kind: "seen_before", reservation };
}

/** Every line of the request in its order: a client matches them by place. What was not short is looked up, for whoever wants to ask for less. */
async function standings(ports: Pick<ReservePorts, "view">, { installId }: ReservingInstall, lines: readonly ReservationLine[], short: readonly ShortLine[]): Promise<LineStanding[]> {
  const shortByStock = new Map(short.map((line) => [keyOf(line), line]));
  const others = lines.filter((line) => line.counts && !shortByStock.has(keyOf(line)));
  const states = others.length === 0 ? [] : await ports.view.states(others.map(({ inventoryItemId, locationId }) => ({ installId, inventoryItemId, locationId })));
  const promisable = new Map(states.map((state) => [keyOf(state), promisableOf(state)]));
  return lines.map((line) => {
    const key = keyOf(line);
    const wanting = shortByStock.get(key);
    const together = lines.filter((other) => other.counts && keyOf(other) === key).reduce((sum, other) => sum + other.quantity, 0);
    if (!line.counts) return { line, requested: line.quantity, requestedTogether: line.quantity, available: null, short: false };
    return { line, requested: line.quantity, requestedTogether: together, available: wanting?.available ?? promisable.get(key) ?? 0, short: wanting !== undefined };
  });
}

function keyOf({ inventoryItemId, locationId }: StockPlace): string {
  return `${inventoryItemId}@${locationId}`;
}
