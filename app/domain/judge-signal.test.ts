import { describe, expect, it } from "vitest";

import { CALM_MS, judgeSignal, QUIET_SIGNAL } from "./judge-signal.ts";

describe("a figure of the operation", () => {
  it("opens an incident at the lowest threshold and says so once", () => {
    const opened = judgeSignal(QUIET_SIGNAL, 10, [60, 10], 0);
    expect(opened).toMatchObject({ stage: "opened", state: { open: true, incident: 1, peak: 10 } });
    expect(judgeSignal(opened.state, 12, [60, 10], 1).stage).toBeNull();
  });

  it("changes the incident when it reaches a higher listener's threshold, once each", () => {
    const { state } = judgeSignal(QUIET_SIGNAL, 10, [60, 10], 0);
    const higher = judgeSignal(state, 70, [60, 10], 1);
    expect(higher.stage).toBe("changed:1");
    expect(judgeSignal(higher.state, 80, [60, 10], 2).stage).toBeNull();
  });

  it("that dances around the threshold opens one incident: it closes only after it was calm without a break", () => {
    let { state } = judgeSignal(QUIET_SIGNAL, 10, [10], 0);
    const at = (figure: number, nowMs: number) => {
      const judged = judgeSignal(state, figure, [10], nowMs);
      state = judged.state;
      return judged.stage;
    };
    expect([at(9, 1), at(11, 2), at(4, 3), at(6, CALM_MS + 2), at(4, CALM_MS + 3), at(4, 2 * CALM_MS + 2)]).toEqual([null, null, null, null, null, null]);
    expect(at(4, 2 * CALM_MS + 3)).toBe("closed");
    expect(at(10, 2 * CALM_MS + 4)).toBe("opened");
    expect(state.incident).toBe(2);
  });

  it("of zero opens nothing, even where the threshold is zero", () => {
    expect(judgeSignal(QUIET_SIGNAL, 0, [0], 0).stage).toBeNull();
    expect(judgeSignal(QUIET_SIGNAL, 0.1, [0], 0).stage).toBe("opened");
  });

  it("that nobody listens to any more opens nothing and closes what is open", () => {
    expect(judgeSignal(QUIET_SIGNAL, 100, [], 0).stage).toBeNull();
    const { state } = judgeSignal(QUIET_SIGNAL, 100, [10], 0);
    const calm = judgeSignal(state, 100, [], 1);
    expect(judgeSignal(calm.state, 100, [], CALM_MS + 1).stage).toBe("closed");
  });
});
