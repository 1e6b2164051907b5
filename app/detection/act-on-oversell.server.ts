// What may be done about an oversell: hold the fulfilment of an order left short, let it go, mark the incident as handled. Each is safe to repeat.

import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import { readNote } from "#app/domain/review.ts";
import type { AdminFailure } from "#app/ports/admin-api.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { FulfilmentHolds, HoldablePlace, HoldBook, HoldContext, HoldRequest, HoldTarget, KnownHold } from "#app/ports/fulfilment-holds.ts";
import type { Metrics } from "#app/ports/telemetry.ts";

export interface OversellActPorts {
  readonly holds: FulfilmentHolds;
  readonly holdBook: HoldBook;
  readonly budget: CostBudget;
  readonly metrics: Metrics;
}

export interface ActOnOrder {
  readonly installId: bigint;
  readonly shop: string;
  readonly oversellId: bigint;
  /** Decimal. */
  readonly orderId: string;
  /** `staff:<id>`, `operator` or `holdfast`. */
  readonly actor: string;
  /** The person's own token; null: the app's. */
  readonly accessToken: string | null;
}

export type OversellAnswer =
  | { readonly kind: "done"; readonly fulfilmentOrderIds: readonly string[] }
  | { readonly kind: "not_found" }
  /** Nothing of it can be held (any more): fulfilled, cancelled, or not to be held by this app. */
  | { readonly kind: "nothing_to_hold" }
  | { readonly kind: "rejected"; readonly code: string }
  /** The person, or the app, may not. */
  | { readonly kind: "not_allowed" }
  /** Try again; `afterMs` where it is known when. */
  | { readonly kind: "later"; readonly afterMs: number | null };

/** At most 64 characters; the same for every repetition. */
export function holdHandle(oversellId: bigint, orderId: string): string {
  return `holdfast-${oversellId}-${orderId}`;
}

export async function holdFulfilment(ports: OversellActPorts, request: ActOnOrder): Promise<OversellAnswer> {
  const { installId, shop, oversellId, orderId, accessToken } = request;
  const target = await ports.holdBook.target(installId, oversellId, orderId);
  if (!target) return { kind: "not_found" };
  const context: HoldContext = { shop, accessToken };
  const read = await callWithinBudget(ports, shop, ports.holds.cost.readPlaces, () => ports.holds.readPlaces(context, orderId));
  if (read.kind === "later") return read;
  if (read.result.kind !== "ok") return toAnswer(read.result);
  const handle = holdHandle(oversellId, orderId);
  const wanted = chooseHolds(read.result.places, target, handle);
  const held = read.result.places.filter((place) => place.holds.some((hold) => hold.handle === handle));
  for (const place of held) {
    await settle(ports, request, { fulfilmentOrderId: place.fulfilmentOrderId, handle, holdId: place.holds.find((hold) => hold.handle === handle)?.holdId ?? null, state: "held", reason: null }, target);
  }
  const done = held.map(({ fulfilmentOrderId }) => fulfilmentOrderId);
  if (wanted.length === 0) return done.length > 0 ? { kind: "done", fulfilmentOrderIds: done } : { kind: "nothing_to_hold" };
  for (const hold of wanted) {
    const answer = await holdOne(ports, request, target, hold);
    if (answer.kind !== "done") return answer;
    done.push(...answer.fulfilmentOrderIds);
  }
  return { kind: "done", fulfilmentOrderIds: done };
}

