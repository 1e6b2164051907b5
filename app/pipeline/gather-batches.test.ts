// Requests that go to the database together.
import { describe, expect, it } from "vitest";

import { type BatchLimits, gatherBatches } from "./gather-batches.server.ts";

const LIMITS = { rowsMax: 4, inFlightMax: 1, waitingMax: 6, answerWithinMs: 1_000 };

/** Each batch waits until the test lets it go. */
function stage({ cutWhenFailed = true, limits = LIMITS }: { cutWhenFailed?: boolean; limits?: BatchLimits } = {}) {
  const batches: { readonly entries: readonly string[]; readonly end: (outcome: "done" | "fail") => void }[] = [];
  const timers = new Map<() => void, number>();
  const gathered = gatherBatches<string, string>(
    (entries) =>
      new Promise((resolve, reject) => {
        batches.push({ entries, end: (outcome) => (outcome === "done" ? resolve(entries.map((entry) => `${entry}!`)) : reject(new Error("failed"))) });
      }),
    {
      limits,
      cutWhenFailed,
      clock: {
        setTimer(ms, fn) {
          timers.set(fn, ms);
          return { cancel: () => void timers.delete(fn) };
        },
      },
    },
  );
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { batches, gathered, settled, elapse: (ms = Number.POSITIVE_INFINITY) => [...timers].forEach(([fn, after]) => (after <= ms ? fn() : undefined)), timerCount: () => timers.size };
}

describe("a batch", () => {
  it("takes what comes in one moment, and what comes meanwhile goes together afterwards", async () => {
    const { batches, gathered, settled } = stage();
    const first = ["a", "b"].map((entry) => gathered.submit(entry));
    await settled();
    const second = ["c", "d", "e", "f", "g"].map((entry) => gathered.submit(entry));
    batches[0]?.end("done");
    expect(await Promise.all(first)).toEqual(["a!", "b!"]);
    await settled();
    batches[1]?.end("done");
    await settled();
    batches[2]?.end("done");
    expect(await Promise.all(second)).toEqual(["c!", "d!", "e!", "f!", "g!"]);
    expect(batches.map((batch) => batch.entries)).toEqual([["a", "b"], ["c", "d", "e", "f"], ["g"]]);
  });

  it("is not joined by another while few wait, and is when many do", async () => {
    const { batches, gathered, settled } = stage({ limits: { ...LIMITS, inFlightMax: 2, another: { waitingMin: 3, slowAfterMs: 25 } } });
    void gathered.submit("a");
    await settled();
    for (const entry of ["b", "c"]) void gathered.submit(entry);
    await settled();
    expect(batches).toHaveLength(1);
    void gathered.submit("d");
    await settled();
    expect(batches.map((batch) => batch.entries)).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("that is stuck keeps nobody else waiting", async () => {
    const { batches, gathered, settled, elapse, timerCount } = stage({ limits: { ...LIMITS, inFlightMax: 2, another: { waitingMin: 3, slowAfterMs: 25 } } });
    void gathered.submit("stuck");
    await settled();
    const next = gathered.submit("b");
    await settled();
    elapse(25);
    expect(batches.map((batch) => batch.entries)).toEqual([["stuck"], ["b"]]);
    batches[1]?.end("done");
    expect(await next).toBe("b!");
    batches[0]?.end("done");
    await settled();
    expect(timerCount()).toBe(0);
  });

  it("that fails is cut until what is at fault stands alone", async () => {
    const { batches, gathered, settled } = stage();
    const answers = ["a", "bad", "c"].map((entry) => gathered.submit(entry));
    for (let count = 0; count < 5; count += 1) {
      await settled();
      const batch = batches.at(-1);
      batch?.end(batch.entries.includes("bad") ? "fail" : "done");
    }
    expect(await Promise.all(answers)).toEqual(["a!", "unavailable", "c!"]);
  });

  it("that fails as a whole is answered so where its sender cuts by itself", async () => {
    const { batches, gathered, settled } = stage({ cutWhenFailed: false });
    const answers = ["a", "b"].map((entry) => gathered.submit(entry));
    await settled();
    batches[0]?.end("fail");
    expect([await Promise.all(answers), batches.length]).toEqual([["unavailable", "unavailable"], 1]);
  });

  it("refuses what is more than may wait", async () => {
    const { gathered, settled } = stage();
    void gathered.submit("first");
    await settled();
    const waiting = Array.from({ length: 6 }, (_, index) => gathered.submit(String(index)));
    expect(await gathered.submit("one more")).toBe("overloaded");
    expect(waiting).toHaveLength(6);
  });

  it("is not joined by a client that has left, and keeps nobody waiting longer than allowed", async () => {
    const { batches, gathered, settled, elapse, timerCount } = stage();
    const first = gathered.submit("a");
    await settled();
    const leaving = new AbortController();
    const left = gathered.submit("b", leaving.signal);
    const late = gathered.submit("c");
    leaving.abort();
    expect(await left).toBe("gone");
    expect(await gathered.submit("d", leaving.signal)).toBe("gone");
    elapse();
    expect(await Promise.all([first, late])).toEqual(["unavailable", "unavailable"]);
    batches[0]?.end("done");
    await settled();
    expect([batches.map((batch) => batch.entries), timerCount()]).toEqual([[["a"]], 0]);
  });
});
