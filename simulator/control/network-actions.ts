// Control actions on what lies between the app and Shopify: faults, latency, time, and the whole world put aside and back.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { switchAssumptions } from "../fidelity/assumptions.ts";
import { RequestError } from "../http/router.ts";
import { armLapses } from "../world/draft-orders.ts";
import { restoreSnapshot, takeSnapshot } from "../world/world.ts";
import * as inputs from "./inputs.ts";

export const LOG_PAGE_MAX = 10_000;
/** A snapshot is a copy of everything: more than a few at a time are a leak. */
const SNAPSHOTS_MAX = 20;

export interface LogPage {
  after?: number;
  limit?: number;
}

export function networkActions(engine: Engine) {
  const { world, sender, faults } = engine;
  return {
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
