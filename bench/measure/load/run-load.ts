// Load from a process of its own: started with its plan, heard at its end.
import { join } from "node:path";
import process from "node:process";

import { startChild } from "#dev/services/child-process.ts";

import type { MeasureScope } from "../measure-scope.ts";
import type { LoadFigures, LoadPlan } from "./load-plan.ts";

const PROGRAM = join(import.meta.dirname, "load-process.ts");

export async function runLoad(scope: Pick<MeasureScope, "add">, plan: LoadPlan): Promise<LoadFigures> {
  let said = "";
  const child = startChild({
    name: "load",
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", PROGRAM, JSON.stringify(plan)],
    onLine: (line) => {
      if (line.startsWith("{")) said = line;
    },
  });
  scope.add("load", child.stop);
  const how = await child.exited;
  if (said === "") throw new Error(`the load said nothing (${how}): ${child.lastLines().slice(-5).join("\n")}`);
  return JSON.parse(said) as LoadFigures;
}
