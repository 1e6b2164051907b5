// A process of the storm: loads the house, waits to be told what it is, then becomes a real worker, or the accept path on a port.
//
// `composition()` uses what it finds at `globalThis.holdfast`, so worker/main.ts knows nothing of this.
import { flushCompileCache } from "node:module";
import process from "node:process";
import { compose, type Composition } from "#app/composition.server.ts";
import { environment } from "#app/config/environment.server.ts";
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import { startAcceptServer } from "#tests/setup/accept-server.ts";
import { switchOff } from "../guards.ts";
import type { Message, Preparation } from "./messages.ts";
import { say } from "./say.ts";
import { arm, calm, strikeSteps } from "./strike-steps.ts";
import { watchDecisions } from "./watch-decisions.ts";

// Without the storm there is nothing to work for.
process.on("disconnect", () => process.exit(1));

const preparation = await new Promise<Preparation>((begun) => {
  process.on("message", (message: Message) => {
    if (message.kind === "begin") begun(message.preparation);
    if (message.kind === "arm") arm(message.strike);
    if (message.kind === "calm") calm();
  });
  // One that is killed would keep nothing of it for the next start.
  flushCompileCache();
  say({ report: "standing_by" });
});

const { service, env, redisPrefix, without } = preparation;
Object.assign(process.env, env);
const off = switchOff(without, { databaseUrl: env["DATABASE_URL"] ?? "", redisUrl: env["REDIS_URL"] ?? "", redisPrefix, timings: preparation.timings });
const decorate: DecoratePort = <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]) => strikeSteps(name, watchDecisions(name, off.decorate(name, port)));
const composed = compose(environment(), service === "worker" ? "worker" : "web", { redisPrefix, timings: preparation.timings, decorate });
(globalThis as { holdfast?: Composition }).holdfast = composed;

if (service === "worker") {
  await import("../../../worker/main.ts");
  say({ report: "running" });
} else {
  const accept = await startAcceptServer(composed.accept);
  say({ report: "listening", port: Number(new URL(accept.origin).port) });
}
