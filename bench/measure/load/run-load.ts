// Load from a process of its own: started with its plan, heard at its end.
import { join } from "node:path";
import process from "node:process";

import { startChild } from "#dev/services/child-process.ts";

import type { MeasureScope } from "../measure-scope.ts";
import { type LoadFigures, type LoadPlan, MEASURING } from "./load-plan.ts";

const PROGRAM = join(import.meta.dirname, "load-process.ts");

export interface HeardLoad {
  /** The warm-up is over. */
  readonly onMeasuring?: () => void;
  /** Its figures have come; it is about to end. */
  readonly onMeasured?: () => void;
}

export async function runLoad(scope: Pick<MeasureScope, "add">, plan: LoadPlan, { onMeasuring, onMeasured }: HeardLoad = {}): Promise<LoadFigures> {
  let said = "";
  const child = startChild({
    name: "load",
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", "--expose-gc", "--v8-pool-size=1", PROGRAM, JSON.stringify(plan)],
    onLine: (line) => {
      if (line === MEASURING) onMeasuring?.();
      if (!line.startsWith("{")) return;
      said = line;
      onMeasured?.();
    },
  });
  scope.add("load", child.stop);
  const how = await child.exited;
  if (said === "") throw new Error(`the load said nothing (${how}): ${child.lastLines().slice(-5).join("\n")}`);
  return JSON.parse(said) as LoadFigures;
}
