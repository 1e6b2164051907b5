// Around the steps of a process: each durable write and each call to the outside becomes a span. Beside steps.ts, which knows them all.

import { STEPS, type DecoratePort, type SteppedPorts } from "#app/steps.ts";
import { type PastSpan, type SpanAttributes, type SpanOptions, type Tracing, UNTRACED } from "#app/ports/tracing.ts";
import type { AppliedChange } from "#app/ports/change-ledger.ts";
import type { IncomingDelivery } from "#app/ports/delivery-intake.ts";

/** A stage of docs/architecture.md for the steps that are one; a step of another port is named by itself. */
const STAGES: Readonly<Record<string, string>> = {
  "intake.store": "accept",
  "ledger.takeOver": "resume",
  "orders.absorb": "absorb",
  "orders.storeVariants": "gather",
  "orders.storeReads": "gather",
  "orders.storeRoutings": "gather",
  "shopifyOrders.readVariants": "gather",
  "shopifyOrders.readOrders": "gather",
  "shopifyOrders.readOrderLocations": "gather",
  "orders.derive": "derive",
  "lockStore.attempt": "lock",
  "lockStore.attemptFree": "lock",
  "budget.reserve": "budget",
  "ledger.claim": "claim",
  "shopifyInventory.adjustQuantities": "mutate",
  "shopifyInventory.moveQuantities": "mutate",
  "ledger.finishAttempt": "record",
  "ledger.recordApplied": "record",
  "ledger.recordRefused": "record",
  "ledger.postpone": "record",
  "lockStore.letGo": "release",
};

/** Orders of one call whose traces get a view of it. A call carries up to 5,000 changes. */
const VIEWS_MAX = 250;
/** Calls whose outcome is not booked yet. A process has at most a few under way at once. */
const CALLS_KEPT_MAX = 64;

interface Call {
  readonly span: PastSpan;
  readonly durationMs: number;
  readonly endedMs: number;
}

type Parameters = readonly unknown[];

/** Identity when nothing is traced: a port is then as fast as it was. */
export function traceSteps(tracing: Tracing, monotonicMs: () => number): DecoratePort {
  if (tracing === UNTRACED) return (_name, port) => port;
  const calls = new Map<string, Call>();
  const traced = (step: string, parameters: Parameters, run: () => Promise<unknown>) =>
    tracing.span(step, optionsOf(step, parameters), async (span) => {
      const startedMs = monotonicMs();
      const result = await run();
      span.add(resultAttributes(result));
      if (STAGES[step] === "mutate") rememberCall(parameters, startedMs);
      if (step === "ledger.recordApplied") showToOrders(parameters, result);
      return result;
    });

  function rememberCall([, content]: Parameters, startedMs: number): void {
    const key = textAt(content, "key");
    const span = tracing.current();
    if (key === undefined || span === null) return;
    const oldest = calls.size >= CALLS_KEPT_MAX ? calls.keys().next().value : undefined;
    if (oldest !== undefined) calls.delete(oldest);
    const endedMs = monotonicMs();
    calls.set(key, { span, durationMs: endedMs - startedMs, endedMs });
  }

  /** One call carries the changes of many orders, and a turn runs in the trace of one of them: the others' traces are shown it too. */
  function showToOrders([mutation]: Parameters, result: unknown): void {
    const key = textAt(mutation, "key");
    const call = key === undefined ? undefined : calls.get(key);
    if (key !== undefined) calls.delete(key);
    const here = tracing.current()?.traceId;
    const attributes = { "holdfast.stage": "mutate", "holdfast.mutation_id": textAt(mutation, "mutationId"), "holdfast.outcome": "applied" };
    for (const [traceId, change] of firstOfEachTrace(appliedOf(result), VIEWS_MAX)) {
      if (traceId === here) continue;
      tracing.past("change applied", { durationMs: call?.durationMs ?? 0, endedAgoMs: call ? monotonicMs() - call.endedMs : 0 }, { kind: "client", partOf: traceId, of: call?.span ?? tracing.current(), attributes: { ...attributes, ...changeAttributes(change) } });
    }
  }

  return (name, port) => decorate(name, port, traced);
}

