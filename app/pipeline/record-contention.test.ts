import { describe, expect, it } from "vitest";

import type { ContentionNotes } from "#app/ports/contention.ts";
import { createContentionRecorder } from "./record-contention.server.ts";

const MUG = { inventoryItemId: "1", locationId: "2" };
const SHOP = "a.myshopify.com";

function openRecorder(limits: Parameters<typeof createContentionRecorder>[0]["limits"] = {}) {
  const written: ContentionNotes[] = [];
  const warned: string[] = [];
  const timers = new Set<() => void>();
  const state = { fails: false, nowMs: Date.parse("2026-11-21T10:00:00Z") };
  const recorder = createContentionRecorder({
    book: { add: (notes) => (state.fails ? Promise.reject(new Error("away")) : Promise.resolve(void written.push(notes))) },
    clock: {
      now: () => new Date(state.nowMs),
      setTimer: (_ms, fire) => {
        timers.add(fire);
        return { cancel: () => void timers.delete(fire) };
      },
    },
    logger: { warn: (_fields: object, message: string) => void warned.push(message) },
    limits,
  });
  const fire = async () => {
    const due = [...timers];
    timers.clear();
    for (const one of due) one();
    await recorder.flush();
  };
  return { recorder, written, warned, timers, state, fire };
}

describe("waits for busy items", () => {
  it("cost nothing while nobody waits: no timer, no query", async () => {
    const { recorder, written, timers } = openRecorder();
    recorder.busy(SHOP, [MUG]);
    await recorder.flush();
    await recorder.close();
    expect([timers.size, written.length]).toEqual([0, 0]);
  });

  it("are written together, however many they are, by one timer", async () => {
    const { recorder, written, timers, fire } = openRecorder();
    for (let count = 0; count < 50; count += 1) recorder.waited({ installId: 1n }, "reservations", [MUG], count);
    recorder.lost({ shop: SHOP }, "orders", [MUG]);
    recorder.claimed(SHOP, "m1", [MUG]);
    expect(timers.size).toBe(1);
    await fire();
    expect(written.map(({ waits, losses, mutationIds }) => [waits.length, losses.length, mutationIds])).toEqual([[50, 1, ["m1"]]]);
    await fire();
    expect(written).toHaveLength(1);
  });

  it("do not wait for the timer when there are many, and are all written when the process stops", async () => {
    const { recorder, written } = openRecorder({ notesMax: 3 });
    for (const mutationId of ["m1", "m2", "m3"]) recorder.claimed(SHOP, mutationId, []);
    await recorder.flush();
    expect(written.map((notes) => notes.mutationIds)).toEqual([["m1", "m2", "m3"]]);
    recorder.claimed(SHOP, "m4", []);
    await recorder.close();
    recorder.claimed(SHOP, "too late", []);
    await recorder.flush();
    expect(written.map((notes) => notes.mutationIds)).toEqual([["m1", "m2", "m3"], ["m4"]]);
  });

  it("are kept while they cannot be written, up to a limit and without asking the database with each of them", async () => {
    const { recorder, written, warned, state, fire } = openRecorder({ notesMax: 3, keptMax: 4 });
    state.fails = true;
    for (const mutationId of ["m1", "m2", "m3"]) recorder.claimed(SHOP, mutationId, []);
    await recorder.flush();
    const attempts = warned.length;
    for (const mutationId of ["m4", "m5", "m6"]) recorder.claimed(SHOP, mutationId, []);
    await Promise.resolve();
    expect(warned).toHaveLength(attempts);
    await fire();
    state.fails = false;
    await fire();
    expect(written.flatMap((notes) => notes.mutationIds)).toEqual(["m3", "m4", "m5", "m6"]);
  });

  it("name the last moment at which the item was seen taken before it was got, and no sighting that is too old", async () => {
    const { recorder, written, state } = openRecorder();
    const other = { inventoryItemId: "9", locationId: "2" };
    recorder.busy(SHOP, [other]);
    state.nowMs += 59_000;
    recorder.busy(SHOP, [MUG]);
    state.nowMs += 2_000;
    recorder.claimed(SHOP, "m1", [MUG, other]);
    recorder.claimed(SHOP, "m2", [MUG]);
    recorder.claimed("other.myshopify.com", "m3", [MUG]);
    await recorder.flush();
    expect(written[0]?.busy).toEqual([{ ...MUG, mutationId: "m1", at: new Date(state.nowMs - 2_000) }]);
  });
});
