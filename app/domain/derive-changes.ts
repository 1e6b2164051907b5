// Stage 2's arithmetic: what an order wants out of stock, minus what its live changes already take, gives the new changes.
//
// It looks at state, never at events, so the order of arrival does not matter: deriving twice derives nothing the second time, and a
// cancellation that comes before its order finds nothing to undo. What a person discarded (`rejected`) stays so: the units of a discarded
// take are no longer wanted of their line and never given back, those of a discarded return stay out.

import { type ItemName, type LinePlan, type PlanInput, type PlannedComponent, type PlanProblem, decideLine, distribute } from "./line-plan.ts";
import type { OrderLine, OrderState } from "./order-state.ts";
import { CHANGE_UNITS_MAX, wantedUnits } from "./wanted-units.ts";

export type ChangeState = "shadow" | "waiting" | "claimed" | "applied" | "parked" | "rejected" | "cancelled";
export type ChangeCause = "order" | "order_edit" | "cancellation" | "refund";

/** A change of this order that exists already. */
export interface ExistingChange {
  readonly id: string;
  /** Null for a placeholder that stands for a whole order nobody could derive. */
  readonly lineId: string | null;
  /** Null for a placeholder that stands for a line nobody could derive. */
  readonly inventoryItemId: string | null;
  readonly locationId: string | null;
  readonly delta: number;
  readonly state: ChangeState;
  readonly reason: string | null;
  /** Parked, and perhaps applied: nothing may be built on it until a person resolved it. */
  readonly outcomeUnknown: boolean;
}

export interface NewChange {
  readonly lineId: string;
  readonly variantId: string | null;
  readonly inventoryItemId: string | null;
  readonly locationId: string | null;
  readonly delta: number;
  readonly cause: ChangeCause;
  readonly state: "shadow" | "waiting" | "parked";
  readonly reason: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  /** Counts the changes of one (line, item, location), so that each effect has a key of its own. */
  readonly revision: number;
}

export interface DeriveInput extends PlanInput {
  readonly mode: "enforce" | "shadow" | "untouched";
  readonly pins: Readonly<Record<string, LinePlan>>;
  readonly existing: readonly ExistingChange[];
  /** Names of bundle components, by item id; what is not in it is shown by its id. */
  readonly itemNames: ReadonlyMap<string, ItemName>;
}

export interface Derivation {
  readonly pins: Readonly<Record<string, LinePlan>>;
  readonly create: readonly NewChange[];
  /** Ids of waiting or refused changes that are overtaken before they were sent. */
  readonly cancel: readonly string[];
  /** What is still missing; the order is derived again when it is there. */
  readonly missing: readonly ("variant" | "location")[];
  /** A change must find its outcome before more can be derived for the same stock. */
  readonly blocked: boolean;
}

/** Derives every line of a known order. */
export function deriveChanges(input: DeriveInput): Derivation {
  const result = { pins: { ...input.pins } as Record<string, LinePlan>, create: [] as NewChange[], cancel: [] as string[] };
  const missing = new Set<"variant" | "location">();
  let blocked = false;
  if (input.mode === "untouched" || !input.order.version) return { ...result, missing: [], blocked };
  // The order could not be derived before, and now it can.
  result.cancel.push(...input.existing.filter((change) => change.lineId === null && isLive(change)).map((change) => change.id));

  for (const line of input.order.version.lines) {
    const outcome = deriveLine(line, input);
    if (outcome.missing) missing.add(outcome.missing);
    if (outcome.plan) result.pins[line.id] = outcome.plan;
    result.create.push(...outcome.create);
    result.cancel.push(...outcome.cancel);
    blocked ||= outcome.blocked;
  }
  return { ...result, missing: [...missing], blocked };
}

interface LineDerivation {
  plan?: LinePlan;
  create: NewChange[];
  cancel: string[];
  missing?: "variant" | "location";
  blocked: boolean;
}

