// What a block gives back, without a database.
import { describe, expect, it } from "vitest";

import { IDLE_MS, shrinkBlock, type BlockToShrink } from "./shrink-block.ts";

const block = (of: Partial<BlockToShrink>): BlockToShrink => ({ held: 20, granted: 0, settling: 0, leaving: 0, growing: 0, mirrored: true, idleMs: IDLE_MS, ...of });

describe("a block that is looked at", () => {
  it("gives back what nobody drew on for a while, and is not looked at again", () => {
    expect(shrinkBlock(block({}))).toEqual({ back: 20, lookAgainInMs: null });
    expect(shrinkBlock(block({ idleMs: null }))).toEqual({ back: 20, lookAgainInMs: null });
  });
  it("is left alone while it is in use, and looked at when it might not be", () => {
    expect(shrinkBlock(block({ idleMs: 60_000 }))).toEqual({ back: 0, lookAgainInMs: IDLE_MS - 60_000 });
  });
  it("keeps what is promised or on its way back", () => {
    expect(shrinkBlock(block({ granted: 5, settling: 4, leaving: 3 }))).toEqual({ back: 8, lookAgainInMs: IDLE_MS });
  });
  it("that promises more than it holds gives nothing back", () => {
    expect(shrinkBlock(block({ granted: 30 }))).toEqual({ back: 0, lookAgainInMs: IDLE_MS });
  });
  it("gives back at once what is free where holds are not to be seen in Shopify, and the rest as it becomes free", () => {
    expect(shrinkBlock(block({ idleMs: 0, mirrored: false, granted: 5 }))).toEqual({ back: 15, lookAgainInMs: 30_000 });
  });
  it("is looked at again while units are still on their way in", () => {
    expect(shrinkBlock(block({ held: 0, growing: 5 }))).toEqual({ back: 0, lookAgainInMs: IDLE_MS });
  });
});
