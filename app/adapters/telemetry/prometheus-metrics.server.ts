// Metrics in Prometheus' text format. Names are a contract (docs/reference/metrics.md); labels come from closed sets, ids go to logs.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import {
  ALERT_OUTCOMES,
  CONFLICT_KINDS,
  DATABASE_FAILURE_KINDS,
  LOCK_OUTCOMES,
  type Metrics,
  MUTATION_OUTCOMES,
  OVERSELL_KINDS,
  OVERSELL_STAGES,
  PUSH_OUTCOMES,
  RESERVATION_OUTCOMES,
  SCAN_OUTCOMES,
  TURN_OUTCOMES,
} from "#app/ports/telemetry.ts";

/** Seconds; acknowledgement must stay well under Shopify's 5 s. */
const ACK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const LATENCY_BUCKETS = [0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 30, 60, 300];
const LOCK_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15];
const RESERVATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
const ENTRY_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 150, 200, 250];

/** The states that are counted; the states of a change and their transitions are docs/architecture.md's. */
const CHANGE_STATES = ["shadow", "waiting", "claimed", "applied", "parked", "rejected", "cancelled"];
const MISSED_KINDS = ["unseen", "changed"];
/** Those whose first occurrence must be seen as a rise; the others appear when they happen, or there would be some 300 series at 0. */
const DELIVERY_OUTCOMES_FROM_START = ["accepted", "unavailable"];

/** Figures that are asked for when somebody scrapes, not counted as they happen. */
export interface ScrapedFigures {
  /** Age of the oldest delivery not worked on yet, in seconds; 0 when none waits. */
  deliveryLagSeconds(): Promise<number>;
  /** Turns waiting for a worker. */
  queueDepth(): Promise<number>;
  /** Asked once a scrape. `driftUnits`: without their sign. */
  incidents(): Promise<{ readonly oversellsOpenCount: number; readonly driftUnits: number; readonly parkedCount: number }>;
  /** Units of all blocks: held in Shopify, promised to buyers, and waiting for their order to take its stock. */
  reservedUnits(): Promise<Readonly<Record<(typeof RESERVED_KINDS)[number], number>>>;
}

/** What the units of blocks are for. */
const RESERVED_KINDS = ["granted", "held", "settling"] as const;

export interface PrometheusOptions extends ScrapedFigures {
  /** The topics that label deliveries. */
  readonly topics?: readonly string[];
}

export interface PrometheusMetrics extends Metrics {
  /** The exposition text and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createPrometheusMetrics(options: PrometheusOptions): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, options);
  const meters = { ...createMeters(registry), ...createDetectionMeters(registry) };
  for (const topic of options.topics ?? []) for (const outcome of DELIVERY_OUTCOMES_FROM_START) meters.deliveries.inc({ topic, outcome }, 0);
  return {
    delivery(topic, outcome, ackSeconds) {
      meters.deliveries.inc({ topic, outcome });
      meters.ack.observe(ackSeconds);
    },
    change: (state, count) => meters.changes.inc({ state }, count),
    changeLatency: (seconds) => meters.changeLatency.observe(seconds),
    mutation(outcome, entryCount) {
      meters.mutations.inc({ outcome });
      meters.mutationEntries.observe(entryCount);
    },
    apiCostAvailable: (points) => meters.costAvailable.set(points),
    turn: (outcome) => meters.turns.inc({ outcome }),
    lock(outcome, waitSeconds) {
      meters.locks.inc({ outcome });
      if (waitSeconds !== undefined) meters.lockWait.observe(waitSeconds);
    },
    lockHeld: (seconds) => meters.lockHold.observe(seconds),
    missedOrders: (kind, count) => meters.missedOrders.inc({ kind }, count),
    databaseConflict: (kind) => meters.databaseConflicts.inc({ kind }),
    databaseFailure: (kind) => meters.databaseFailures.inc({ kind }),
    reservation: (outcome, count = 1) => meters.reservations.inc({ outcome }, count),
    reservationTook: (seconds) => meters.reservationSeconds.observe(seconds),
    oversell: (kind, stage) => meters.oversells.inc({ kind, stage }),
    conflict: (count = 1) => meters.conflicts.inc(count),
    alertMessage: (outcome) => meters.alertMessages.inc({ outcome }),
    externalPush: (outcome) => meters.externalPushes.inc({ outcome }),
    scan: (outcome) => meters.scans.inc({ outcome }),
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function registerGauges(registry: Registry, figures: ScrapedFigures): void {
  const scraped = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        // A scrape must not fail because one figure cannot be had; a missing sample says so.
        await read().then((value) => this.set(value), () => this.remove());
      },
    });
  scraped("holdfast_delivery_lag_seconds", "Age of the oldest notification not worked on yet", figures.deliveryLagSeconds);
  scraped("holdfast_queue_depth", "Turns waiting for a worker", figures.queueDepth);
  registerReservedUnits(registry, figures.reservedUnits);
  const incidents = sharedWhileUnderWay(figures.incidents);
  scraped("holdfast_changes_parked", "Changes that wait for a person", async () => (await incidents()).parkedCount);
  scraped("holdfast_oversells_open", "Incidents of more stock promised than there is that are open", async () => (await incidents()).oversellsOpenCount);
  scraped("holdfast_drift_units", "Units by which Shopify and what is known differ without an explanation", async () => (await incidents()).driftUnits);
}

function registerReservedUnits(registry: Registry, read: ScrapedFigures["reservedUnits"]): void {
  const gauge = new Gauge({
    name: "holdfast_reserved_units",
    help: "Units of blocks: held in Shopify, granted to buyers, settling",
    labelNames: ["of"],
    registers: [registry],
    async collect() {
      await read().then(
        (units) => RESERVED_KINDS.forEach((of) => gauge.set({ of }, units[of])),
        () => gauge.reset(),
      );
    },
  });
}

/** The gauges of one scrape are collected side by side: they share one question. */
function sharedWhileUnderWay<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | null = null;
  return () =>
    (underWay ??= ask().finally(() => {
      underWay = null;
    }));
}

