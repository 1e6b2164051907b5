// Goal: the file of a large shop goes through memory in bounded pieces, in order, never far ahead of its reader, and is read on where it was left.
// Method: a server that makes 200,000 lines as they are asked for, and counts.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { LINES_PER_CHUNK, readLines } from "./bulk-file.server.ts";

const LINES = 200_000;
const LINES_AT_ONCE = 100;
const PADDING = "x".repeat(200);
const signal = new AbortController().signal;
let server: Server;
let url: string;
/** Lines that the present answer has made. */
let made = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    made = 0;
    Readable.from(lines(), { objectMode: false, highWaterMark: 64 * 1_024 }).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

function* lines(): Generator<Buffer> {
  for (; made < LINES; made += LINES_AT_ONCE) {
    yield Buffer.from(Array.from({ length: LINES_AT_ONCE }, (_, index) => `{"line":${made + index},"padding":"${PADDING}"}\n`).join(""));
  }
}

const numberOf = (text: string | undefined) => (JSON.parse(text ?? "{}") as { line?: number }).line;

describe("a file of 200,000 lines", () => {
  it("comes in pieces of bounded size, in order, and no more of it is fetched than the reader keeps up with", async () => {
    let taken = 0;
    let aheadMax = 0;
    const end = await readLines({
      url,
      skipLines: 0,
      signal,
      async take(chunk, firstLine) {
        expect(chunk.length).toBeLessThanOrEqual(LINES_PER_CHUNK);
        expect([firstLine, numberOf(chunk[0]), numberOf(chunk.at(-1))]).toEqual([taken, taken, taken + chunk.length - 1]);
        taken += chunk.length;
        // Whoever makes the lines has every chance to run ahead.
        for (let turn = 0; turn < 5; turn += 1) await nextTurn();
        aheadMax = Math.max(aheadMax, made - taken);
        return true;
      },
    });
    expect(end).toEqual({ kind: "end", lineCount: LINES });
    expect(taken).toBe(LINES);
    // What the sockets between the two hold; reading it whole would be ahead by nearly everything.
    expect(aheadMax).toBeLessThan(LINES / 2);
  }, 30_000);

  it("is left when the reader says so, and read on from there", async () => {
    let first = 0;
    expect(await readLines({ url, skipLines: 0, signal, take: (chunk) => Promise.resolve((first += chunk.length) < 1_000) })).toEqual({ kind: "stopped" });
    expect(made).toBeLessThan(LINES);
    const rest: number[] = [];
    await readLines({ url, skipLines: first, signal, take: (chunk, firstLine) => Promise.resolve(rest.push(firstLine, numberOf(chunk[0]) ?? -1) < 4) });
    expect(rest.slice(0, 2)).toEqual([first, first]);
  });
});
