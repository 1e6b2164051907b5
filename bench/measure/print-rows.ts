// Rows as a person reads them: a table of Markdown, one line a row.
import type { Mark, Row } from "./row.ts";

const DIGITS = 3;

export function rowsTable(rows: readonly Row[]): string[] {
  const head = ["| scenario | row | measured | baseline | ratio | mark | |", "|---|---|---:|---:|---:|---:|---|"];
  return [...head, ...rows.map(rowLine)];
}

function rowLine({ scenario, row, value, unit, baseline, ratio, mark, reached }: Row): string {
  const beside = baseline === undefined ? "" : `${baseline.name}: ${figure(baseline.value)}`;
  return `| ${[scenario, row, `${figure(value)} ${unit}`.trim(), beside, ratio === undefined ? "" : figure(ratio), mark === null ? "" : markText(mark), mark === null ? "" : reached ? "reached" : "NOT reached"].join(" | ")} |`;
}

export function markText({ of, is, limit }: Mark): string {
  return `${of === "ratio" ? "ratio " : ""}${is === "at least" ? "≥" : "≤"} ${figure(limit)}`;
}

/** Three digits that count; whole numbers from a hundred on. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(DIGITS)));
}
