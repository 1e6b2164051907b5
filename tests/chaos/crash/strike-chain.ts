// Tells vitest of a chain of deaths: one test for each point, in the order of the work, and one for the end of it all.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openChain, pointsOf, type Chain, type OpenChain } from "./chain.ts";

const LIMIT_MS = 90_000;

export function strikeChain(chain: Chain): void {
  describe(`a worker killed at ${chain.title}`, () => {
    let open: OpenChain | undefined;
    /** What comes after a point that was not reached would be another story. */
    let isBroken = false;
    beforeAll(async () => {
      open = await openChain(chain);
    }, LIMIT_MS);
    afterAll(() => open?.close(), LIMIT_MS);

    const opened = (): OpenChain => {
      if (!open || isBroken) throw new Error("an earlier point of the chain failed");
      return open;
    };
    it.each(pointsOf(chain).map((point) => [`${point.moment} ${point.link.step}`, point] as const))("%s", { timeout: LIMIT_MS }, async (_title, { link, moment }) => {
      const chainOfDeaths = opened();
      isBroken = true;
      expect(await chainOfDeaths.die(link, moment)).toBe("ended by SIGKILL");
      isBroken = false;
    });

    it("ends as if nobody had died", { timeout: LIMIT_MS }, async () => {
      await expect(opened().end()).resolves.toBeUndefined();
    });
  });
}