function deriveLine(line: OrderLine, input: DeriveInput): LineDerivation {
  const none: LineDerivation = { create: [], cancel: [], blocked: false };
  const ofLine = input.existing.filter((change) => change.lineId === line.id);
  const placeholders = ofLine.filter((change) => change.inventoryItemId === null && isLive(change));
  const pinned = input.pins[line.id];
  if (!pinned) {
    // Nothing was ever taken for it, and a person decided that nothing shall be.
    if (isWaived(line, input)) return none;
    const decision = decideLine(line, input);
    switch (decision.kind) {
      case "not_ours":
        return { ...none, cancel: placeholders.map((change) => change.id) };
      case "needs_variant":
        return { ...none, missing: "variant" };
      case "needs_location":
        // An order that never took anything and wants nothing any more needs no location.
        return wantsNothing(line, input) ? none : { ...none, missing: "location" };
      case "problem":
        return placeholder(line, decision.problem, input, placeholders);
      case "plan":
        return derivePlanned(line, decision.plan, input, ofLine, placeholders);
    }
  }
  return derivePlanned(line, pinned, input, ofLine, placeholders);
}

/** A line without a plan is waived by the discarded placeholder that stands for it, or for its whole order. */
function isWaived(line: OrderLine, input: DeriveInput): boolean {
  return input.existing.some((change) => change.state === "rejected" && change.inventoryItemId === null && (change.lineId === line.id || change.lineId === null));
}

function wantsNothing(line: OrderLine, input: DeriveInput): boolean {
  const wanted = wantedUnits(input.order, line, { restock: input.settings.restock, on: input.settings.deduct.on }, false);
  return wanted.kind === "units" && wanted.units === 0;
}

function derivePlanned(
  line: OrderLine,
  plan: LinePlan,
  input: DeriveInput,
  ofLine: readonly ExistingChange[],
  placeholders: readonly ExistingChange[],
): LineDerivation {
  const result: LineDerivation = { plan, create: [], cancel: placeholders.map((change) => change.id), blocked: false };
  const rules = { restock: input.settings.restock, on: input.settings.deduct.on };
  for (const component of plan.components) {
    const shopifyRestocks = component.own && input.settings.restock.shopifyRestocksBypassed;
    const wanted = wantedUnits(input.order, line, rules, shopifyRestocks);
    if (wanted.kind === "invalid_quantity" || wanted.units * component.quantity > CHANGE_UNITS_MAX) return placeholder(line, "invalid_quantity", input, placeholders);
    for (const share of distribute(wanted.units, plan.allocations)) {
      const existing = ofLine.filter((change) => change.inventoryItemId === component.inventoryItemId && change.locationId === share.locationId);
      const step = nextStep(-share.quantity * component.quantity, existing);
      result.blocked ||= step.blocked;
      result.cancel.push(...step.cancel);
      if (step.delta === 0) continue;
      result.create.push({
        lineId: line.id,
        variantId: line.variantId,
        inventoryItemId: component.inventoryItemId,
        locationId: share.locationId,
        delta: step.delta,
        cause: causeOf(input.order, existing, step.delta),
        state: input.mode === "enforce" ? "waiting" : "shadow",
        reason: null,
        ...nameOf(component, plan, input),
        revision: existing.length,
      });
    }
  }
  return result;
}

/** A change is about the stock it moves: for a component that is not what was sold. */
function nameOf(component: PlannedComponent, plan: LinePlan, input: DeriveInput): ItemName {
  if (component.own) return { sku: plan.sku, title: plan.title };
  return input.itemNames.get(component.inventoryItemId) ?? { sku: null, title: null };
}