/** The short units, at the incident's location first; only they, where the fulfilment order can be split. */
export function chooseHolds(places: readonly HoldablePlace[], target: HoldTarget, handle: string): readonly HoldRequest[] {
  const left = new Map(target.short.map(({ lineId, units }) => [lineId, units]));
  const covered = (place: HoldablePlace) => {
    const lines: { id: string; quantity: number }[] = [];
    for (const line of place.lines) {
      const quantity = Math.min(left.get(line.lineId) ?? 0, line.remaining);
      if (quantity === 0) continue;
      left.set(line.lineId, (left.get(line.lineId) ?? 0) - quantity);
      lines.push({ id: line.id, quantity });
    }
    return lines;
  };
  // What an earlier attempt held is covered.
  for (const place of places) if (place.holds.some((hold) => hold.handle === handle)) covered(place);
  const open = places.filter((place) => place.canHold && !place.holds.some((hold) => hold.handle === handle));
  const sorted = open.toSorted((a, b) => Number(b.locationId === target.locationId) - Number(a.locationId === target.locationId));
  return sorted.flatMap((place): HoldRequest[] => {
    const lines = covered(place);
    if (lines.length === 0) return [];
    const whole = place.lines.every((line) => lines.some(({ id, quantity }) => id === line.id && quantity === line.remaining) || line.remaining === 0);
    const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const notes = `Short of stock by ${units} (Holdfast, oversell ${target.oversellId})`;
    return [{ fulfilmentOrderId: place.fulfilmentOrderId, handle, notes, lines: whole || !place.canSplit ? null : lines }];
  });
}

async function holdOne(ports: OversellActPorts, request: ActOnOrder, target: HoldTarget, hold: HoldRequest): Promise<OversellAnswer> {
  const { fulfilmentOrderId, handle } = hold;
  await ports.holdBook.ask(request.installId, target, { fulfilmentOrderId, handle, by: request.actor });
  const called = await callWithinBudget(ports, request.shop, ports.holds.cost.hold, () => ports.holds.hold({ shop: request.shop, accessToken: request.accessToken }, hold));
  if (called.kind === "later") return called;
  const { result } = called;
  switch (result.kind) {
    case "held":
      await settle(ports, request, { fulfilmentOrderId, handle, holdId: result.holdId, state: "held", reason: null }, target);
      return { kind: "done", fulfilmentOrderIds: [fulfilmentOrderId] };
    case "held_before":
      // Its id is learnt by the next look at the order.
      await settle(ports, request, { fulfilmentOrderId, handle, holdId: null, state: "held", reason: null }, target);
      return { kind: "done", fulfilmentOrderIds: [fulfilmentOrderId] };
    case "not_splittable":
      return holdOne(ports, request, target, { ...hold, lines: null });
    case "rejected":
      await settle(ports, request, { fulfilmentOrderId, handle, holdId: null, state: "failed", reason: result.code }, target);
      return { kind: "rejected", code: result.code };
    case "refused": {
      const answer = toAnswer(result);
      // A shop that is frozen, or a query Shopify cannot take just now, says nothing of this hold: it stays asked for, and comes again.
      if (answer.kind === "not_allowed") await settle(ports, request, { fulfilmentOrderId, handle, holdId: null, state: "failed", reason: result.reason }, target);
      return answer;
    }
    case "throttled":
    case "unknown":
      return toAnswer(result);
  }
}

/** Only holds of ours, by their ids: another app's hold, or a person's, stays. */
export async function releaseFulfilment(ports: OversellActPorts, request: ActOnOrder): Promise<OversellAnswer> {
  const { installId, shop, oversellId, orderId, accessToken } = request;
  const known = await ports.holdBook.known(installId, oversellId, orderId);
  const ours = known.filter(({ state }) => state !== "released" && state !== "failed");
  if (ours.length === 0) return known.length > 0 ? { kind: "done", fulfilmentOrderIds: [] } : { kind: "not_found" };
  const context: HoldContext = { shop, accessToken };
  const read = await callWithinBudget(ports, shop, ports.holds.cost.readPlaces, () => ports.holds.readPlaces(context, orderId));
  if (read.kind === "later") return read;
  if (read.result.kind !== "ok") return toAnswer(read.result);
  const done: string[] = [];
  for (const hold of ours) {
    const place = read.result.places.find(({ fulfilmentOrderId }) => fulfilmentOrderId === hold.fulfilmentOrderId);
    const holdId = place?.holds.find(({ handle }) => handle === hold.handle)?.holdId ?? null;
    const answer = await releaseOne(ports, request, hold, holdId);
    if (answer.kind !== "done") return answer;
    done.push(hold.fulfilmentOrderId);
  }
  return { kind: "done", fulfilmentOrderIds: done };
}

