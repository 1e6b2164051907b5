// How a process of the storm reports: at once and by itself, so that the report has left even if the next thing is SIGKILL.
import { writeSync } from "node:fs";
import type { Report } from "./messages.ts";

const STANDARD_OUTPUT = 1;

export function say(report: Report): void {
  writeSync(STANDARD_OUTPUT, `${JSON.stringify(report)}\n`);
}
