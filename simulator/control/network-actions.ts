// Control actions on what lies between Shopify and the app: webhooks, faults, latency, time, and the whole world put aside and back.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { switchAssumptions } from "../fidelity/assumptions.ts";
import { RequestError } from "../http/router.ts";
import { webhookHeaders } from "../webhooks/sign.ts";
import { armLapses } from "../world/draft-orders.ts";
import { restoreSnapshot, takeSnapshot } from "../world/world.ts";
import * as inputs from "./inputs.ts";

const LOG_PAGE_MAX = 10_000;
/** A snapshot is a copy of everything: more than a few at a time are a leak. */
const SNAPSHOTS_MAX = 20;
const HAND_MADE_TIMEOUTS = { connectMs: 5_000, totalMs: 30_000 };

export interface LogPage {
  after?: number;
  limit?: number;
}

export function networkActions(engine: Engine) {
  const { world, sender, faults } = engine;
  return {
    planWebhooks(input: z.input<typeof inputs.webhookPlanInput>) {
      const plan = inputs.read(inputs.webhookPlanInput, input);
      sender.setPlan(plan);
      return plan;
    },
    webhookCounters: () => sender.counters(),
    webhookLog: ({ after = 0, limit = 1_000 }: LogPage = {}) => sender.log.page(after, Math.min(limit, LOG_PAGE_MAX)),
    sendWebhook: (input: z.input<typeof inputs.handMadeWebhookInput>) => sendHandMade(engine, inputs.read(inputs.handMadeWebhookInput, input)),
    async drainWebhooks(input: z.input<typeof inputs.drainInput> = {}) {
      await sender.drain(inputs.read(inputs.drainInput, input).skipAhead);
      return sender.counters();
    },
    addFault: (input: z.input<typeof inputs.faultInput>) => faults.add(inputs.read(inputs.faultInput, input)),
    listFaults: () => faults.list(),
    clearFaults: () => faults.clear(),
    tokenRequests: (shop: string) => {
      const count = (grant: string) => engine.tokenRequests.filter((request) => request.shop === shop && request.grant === grant).length;
      return { exchange: count("exchange"), refresh: count("refresh") };
    },
    heldCount: () => engine.held.length,
    /** What the network held back arrives now, one after the other in the order of sending. */
    async releaseHeld(input: z.input<typeof inputs.heldInput> = {}) {
      const { shop } = inputs.read(inputs.heldInput, input);
      const due = engine.held.filter((request) => shop === undefined || request.shop === shop);
      const items: { shop: string; status: number }[] = [];
      for (const request of due) {
        engine.held.splice(engine.held.indexOf(request), 1);
        items.push({ shop: request.shop, status: (await request.deliver()).status });
      }
      return { items };
    },
    setLatency(input: z.input<typeof inputs.latencyInput>) {
      engine.graphqlMs = inputs.read(inputs.latencyInput, input).graphqlMs;
      return { graphqlMs: engine.graphqlMs };
    },
    setClock(input: z.input<typeof inputs.clockInput>) {
      const { scale, advanceMs } = inputs.read(inputs.clockInput, input);
      if (scale !== undefined) world.clock.setScale(scale);
      if (advanceMs !== undefined) world.clock.advance(advanceMs);
      return readClock(engine);
    },
    clock: () => readClock(engine),
    setAssumptions(input: z.input<typeof inputs.assumptionsInput>) {
      switchAssumptions(world.assumptions, inputs.read(inputs.assumptionsInput, input));
      return { ...world.assumptions };
    },
    assumptions: () => ({ ...world.assumptions }),
    snapshot() {
      if (engine.snapshots.size >= SNAPSHOTS_MAX) throw new RequestError(409, "too_many_snapshots", `At most ${SNAPSHOTS_MAX} snapshots are kept.`);
      const id = world.random.uuid();
      engine.snapshots.set(id, takeSnapshot(world));
      return { id };
    },
    /** Also forgets webhooks that were not sent yet and faults that did not strike. */
    restore(input: z.input<typeof inputs.restoreInput>) {
      const { id } = inputs.read(inputs.restoreInput, input);
      const snapshot = engine.snapshots.get(id);
      if (!snapshot) throw new RequestError(404, "unknown_snapshot", `There is no snapshot ${id}.`);
      restoreSnapshot(world, snapshot);
      sender.discard();
      faults.clear();
      engine.held.length = 0;
      engine.bulk.resume();
      armLapses(world);
      return { id };
    },
    requests: ({ shop = null, after = 0, limit = 1_000 }: LogPage & { shop?: string | null } = {}) => engine.requests.page(shop, after, Math.min(limit, LOG_PAGE_MAX)),
  };
}

function readClock({ world }: Engine): { now: string; scale: number } {
  return { now: new Date(world.clock.nowMs()).toISOString(), scale: world.clock.scale() };
}

/** Past every plan and retry: exactly these bytes once, and what the app answered. */
async function sendHandMade(engine: Engine, input: z.output<typeof inputs.handMadeWebhookInput>) {
  const { world, options, apiVersion, poster } = engine;
  const subscription = options.subscriptions?.find(({ topic }) => topic === input.topic);
  const path = input.path ?? subscription?.uri ?? "/webhooks";
  if (engine.appUrl === null) throw new RequestError(409, "no_app_url", "The app's URL is not known yet.");
  const body = input.rawBodyBase64 === undefined ? Buffer.from(input.rawBody ?? JSON.stringify(input.payload ?? {})) : Buffer.from(input.rawBodyBase64, "base64");
  const webhookId = world.random.uuid();
  const usual = webhookHeaders(
    { topic: input.topic, shop: input.shop, apiVersion, webhookId, eventId: world.random.uuid(), triggeredAtMs: world.clock.nowMs(), secret: input.secret ?? options.apiSecret },
    body,
  );
  const overridden = new Set(Object.keys(input.headers).map((name) => name.toLowerCase()));
  const headers = Object.fromEntries([
    ...Object.entries(usual).filter(([name]) => !overridden.has(name.toLowerCase())),
    ...Object.entries(input.headers).filter((entry): entry is [string, string] => entry[1] !== null),
  ]);
  const url = /^https?:/.test(path) ? path : `${engine.appUrl.replace(/\/$/, "")}${path}`;
  const outcome = await poster.post({ url, method: input.method, headers, body }, HAND_MADE_TIMEOUTS);
  return outcome.kind === "answered" ? { webhookId, status: outcome.status, body: outcome.body } : { webhookId, status: null, failure: outcome.reason };
}
