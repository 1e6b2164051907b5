// Writes CSV that spreadsheets open as it is meant: RFC 4180 quoting, a byte order mark for UTF-8, and no cell that runs as a formula. Pure.

/** A text, or a number that a spreadsheet may calculate with; null is an empty cell. */
export type Cell = string | number | null;

/** Without it Excel takes UTF-8 for the system's old character set. */
export const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Spreadsheets take a cell that begins so for a formula, which can fetch addresses or start programs; an order's name or an item's
 * title is written by strangers. The full-width signs count in Japanese and Chinese editions.
 */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u;
/** Where a spreadsheet takes semicolons or tabs for the end of a cell, what follows one begins a cell, whatever quotes stand around. */
const FORMULA_AFTER_SEPARATOR = /(?<=[;\t]\s*)[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/gu;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/u;

/** One record with its line end. */
export function csvRecord(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  // A number of ours is no formula, and −1 must stay a number.
  if (typeof cell === "number") return String(cell);
  const text = (FORMULA_START.test(cell) ? `'${cell}` : cell).replaceAll(FORMULA_AFTER_SEPARATOR, "'$&");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