function decorate<Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name], traced: (step: string, parameters: Parameters, run: () => Promise<unknown>) => Promise<unknown>): SteppedPorts[Name] {
  const kinds: Readonly<Record<string, string>> = STEPS[name];
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      // Bound to the port itself: classes with private fields know no proxy.
      const method = value.bind(target) as (...parameters: unknown[]) => Promise<unknown>;
      const kind = kinds[String(property)];
      return kind === undefined || kind === "look" ? method : (...parameters: unknown[]) => traced(`${name}.${String(property)}`, parameters, () => method(...parameters));
    },
  });
}

function optionsOf(step: string, parameters: Parameters): SpanOptions {
  const attributes: SpanAttributes = { "holdfast.stage": STAGES[step], "holdfast.shop": textAt(parameters[0], "shop"), "holdfast.trace_id": textAt(parameters[0], "traceId") };
  switch (step) {
    case "turn.take":
      return turnOptions(parameters);
    case "intake.store":
      return storeOptions(parameters[0] as readonly IncomingDelivery[]);
    case "waker.wakeMany":
      return wakeOptions(parameters);
    case "shopifyInventory.adjustQuantities":
    case "shopifyInventory.moveQuantities":
      return { attributes: { ...attributes, "holdfast.mutation_key": textAt(parameters[1], "key"), "holdfast.entry_count": countAt(parameters[1], "changes") } };
    default:
      return { attributes };
  }
}

function turnOptions([shop, context]: Parameters): SpanOptions {
  return { kind: "consumer", alone: true, partOf: textAt(context, "traceId"), attributes: { "holdfast.shop": String(shop) } };
}

/** The insert of a batch runs for many requests: it stands in the first one's trace and names the others. */
function storeOptions(batch: readonly IncomingDelivery[]): SpanOptions {
  return { partOf: batch[0]?.traceId, alsoFor: batch.slice(1).map(({ traceId }) => traceId), attributes: { "holdfast.stage": "accept", "holdfast.delivery_count": batch.length } };
}

function wakeOptions([shops, options]: Parameters): SpanOptions {
  const traceIds = traceIdsOf(options);
  return { kind: "producer", partOf: traceIds[0], alsoFor: traceIds.slice(1), attributes: { "holdfast.shop_count": Array.isArray(shops) ? shops.length : 0 } };
}

function traceIdsOf(options: unknown): string[] {
  const traceIds = typeof options === "object" && options !== null && "traceIds" in options ? options.traceIds : null;
  return traceIds instanceof Map ? [...traceIds.values()].filter((traceId) => typeof traceId === "string") : [];
}

/** As tags of unions are written; a token or a key is not. */
const OUTCOME = /^[a-z][a-z_]{1,39}$/;

/** Outcomes are tagged by `kind`, or are a word themselves. */
function resultAttributes(result: unknown): SpanAttributes {
  if (typeof result === "string") return OUTCOME.test(result) ? { "holdfast.outcome": result } : {};
  return { "holdfast.outcome": textAt(result, "kind"), "holdfast.change_count": numberAt(result, "changeCount"), "holdfast.delivery_count": numberAt(result, "deliveryCount"), "holdfast.order_count": numberAt(result, "orderCount") };
}

function appliedOf(result: unknown): readonly AppliedChange[] {
  if (typeof result !== "object" || result === null || !("changes" in result) || !Array.isArray(result.changes)) return [];
  return result.changes as readonly AppliedChange[];
}

function firstOfEachTrace(changes: readonly AppliedChange[], countMax: number): ReadonlyMap<string, AppliedChange> {
  const first = new Map<string, AppliedChange>();
  for (const change of changes) if (first.size < countMax && !first.has(change.traceId)) first.set(change.traceId, change);
  return first;
}

function changeAttributes(change: AppliedChange): SpanAttributes {
  return { "holdfast.change_id": String(change.changeId), "holdfast.order_id": change.orderId, "holdfast.delta": change.delta };
}

function textAt(value: unknown, name: string): string | undefined {
  const found = at(value, name);
  return typeof found === "string" ? found : undefined;
}

function numberAt(value: unknown, name: string): number | undefined {
  const found = at(value, name);
  return typeof found === "number" ? found : undefined;
}

function countAt(value: unknown, name: string): number | undefined {
  const found = at(value, name);
  return Array.isArray(found) ? found.length : undefined;
}

function at(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
