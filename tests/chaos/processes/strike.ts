// Preloaded (`node --import`) into a real process: wires it as it wires itself, with every named step watched, so that it can be struck there.
//
// `composition()` uses what it finds at `globalThis.holdfast`, so neither worker/main.ts nor the built web server knows of this.
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import process from "node:process";

import { systemClock } from "#app/adapters/system/system-clock.ts";
import { compose, type Composition } from "#app/composition.server.ts";
import { environment } from "#app/config/environment.server.ts";
import { aroundSteps } from "#tests/setup/around-steps.ts";
import { nameOf, PREPARATION_VARIABLE, type Moment, type Order, type Preparation, type Report, type Strike } from "./strike-plan.ts";

const STANDARD_OUTPUT = 1;

const { service, strikes, redisPrefix, timings, clockAheadMs = 0 } = JSON.parse(process.env[PREPARATION_VARIABLE] ?? "{}") as Preparation;
const armed: { strike: Strike; left: number }[] = [];
const held: (() => void)[] = [];

/** At once and by itself: what is written this way has left the process even if the next thing that happens is SIGKILL. */
function say(report: Report): void {
  writeSync(STANDARD_OUTPUT, `${JSON.stringify(report)}\n`);
}

function arm(more: readonly Strike[]): void {
  armed.push(...more.map((strike) => ({ strike, left: strike.nth ?? 1 })));
}

async function pass(step: string, moment: Moment): Promise<void> {
  const found = armed.find(({ strike }) => strike.step === step && strike.moment === moment);
  if (!found) return;
  found.left -= 1;
  if (found.left > 0) return;
  armed.splice(armed.indexOf(found), 1);
  say({ report: "struck", point: nameOf(found.strike), act: found.strike.act });
  switch (found.strike.act) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "pause":
      process.kill(process.pid, "SIGSTOP");
      return;
    case "hold":
      await new Promise<void>((resolve) => held.push(resolve));
  }
}

process.on("message", (order: Order) => {
  // A process that is killed would keep none of it for the next start.
  flushCompileCache();
  if (order.kind === "arm") arm(order.strikes);
  else for (const release of held.splice(0)) release();
  say({ report: "obeyed", number: order.number });
});
// The channel to the test keeps no process alive that has done its work.
process.channel?.unref();

arm(strikes);
const home = globalThis as { holdfast?: Composition };
home.holdfast = compose(environment(), service, {
  ...(redisPrefix === undefined ? {} : { redisPrefix }),
  ...(timings === undefined ? {} : { timings }),
  clock: { ...systemClock, now: () => new Date(systemClock.now().getTime() + clockAheadMs) },
  decorate: aroundSteps(async (step, work) => {
    await pass(step, "before");
    const result = await work();
    await pass(step, "after");
    return result;
  }),
});
