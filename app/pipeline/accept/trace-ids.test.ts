// Many ids from one handful of random bytes.
import { describe, expect, it } from "vitest";

import { createTraceIds } from "./trace-ids.server.ts";

describe("the ids of traces", () => {
  it("are 32 hexadecimal digits and never the same, also when the random bytes of one fetch are used up", () => {
    const nextTraceId = createTraceIds();
    const ids = Array.from({ length: 1_000 }, () => nextTraceId());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
