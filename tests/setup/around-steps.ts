// Puts one function around every named step of a process: what strikes it there, slows it down, or only counts.
import { STEPS, type DecoratePort, type SteppedPorts } from "#app/steps.ts";

/** `ledger.claim`: a port and one of its methods that writes durably or reaches the outside. */
export type StepName = string;

/** Runs `work` once, or does not: what it answers or throws is what the caller of the step sees. */
export type AroundStep = <Result>(step: StepName, work: () => Promise<Result>) => Promise<Result>;

/** Every durable write and every outside call, in the order in which app/steps.ts names them. */
export const STEP_NAMES: readonly StepName[] = Object.entries(STEPS).flatMap(([port, methods]) =>
  Object.entries(methods).flatMap(([method, kind]) => (kind === "look" ? [] : [`${port}.${method}`])),
);

export function aroundSteps(around: AroundStep): DecoratePort {
  const names = new Set(STEP_NAMES);
  return <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]): SteppedPorts[Name] =>
    new Proxy(port, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        // Bound to the port itself: classes with private fields know no proxy.
        const method = value.bind(target) as (...parameters: unknown[]) => Promise<unknown>;
        const step = `${name}.${String(property)}`;
        return names.has(step) ? (...parameters: unknown[]) => around(step, () => method(...parameters)) : method;
      },
    });
}
