// What may be moved together, without a database.
import { describe, expect, it } from "vitest";

import { weighMoves } from "./weigh-moves.ts";

const moves = (...deltas: number[]) => deltas.map((delta, index) => ({ id: BigInt(index + 1), delta }));
const deltas = (of: readonly { delta: number }[]) => of.map(({ delta }) => delta);
const weigh = (list: number[], available: number | null, mayTake = true) => {
  const weighed = weighMoves(moves(...list), available, mayTake);
  return { kept: deltas(weighed.kept).toSorted((a, b) => a - b), dropped: weighed.dropped.map(({ move, reason }) => [move.delta, reason]), changeFrom: weighed.changeFrom };
};

describe("moves that wait at one stock", () => {
  it("are sent together, and Shopify is told what must be there", () => {
    expect(weigh([3, 4], 10)).toEqual({ kept: [3, 4], dropped: [], changeFrom: 10 });
  });
  it("that take more than is known to be there are dropped, the later ones first", () => {
    expect(weigh([3, 4, 2], 5)).toEqual({ kept: [2, 3], dropped: [[4, "not_enough"]], changeFrom: 5 });
  });
  it("are covered by what comes back at the same time", () => {
    expect(weigh([3, -5], 0)).toEqual({ kept: [-5, 3], dropped: [], changeFrom: null });
    expect(weigh([8, -5], 2)).toEqual({ kept: [-5], dropped: [[8, "not_enough"]], changeFrom: null });
    expect(weigh([8, -5], 3)).toEqual({ kept: [-5, 8], dropped: [], changeFrom: 3 });
  });
  it("take nothing where the level was never seen, and give back all the same", () => {
    expect(weigh([3, -2], null)).toEqual({ kept: [-2], dropped: [[3, "level_unknown"]], changeFrom: null });
  });
  it("take nothing in a shop that only watches, and give back all the same", () => {
    expect(weigh([3, -2], 10, false)).toEqual({ kept: [-2], dropped: [[3, "not_protecting"]], changeFrom: null });
  });
});