/** `holdId` null: Shopify has it no more, somebody released it or the fulfilment order is gone. */
async function releaseOne(ports: OversellActPorts, request: ActOnOrder, hold: KnownHold, holdId: string | null): Promise<OversellAnswer> {
  const { fulfilmentOrderId, handle } = hold;
  const target = { oversellId: request.oversellId, orderId: request.orderId };
  if (holdId !== null) {
    const context: HoldContext = { shop: request.shop, accessToken: request.accessToken };
    const called = await callWithinBudget(ports, request.shop, ports.holds.cost.release, () => ports.holds.release(context, { fulfilmentOrderId, holdId }));
    if (called.kind === "later") return called;
    if (called.result.kind === "rejected") return { kind: "rejected", code: called.result.code };
    if (called.result.kind !== "released") return toAnswer(called.result);
  }
  await settle(ports, request, { fulfilmentOrderId, handle, holdId, state: "released", reason: null }, target);
  return { kind: "done", fulfilmentOrderIds: [fulfilmentOrderId] };
}

export type HandledAnswer = { readonly kind: "done" | "not_found" | "note_too_long" | "note_invalid" };

/** The incident stays open until stock says otherwise; nobody is held up by it any more. */
export async function markHandled({ holdBook }: Pick<OversellActPorts, "holdBook">, request: Pick<ActOnOrder, "installId" | "oversellId" | "actor"> & { readonly note: string }): Promise<HandledAnswer> {
  const note = readNote(request.note);
  if (note.kind === "too_long" || note.kind === "invalid") return { kind: `note_${note.kind}` };
  const known = await holdBook.markHandled(request.installId, request.oversellId, { by: request.actor, note: note.kind === "note" ? note.note : null, handled: true });
  return { kind: known ? "done" : "not_found" };
}

/** It needs somebody again: it is among the open ones as long as stock says so. */
export async function unmarkHandled({ holdBook }: Pick<OversellActPorts, "holdBook">, request: Pick<ActOnOrder, "installId" | "oversellId" | "actor">): Promise<HandledAnswer> {
  const known = await holdBook.markHandled(request.installId, request.oversellId, { by: request.actor, note: null, handled: false });
  return { kind: known ? "done" : "not_found" };
}

const HOLD_SCOPES: readonly string[] = ["write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders"];
const AUTOMATIC_MAX = 20;

/** One step: holds what merchants asked to be held without being asked. Answers how many orders were tried. */
export async function holdAutomatically(ports: OversellActPorts, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (const one of await ports.holdBook.takeAutomatic(AUTOMATIC_MAX, HOLD_SCOPES)) {
    if (signal.aborted) break;
    await holdFulfilment(ports, { ...one, actor: "holdfast", accessToken: null });
    count += 1;
  }
  return count;
}

function settle(ports: OversellActPorts, request: ActOnOrder, outcome: Omit<Parameters<HoldBook["settle"]>[2], "by">, target: Pick<HoldTarget, "oversellId" | "orderId">): Promise<void> {
  return ports.holdBook.settle(request.installId, target, { ...outcome, by: request.actor });
}

function toAnswer(failure: AdminFailure): OversellAnswer {
  switch (failure.kind) {
    case "throttled":
      return { kind: "later", afterMs: failure.waitMs };
    case "unknown":
      return { kind: "later", afterMs: null };
    case "refused":
      return failure.reason === "access_denied" || failure.reason === "unauthorized" ? { kind: "not_allowed" } : { kind: "later", afterMs: null };
  }
}
