// The body of a download: made as it is taken, ended when nobody takes it, broken off visibly when it fails.
import { describe, expect, it } from "vitest";

import { createExportSlots, STALL_MS } from "./export-slots.ts";
import { ExportOvertakenError, streamText } from "./text-stream.ts";

function source(count: number) {
  const log = { made: 0, closed: false };
  async function* pieces() {
    try {
      for (; log.made < count; ) yield `${++log.made};`;
    } finally {
      log.closed = true;
    }
  }
  return { log, pieces: pieces() };
}

const open = (pieces: AsyncIterable<string>, options: { keep?: () => boolean; controller?: AbortController } = {}) => {
  const ends: unknown[] = [];
  const { keep = () => true, controller = new AbortController() } = options;
  return { ends, controller, stream: streamText(pieces, { signal: controller.signal, keep, onEnd: (cause) => ends.push(cause) }) };
};

describe("streamText", () => {
  it("gives every piece and ends", async () => {
    const { pieces, log } = source(3);
    const { stream, ends } = open(pieces);
    expect(await new Response(stream).text()).toBe("1;2;3;");
    expect([log.closed, ends]).toEqual([true, [null]]);
  });

  it("makes nothing before it is asked, and one piece for each time it is", async () => {
    const { pieces, log } = source(1_000);
    const reader = open(pieces).stream.getReader();
    expect(log.made).toBe(0);
    await reader.read();
    await reader.read();
    expect(log.made).toBe(2);
  });

  it("closes what it reads from when the browser goes away, and once", async () => {
    const { pieces, log } = source(1_000);
    const { stream, ends, controller } = open(pieces);
    const reader = stream.getReader();
    await reader.read();
    controller.abort();
    await reader.cancel();
    expect([log.made, log.closed, ends]).toEqual([1, true, [null]]);
  });

  it("breaks off when a piece cannot be made, so that the browser knows that the file is not whole", async () => {
    async function* failing() {
      yield "first";
      throw new Error("the database is away");
    }
    const { stream, ends } = open(failing());
    await expect(new Response(stream).text()).rejects.toThrow("the database is away");
    expect(ends).toEqual([expect.objectContaining({ message: "the database is away" })]);
  });

  it("breaks off when its place was taken", async () => {
    const { stream, ends } = open(source(2).pieces, { keep: () => false });
    await expect(new Response(stream).text()).rejects.toThrow(ExportOvertakenError);
    expect(ends[0]).toBeInstanceOf(ExportOvertakenError);
  });
});

describe("the place of an install's export", () => {
  it("is taken once, free again when released, and another install's is its own", () => {
    const slots = createExportSlots(() => 0);
    const first = slots.take(1n);
    expect([slots.take(1n), slots.take(2n) === null]).toEqual([null, false]);
    first?.release();
    expect(slots.take(1n)).not.toBeNull();
  });

  it("of a download that stands still goes to the next, and the first one notices", () => {
    let now = 0;
    const slots = createExportSlots(() => now);
    const first = slots.take(1n);
    now = STALL_MS - 1;
    expect([first?.keep(), slots.take(1n)]).toEqual([true, null]);
    now += STALL_MS;
    const second = slots.take(1n);
    expect([first?.keep(), second?.keep()]).toEqual([false, true]);
    first?.release();
    expect(slots.take(1n)).toBeNull();
  });
});
