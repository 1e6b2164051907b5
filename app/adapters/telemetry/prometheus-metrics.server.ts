// Metrics in Prometheus' text format. Names are a contract (docs/reference/api.md); labels come from closed sets, ids go to logs.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { Metrics } from "#app/ports/telemetry.ts";

/** Seconds; acknowledgement must stay well under Shopify's 5 s. */
const ACK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const LATENCY_BUCKETS = [0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 30, 60, 300];
const LOCK_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15];
const ENTRY_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 150, 200, 250];

/** Figures that are asked for when somebody scrapes, not counted as they happen. */
export interface ScrapedFigures {
  /** Age of the oldest delivery not worked on yet, in seconds; 0 when none waits. */
  deliveryLagSeconds(): Promise<number>;
  /** Turns waiting for a worker. */
  queueDepth(): Promise<number>;
}

export interface PrometheusMetrics extends Metrics {
  /** The exposition text and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createPrometheusMetrics(figures: ScrapedFigures): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const meters = createMeters(registry, figures);
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
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function createMeters(registry: Registry, figures: ScrapedFigures) {
  const registers = [registry];
  const scraped = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        // A scrape must not fail because one figure cannot be had; a missing sample says so.
        await read().then((value) => this.set(value), () => this.remove());
      },
    });
  scraped("holdfast_delivery_lag_seconds", "Age of the oldest notification not worked on yet", figures.deliveryLagSeconds);
  scraped("holdfast_queue_depth", "Turns waiting for a worker", figures.queueDepth);
  return {
    deliveries: new Counter({ name: "holdfast_deliveries_total", help: "Webhook requests by topic and outcome", labelNames: ["topic", "outcome"], registers }),
    ack: new Histogram({ name: "holdfast_delivery_ack_seconds", help: "Time from a webhook request to its answer", buckets: ACK_BUCKETS, registers }),
    changes: new Counter({ name: "holdfast_changes_total", help: "Changes that entered a state", labelNames: ["state"], registers }),
    changeLatency: new Histogram({ name: "holdfast_change_latency_seconds", help: "From a notification's acceptance to its change in Shopify", buckets: LATENCY_BUCKETS, registers }),
    mutations: new Counter({ name: "holdfast_mutations_total", help: "Calls that change stock, by outcome", labelNames: ["outcome"], registers }),
    mutationEntries: new Histogram({ name: "holdfast_mutation_entries", help: "Entries in one call", buckets: ENTRY_BUCKETS, registers }),
    costAvailable: new Gauge({ name: "holdfast_api_cost_available", help: "Points left in the bucket of the shop that answered last", registers }),
    turns: new Counter({ name: "holdfast_turns_total", help: "Turns by outcome", labelNames: ["outcome"], registers }),
    locks: new Counter({ name: "holdfast_locks_total", help: "Lock requests by outcome", labelNames: ["outcome"], registers }),
    lockWait: new Histogram({ name: "holdfast_lock_wait_seconds", help: "Wait for a lock", buckets: LOCK_BUCKETS, registers }),
    lockHold: new Histogram({ name: "holdfast_lock_hold_seconds", help: "Time a lock was held", buckets: LOCK_BUCKETS, registers }),
    missedOrders: new Counter({ name: "holdfast_missed_orders_total", help: "Orders found whose notification never came", labelNames: ["kind"], registers }),
    databaseConflicts: new Counter({ name: "holdfast_db_conflicts_total", help: "Deadlocks, serialization failures and refused double claims", labelNames: ["kind"], registers }),
  };
}