/** The change of one stock that leads from what is live to what is wanted. */
function nextStep(wantedByOrder: number, existing: readonly ExistingChange[]): { delta: number; cancel: string[]; blocked: boolean } {
  const wanted = withoutDiscarded(wantedByOrder, existing);
  const live = existing.filter((change) => isLive(change));
  const difference = wanted - sum(live);
  if (difference === 0) return { delta: 0, cancel: [], blocked: false };

  const opposes = (change: ExistingChange) => Math.sign(change.delta) === -Math.sign(difference);
  // What has not been sent is not undone but withdrawn; whatever is then still wanted is derived afresh.
  const withdrawn = live.filter((change) => isWithdrawable(change) && opposes(change));
  const remaining = wanted - sum(live.filter((change) => !withdrawn.includes(change)));
  // Undoing a change whose outcome is open would add stock that was perhaps never taken.
  const open = live.some((change) => isOpen(change) && Math.sign(change.delta) === -Math.sign(remaining));
  if (open) return { delta: 0, cancel: withdrawn.map((change) => change.id), blocked: true };
  return { delta: remaining, cancel: withdrawn.map((change) => change.id), blocked: false };
}

/**
 * What is wanted of one stock (zero or less) once a person's discards are taken out of it. Units of discarded takes are wanted no more,
 * and as they never left they are the last to come back; units of discarded returns stay out for good. A discard moves this by exactly
 * the units that it removes from the live changes, so by itself it leads to no new change.
 */
function withoutDiscarded(wanted: number, existing: readonly ExistingChange[]): number {
  const discarded = existing.filter((change) => change.state === "rejected");
  const takes = sum(discarded.filter((change) => change.delta < 0));
  const returns = sum(discarded.filter((change) => change.delta > 0));
  return Math.min(0, wanted - takes) - returns;
}

function isLive(change: ExistingChange): boolean {
  return change.state !== "rejected" && change.state !== "cancelled";
}

function isWithdrawable(change: ExistingChange): boolean {
  return change.state === "waiting" || (change.state === "parked" && !change.outcomeUnknown);
}

function isOpen(change: ExistingChange): boolean {
  return change.state === "claimed" || (change.state === "parked" && change.outcomeUnknown);
}

function sum(changes: readonly ExistingChange[]): number {
  return changes.reduce((total, change) => total + change.delta, 0);
}

function causeOf(order: OrderState, existing: readonly ExistingChange[], delta: number): ChangeCause {
  if (delta < 0) return existing.length === 0 ? "order" : "order_edit";
  if (order.cancelledAt !== null) return "cancellation";
  return order.refunds.length > 0 ? "refund" : "order_edit";
}

/** A line nobody can derive stands in the ledger as a parked change without stock, once per problem. */
function placeholder(line: OrderLine, problem: PlanProblem, input: DeriveInput, existing: readonly ExistingChange[]): LineDerivation {
  if (wantsNothing(line, input)) return { create: [], cancel: existing.map((change) => change.id), blocked: false };
  const cancel = existing.filter((change) => change.reason !== problem).map((change) => change.id);
  // A person who discarded the question is not asked the same again.
  const discarded = input.existing.some((change) => change.state === "rejected" && change.lineId === line.id && change.inventoryItemId === null && change.reason === problem);
  if (discarded || existing.some((change) => change.reason === problem)) return { create: [], cancel, blocked: false };
  const revision = input.existing.filter((change) => change.lineId === line.id && change.inventoryItemId === null).length;
  const change: NewChange = {
    lineId: line.id,
    variantId: line.variantId,
    inventoryItemId: null,
    locationId: null,
    delta: 0,
    cause: "order",
    state: input.mode === "enforce" ? "parked" : "shadow",
    reason: problem,
    sku: line.sku,
    title: line.title,
    revision,
  };
  return { create: [change], cancel, blocked: false };
}

/** Unique per shop: the same effect of the same order can exist only once, whatever is delivered again. */
export function effectKey(orderId: string, change: Pick<NewChange, "lineId" | "inventoryItemId" | "locationId" | "revision">): string {
  const stock = change.inventoryItemId === null ? "none" : `${change.inventoryItemId}@${change.locationId}`;
  return `order/${orderId}/line/${change.lineId}/stock/${stock}/rev/${change.revision}`;
}

