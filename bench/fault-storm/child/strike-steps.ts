// Put around every named step of a process: the strikes that are armed there, each once.
import process from "node:process";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import { STEP_NAMES } from "#tests/setup/around-steps.ts";
import type { StepStrike } from "./messages.ts";
import { say } from "./say.ts";

type Call = { step: string; port: unknown; parameters: readonly unknown[]; run: () => Promise<unknown> };

/** How often a turn is handed out beside its first run. */
const TWINS = 4;

const armed: StepStrike[] = [];

export function arm(strike: StepStrike): void {
  armed.push(strike);
}

export function calm(): void {
  armed.length = 0;
}

export const strikeSteps: DecoratePort = <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]): SteppedPorts[Name] => {
  const steps = new Set(STEP_NAMES);
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...parameters: unknown[]) => Promise<unknown>;
      const step = `${name}.${String(property)}`;
      return steps.has(step) ? (...parameters: unknown[]) => pass({ step, port: target, parameters, run: () => method(...parameters) }) : method;
    },
  });
};

async function pass(call: Call): Promise<unknown> {
  const before = take(call.step, "before");
  const result = await (before ? strikeBefore(call, before) : call.run());
  const after = take(call.step, "after");
  if (after) await strikeAfter(call, after, result);
  return result;
}

function take(step: string, moment: StepStrike["moment"]): StepStrike | null {
  const index = armed.findIndex((strike) => strike.step === step && strike.moment === moment && Date.now() <= strike.untilMs);
  return index < 0 ? null : (armed.splice(index, 1)[0] ?? null);
}

async function strikeBefore(call: Call, strike: StepStrike): Promise<unknown> {
  say({ report: "struck", strike });
  switch (strike.fault) {
    case "wake_dropped":
      return { kind: "woken" };
    case "job_twice": {
      // Others start beside it, and nobody waits for them.
      for (let twin = 0; twin < TWINS; twin += 1) setTimeout(() => void call.run().catch(() => undefined), twin * strike.ms);
      return call.run();
    }
    default:
      await befall(strike);
      return call.run();
  }
}

async function strikeAfter(call: Call, strike: StepStrike, result: unknown): Promise<void> {
  if (strike.fault === "lock_lost" && !(await loseLock(call, result))) {
    armed.push(strike);
    return;
  }
  say({ report: "struck", strike });
  await befall(strike);
}

async function befall({ fault, ms }: StepStrike): Promise<void> {
  if (fault === "kill_at_step") process.kill(process.pid, "SIGKILL");
  if (fault === "pause") process.kill(process.pid, "SIGSTOP");
  if (fault === "slow_step" || fault === "answer_late") await new Promise((passed) => setTimeout(passed, ms));
}

/** Lets go behind the holder's back; false when nothing was taken. */
async function loseLock({ port, parameters, step }: Call, result: unknown): Promise<boolean> {
  const store = port as LockStore;
  const [claim] = parameters as Parameters<LockStore["attempt"]>;
  const resources = step === "lockStore.attemptFree" ? (result as string[]) : (result as { granted: boolean }).granted ? claim.resources : [];
  if (resources.length === 0) return false;
  await store.letGo({ shop: claim.shop, owner: claim.owner, resources });
  return true;
}
