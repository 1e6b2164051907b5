// Hidden units stay hidden until somebody may have counted.
import { describe, expect, it } from "vitest";

import { countHidden } from "./count-hidden.ts";

const overwrite = (atMs: number, putBack: number) => ({ atMs, putBack, foreign: putBack });
const write = (atMs: number, foreign: number) => ({ atMs, putBack: 0, foreign });

describe("countHidden", () => {
  it("adds up what overwrites put back", () => {
    expect(countHidden([overwrite(1, 2), overwrite(2, 3)])).toEqual({ hidden: 5, countedMs: null });
  });

  it("keeps them hidden when somebody takes fewer than are hidden", () => {
    expect(countHidden([overwrite(1, 3), write(2, -2)])).toEqual({ hidden: 3, countedMs: null });
  });

  it.each([-3, -9, 1, 20])("forgets them at a foreign step of %i, which may have been a count", (foreign) => {
    expect(countHidden([overwrite(1, 3), write(2, foreign), overwrite(3, 1)])).toEqual({ hidden: 1, countedMs: 2 });
  });

  it("takes any foreign number for a count where nothing is hidden", () => {
    expect(countHidden([write(1, -1), overwrite(2, 4), write(3, -1)])).toEqual({ hidden: 4, countedMs: 1 });
  });
});
