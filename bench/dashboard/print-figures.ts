// The figures as a table with what does not hold, for the terminal and for docs/performance.md.

import type { ServerTimes } from "./ask-pages.ts";
import { CLS_MAX, INP_MS_MAX, LCP_MS_MAX, SCRIPT_KB_MAX, SERVER_P95_MS_MAX } from "./limits.ts";
import type { BrowserFigures } from "./measure-in-browser.ts";
import type { MeasuredPage } from "./pages.ts";

export interface PageFigures {
  readonly page: Pick<MeasuredPage, "name" | "path">;
  readonly server: ServerTimes | null;
  readonly browser: BrowserFigures | null;
}

/** Names of the limits that a page misses. */
export function missed({ server, browser }: PageFigures): string[] {
  const judged: readonly (readonly [name: string, value: number | null | undefined, max: number])[] = [
    ["server p95", server?.p95Ms, SERVER_P95_MS_MAX],
    ["LCP", browser?.lcpMs, LCP_MS_MAX],
    ["CLS", browser?.cls, CLS_MAX],
    ["INP", browser?.inpMs, INP_MS_MAX],
    ["JavaScript", browser?.scriptKb, SCRIPT_KB_MAX],
  ];
  return judged.filter(([, value, max]) => typeof value === "number" && value > max).map(([name]) => name);
}

const COLUMNS = ["page", "server p50", "p95", "max", "document", "LCP", "CLS", "INP", "JavaScript", "CSS", ""] as const;

export function figuresTable(figures: readonly PageFigures[]): string[] {
  const rows = figures.map((each) => [each.page.name, ...serverCells(each.server), ...browserCells(each.browser), missed(each).length === 0 ? "holds" : `MISSED: ${missed(each).join(", ")}`]);
  return [row(COLUMNS), row(COLUMNS.map((_, index) => (index === 0 || index === COLUMNS.length - 1 ? "---" : "---:"))), ...rows.map(row)];
}

function serverCells(server: ServerTimes | null): string[] {
  return server === null ? ["", "", "", ""] : [ms(server.p50Ms), ms(server.p95Ms), ms(server.maxMs), kb(server.bytes / 1_024)];
}

function browserCells(browser: BrowserFigures | null): string[] {
  if (browser === null) return ["", "", "", "", ""];
  return [ms(browser.lcpMs), browser.cls.toFixed(3), browser.inpMs === null ? "–" : ms(browser.inpMs), kb(browser.scriptKb), kb(browser.styleKb)];
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const kb = (value: number) => `${value.toFixed(0)} KB`;
const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