function createMeters(registry: Registry) {
  const registers = [registry];
  const counter = counterOf(registry);
  return {
    deliveries: new Counter({ name: "holdfast_deliveries_total", help: "Webhook requests by topic and outcome", labelNames: ["topic", "outcome"], registers }),
    ack: new Histogram({ name: "holdfast_delivery_ack_seconds", help: "Time from a webhook request to its answer", buckets: ACK_BUCKETS, registers }),
    changes: counter("holdfast_changes_total", "Changes that entered a state", { state: CHANGE_STATES }),
    changeLatency: new Histogram({ name: "holdfast_change_latency_seconds", help: "From a notification's acceptance to its change in Shopify", buckets: LATENCY_BUCKETS, registers }),
    mutations: counter("holdfast_mutations_total", "Calls that change stock, by outcome", { outcome: MUTATION_OUTCOMES }),
    mutationEntries: new Histogram({ name: "holdfast_mutation_entries", help: "Entries in one call", buckets: ENTRY_BUCKETS, registers }),
    costAvailable: new Gauge({ name: "holdfast_api_cost_available", help: "Points left in the bucket of the shop that answered last", registers }),
    turns: counter("holdfast_turns_total", "Turns by outcome", { outcome: TURN_OUTCOMES }),
    locks: counter("holdfast_locks_total", "Lock requests by outcome", { outcome: LOCK_OUTCOMES }),
    lockWait: new Histogram({ name: "holdfast_lock_wait_seconds", help: "Wait for a lock", buckets: LOCK_BUCKETS, registers }),
    lockHold: new Histogram({ name: "holdfast_lock_hold_seconds", help: "Time a lock was held", buckets: LOCK_BUCKETS, registers }),
    missedOrders: counter("holdfast_missed_orders_total", "Orders found whose notification never came", { kind: MISSED_KINDS }),
    databaseConflicts: counter("holdfast_db_conflicts_total", "Deadlocks, serialization failures and refused double claims", { kind: CONFLICT_KINDS }),
    databaseFailures: counter("holdfast_db_failures_total", "Statements and transactions that failed for good", { kind: DATABASE_FAILURE_KINDS }),
  };
}

function createDetectionMeters(registry: Registry) {
  const counter = counterOf(registry);
  return {
    reservations: counter("holdfast_reservations_total", "Requests about holds, and holds that ran out, by outcome", { outcome: RESERVATION_OUTCOMES }),
    reservationSeconds: new Histogram({ name: "holdfast_reservation_seconds", help: "From a request for units to its answer", buckets: RESERVATION_BUCKETS, registers: [registry] }),
    oversells: counter("holdfast_oversells_total", "Oversell incidents that opened and closed", { kind: OVERSELL_KINDS, stage: OVERSELL_STAGES }),
    conflicts: counter("holdfast_conflicts_total", "Foreign writes that overwrote changes they had not seen, still unexplained after a minute", {}),
    alertMessages: counter("holdfast_alert_messages_total", "Sendings of alert messages by outcome", { outcome: ALERT_OUTCOMES }),
    externalPushes: counter("holdfast_external_pushes_total", "Sendings to external stock systems by outcome", { outcome: PUSH_OUTCOMES }),
    scans: counter("holdfast_scans_total", "Scans of a shop's stock by outcome", { outcome: SCAN_OUTCOMES }),
  };
}

/**
 * Counters that stand at 0 from the start: `increase()` and `rate()` see no rise in a series that first appears with a value, so the first
 * deadlock or the first refused call of a process would raise no alert.
 */
function counterOf(registry: Registry) {
  return <Label extends string>(name: string, help: string, labels: Readonly<Record<Label, readonly string[]>>): Counter<Label> => {
    const labelNames = Object.keys(labels) as Label[];
    const counter = new Counter<Label>({ name, help, labelNames, registers: [registry] });
    for (const values of combinations(labelNames, labels)) counter.inc(values, 0);
    return counter;
  };
}

function combinations<Label extends string>(names: readonly Label[], labels: Readonly<Record<Label, readonly string[]>>): Partial<Record<Label, string>>[] {
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const tails = rest.length === 0 ? [{}] : combinations(rest, labels);
  return labels[name].flatMap((value) => tails.map((tail) => ({ ...tail, [name]: value }) as Partial<Record<Label, string>>));
}
