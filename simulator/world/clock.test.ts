import { describe, expect, it } from "vitest";
import { createManualWall } from "../testing/manual-wall.ts";
import { createClock } from "./clock.ts";

describe("the simulated clock", () => {
  it("runs as fast as it is told", () => {
    const wall = createManualWall();
    const clock = createClock(1_000_000, wall);
    wall.pass(10);
    clock.setScale(100);
    wall.pass(10);
    expect(clock.nowMs()).toBe(1_000_000 + 10 + 1_000);
  });

  it("runs timers at their simulated time, earlier ones first, and those of one moment in order", () => {
    const wall = createManualWall();
    const clock = createClock(0, wall);
    const ran: string[] = [];
    clock.at(200, () => ran.push("late"));
    clock.at(100, () => ran.push("first"));
    clock.at(100, () => ran.push("second"));
    const cancel = clock.at(150, () => ran.push("cancelled"));
    cancel();
    clock.setScale(10);
    wall.pass(10);
    expect(ran).toEqual(["first", "second"]);
    wall.pass(10);
    expect(ran).toEqual(["first", "second", "late"]);
  });

  it("runs work that a timer schedules inside a jump at its own time", () => {
    const clock = createClock(0, createManualWall());
    const ran: number[] = [];
    clock.at(1_000, () => {
      ran.push(clock.nowMs());
      clock.at(clock.nowMs() + 500, () => ran.push(clock.nowMs()));
    });
    clock.advance(10_000);
    expect(ran).toEqual([1_000, 1_500]);
    expect(clock.nowMs()).toBe(10_000);
  });
});
