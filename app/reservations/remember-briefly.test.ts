// Facts that all ask for alike: read once, believed for a moment, and never longer.
import { describe, expect, it } from "vitest";

import { BELIEVED_MS, rememberBriefly } from "./remember-briefly.ts";

function memoryOf(options: { isKept?: (value: string) => boolean; maxAgeMs?: number } = {}) {
  const clock = { now: 0, monotonicMs: () => clock.now };
  const asked: { readonly shop: string; readonly answer: (value: string) => void; readonly fail: (cause: Error) => void }[] = [];
  const read = (shop: string) => new Promise<string>((answer, fail) => asked.push({ shop, answer, fail }));
  return { clock, asked, memory: rememberBriefly(read, { clock, keyOf: (shop) => shop, ...options }) };
}

describe("what is remembered briefly", () => {
  it("is read once for a thousand who ask at the same moment, and for those who ask within a second", async () => {
    const { clock, asked, memory } = memoryOf();
    const all = Array.from({ length: 1_000 }, () => memory("one"));
    asked[0]?.answer("fact");
    expect(new Set(await Promise.all(all))).toEqual(new Set(["fact"]));
    clock.now = BELIEVED_MS - 1;
    expect(await memory("one")).toBe("fact");
    expect(asked).toHaveLength(1);
  });

  it("is asked for again a second after it was asked for, though the first answer is still on its way: a revoked token stops in time", async () => {
    const { clock, asked, memory } = memoryOf();
    const [early] = [memory("one")];
    clock.now = BELIEVED_MS;
    const late = memory("one");
    asked[1]?.answer("revoked");
    asked[0]?.answer("valid");
    expect(await Promise.all([early, late])).toEqual(["valid", "revoked"]);
    expect(await memory("one")).toBe("revoked");
  });

  it("tells a failure to all who asked, and asks anew for the next", async () => {
    const { asked, memory } = memoryOf();
    const both = Promise.allSettled([memory("one"), memory("one")]);
    asked[0]?.fail(new Error("no connection"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = memory("one");
    asked[1]?.answer("fact");
    expect(await again).toBe("fact");
  });

  it("keeps two shops apart", async () => {
    const { asked, memory } = memoryOf();
    const both = [memory("one"), memory("two")];
    for (const { shop, answer } of asked) answer(`fact of ${shop}`);
    expect(await Promise.all(both)).toEqual(["fact of one", "fact of two"]);
  });

  it("forgets what is not to be kept, what was changed here, and, where only those share who ask at once, everything", async () => {
    const unkept = memoryOf({ isKept: (value) => value !== "nothing" });
    const first = unkept.memory("one");
    unkept.asked[0]?.answer("nothing");
    await first;
    void unkept.memory("one");
    expect(unkept.asked).toHaveLength(2);

    const changed = memoryOf();
    void changed.memory("one");
    changed.memory.forget();
    void changed.memory("one");
    expect(changed.asked).toHaveLength(2);

    const shared = memoryOf({ maxAgeMs: 0 });
    const sharing = [shared.memory("one"), shared.memory("one")];
    shared.asked[0]?.answer("fact");
    await Promise.all(sharing);
    void shared.memory("one");
    expect(shared.asked).toHaveLength(2);
  });
});
