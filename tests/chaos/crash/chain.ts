// Many deaths on one piece of work: a worker is killed at one step after the other, in the order in which the work comes to them, each started
// on what the dead one left; in the end the work must be done as if nobody had died.
import { setTimeout as pause } from "node:timers/promises";

import { expect, vi } from "vitest";

import type { StepName } from "#tests/setup/around-steps.ts";
import { openProvingGround, type ProvingGround } from "../processes/proving-ground.ts";
import { nameOf, type Moment, type Point } from "../processes/strike-plan.ts";
import { REACH_LIMIT_MS, within } from "./crash-lane.ts";
import { openStage, readDifferences, readWorkLeft, type Ending, type Stage } from "./stage.ts";

const REST_LIMIT_MS = 45_000;
/** Waits that the work itself asks for are shortened this often while a worker is on its way to the point. */
const HURRY_MS = 200;

export interface Link {
  readonly step: StepName;
  /** The n-th time that a process comes there; default: the first. */
  readonly nth?: number;
  /** Who finds what the dead one left. */
  readonly found: string | readonly [before: string, after: string];
  /** New work for each death, while no worker runs. */
  act?(play: Play): Promise<void>;
}

/** The world of a chain, set up while no worker runs. */
export interface Play {
  readonly stage: Stage;
  /** Beside the environment that every process has. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What is wrong in the end beside ledger, audit trail and Shopify: the promise of the room. */
  differences(): Promise<readonly string[]>;
  ending(): Ending;
  close(): Promise<void>;
}

export interface Chain {
  readonly title: string;
  readonly scopes?: readonly string[];
  readonly clockAheadMs?: number;
  open(stage: Stage): Promise<Play>;
  /** SQL with the shop's install as $1. What it waits for by design is due at once; again and again while a worker runs. */
  readonly waits: readonly string[];
  /** SQL as well. The leases of the dead are over. */
  readonly leases: readonly string[];
  readonly links: readonly Link[];
}

export function pointsOf({ links }: Chain): { readonly link: Link; readonly moment: Moment }[] {
  return links.flatMap((link) => (["before", "after"] as const).map((moment) => ({ link, moment })));
}

export interface OpenChain {
  /** How the worker ended that was struck. */
  die(link: Link, moment: Moment): Promise<string>;
  /** A worker that knows of no strike brings it to its end. */
  end(): Promise<void>;
  close(): Promise<void>;
}

export async function openChain(chain: Chain): Promise<OpenChain> {
  const ground = await openProvingGround();
  const stage = await openStage(ground, "stage", () => null, chain.scopes);
  const play = await chain.open(stage);
  const clock = chain.clockAheadMs === undefined ? {} : { clockAheadMs: chain.clockAheadMs };
  const hurry = async () => {
    for (const statement of chain.waits) await stage.sql(statement);
    await stage.house.simulator.control.settleBulk();
  };
  const start = (strikes?: Parameters<ProvingGround["startWorker"]>[0]) => ground.startWorker({ ...clock, ...(play.variables ? { variables: play.variables } : {}), ...strikes });
  const passTime = async () => {
    for (const statement of chain.leases) await stage.sql(statement);
    await hurry();
  };
  const differences = async () => {
    const left = await readWorkLeft(stage);
    return left.length > 0 ? left : [...(await readDifferences(stage, play.ending())), ...(await play.differences())];
  };
  return {
    async die({ step, nth, act }, moment) {
      const point: Point = { step, moment };
      await act?.(play);
      await passTime();
      const worker = await start({ strikes: [{ ...point, act: "kill", ...(nth === undefined ? {} : { nth }) }] });
      const reached = worker.struck();
      const stopHurry = repeatedly(hurry);
      try {
        expect(await within(reached, REACH_LIMIT_MS, `${nameOf(point)} was not reached`)).toBe(nameOf(point));
      } finally {
        await stopHurry();
        // Only a worker that did not come to the point still runs.
        await worker.kill();
      }
      return worker.ended;
    },
    async end() {
      await passTime();
      await start();
      const stopHurry = repeatedly(hurry);
      try {
        await vi.waitFor(async () => expect(await differences()).toEqual([]), { timeout: REST_LIMIT_MS, interval: HURRY_MS });
      } finally {
        await stopHurry();
      }
    },
    async close() {
      await ground.close();
      await play.close();
    },
  };
}

function repeatedly(work: () => Promise<void>): () => Promise<void> {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    await work();
    if (stopping.signal.aborted) return;
    await pause(HURRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (!stopping.signal.aborted) await run();
  };
  const rest = run();
  return () => {
    stopping.abort();
    return rest;
  };
}
