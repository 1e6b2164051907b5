// A real web, worker or command of Holdfast that a test can kill, pause or hold at a named step; started as an operator starts it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ROOT, startAppProcess, type AppProcess, type LogLine } from "#tests/setup/e2e/app-process.ts";
import { bundledEntry } from "./bundled-entry.ts";
import { nameOf, PREPARATION_VARIABLE, readReport, type Order, type Point, type Preparation, type Strike } from "./strike-plan.ts";

/** Who lives for three seconds has nothing of code that was made fast: a fifth of a run's work was that. */
const NODE_OPTIONS = ["--max-lazy", "--no-opt", "--no-maglev", "--liftoff-only"];

export interface StrikableProcess extends AppProcess {
  /** Adds to what is armed; resolves when the process knows. */
  arm(...strikes: readonly Strike[]): Promise<void>;
  /** Lets whoever is held go on. */
  release(): Promise<void>;
  /** Resolves with the point's name when it is struck there, past or to come; rejects when the process ends before. Default: anywhere. */
  struck(point?: Point): Promise<string>;
  /** SIGSTOP and SIGCONT from outside, at no particular point. */
  pause(): void;
  resume(): void;
  /** SIGKILL, whatever it is doing; resolves when it has ended. */
  kill(): Promise<void>;
}

export interface StrikableOptions extends Omit<Preparation, "strikes"> {
  readonly env: Readonly<Record<string, string>>;
  readonly strikes?: readonly Strike[];
  /** Words after a command. */
  readonly args?: readonly string[];
}

export async function startStrikable({ service, env, strikes = [], args = [], ...wiring }: StrikableOptions): Promise<StrikableProcess> {
  const preparation: Preparation = { service, strikes, ...wiring };
  const bundle = await bundledEntry(service);
  const started = await startAppProcess({
    name: service,
    nodeOptions: service === "web" ? [...NODE_OPTIONS, `--import=${pathToFileURL(join(ROOT, bundle)).href}`] : NODE_OPTIONS,
    args: [service === "web" ? "web/main.ts" : bundle, ...args],
    env: { ...env, [PREPARATION_VARIABLE]: JSON.stringify(preparation) },
    takesMessages: true,
  });
  let orderCount = 0;
  const obey = async (order: (number: number) => Order): Promise<void> => {
    orderCount += 1;
    const number = orderCount;
    started.send(order(number));
    await started.logged(({ text }) => {
      const report = readReport(text);
      return report?.report === "obeyed" && report.number === number;
    });
  };
  return {
    ...started,
    arm: (...more) => obey((number) => ({ kind: "arm", number, strikes: more })),
    release: () => obey((number) => ({ kind: "release", number })),
    async struck(point) {
      const isIt = (name: string | null) => (point ? name === nameOf(point) : name !== null);
      return pointOf(await started.logged((line) => isIt(pointOf(line)))) ?? "";
    },
    pause: () => started.signal("SIGSTOP"),
    resume: () => started.signal("SIGCONT"),
    async kill() {
      started.signal("SIGKILL");
      await started.ended;
    },
  };
}

function pointOf({ text }: LogLine): string | null {
  const report = readReport(text);
  return report?.report === "struck" ? report.point : null;
}
