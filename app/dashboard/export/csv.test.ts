// CSV as spreadsheets open it.
import { describe, expect, it } from "vitest";

import { csvRecord } from "./csv.ts";

describe("a record", () => {
  it("ends as RFC 4180 wants, and leaves plain text alone", () => {
    expect(csvRecord(["#1001", "Beeswax candle", 5, null])).toBe("#1001,Beeswax candle,5,\r\n");
  });

  it("quotes what would end a cell or a line, and doubles quotes", () => {
    expect(csvRecord(['12" vase, blue', "two\nlines", " kept "])).toBe('"12"" vase, blue","two\nlines"," kept "\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])("does not let %j run as a formula", (text) => {
    const cell = csvRecord([text]).replace(/^"|"?\r\n$/g, "");
    expect(cell.startsWith("'")).toBe(true);
  });

  it.each(["cup;=1+1", "cup; +1", "cup\t@SUM(A1)", "a;b;-1"])("nor where a semicolon or tab ends cells: %j", (text) => {
    const cells = csvRecord([text]).replace(/^"|"?\r\n$/g, "").split(/[;\t]/).map((cell) => cell.trimStart());
    expect(cells.filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
  });

  it("leaves a negative number a number", () => {
    expect(csvRecord([-3])).toBe("-3\r\n");
  });
});
