// What shared looks promise. Goal: of many processes one looks for a thing in a period, and neither a process that dies nor a Redis that is away
// keeps it from being looked for. Method: a real Redis, a connection for each process; periods end by Redis's own clock or by its key being removed.
import { describe, expect, it } from "vitest";

import { redisKeys } from "#app/adapters/redis/keys.ts";
import { RedisSharedLooks } from "#app/adapters/redis/redis-shared-looks.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { useOwnRedis } from "#tests/setup/own-redis.ts";

const keys = redisKeys("looks");
/** Longer than any test. */
const LONG_MS = 600_000;

const redis = useOwnRedis();

async function openLooks(clock = systemClock) {
  const { commands } = await redis.connect();
  return { looks: new RedisSharedLooks({ commands, keys, clock }), commands };
}

describe("shared looks", () => {
  it("are one process's in a period, however many ask at once", async () => {
    const processes = await Promise.all(Array.from({ length: 8 }, () => openLooks()));
    const answers = await Promise.all(processes.map(({ looks }) => looks.areMine("orders", LONG_MS)));
    expect(answers.filter((mine) => mine)).toHaveLength(1);
  });

  it("for one thing are not those for another", async () => {
    const { looks } = await openLooks();
    expect([await looks.areMine("orders", LONG_MS), await looks.areMine("stock", LONG_MS)]).toEqual([true, true]);
  });

  it("are somebody else's when the period is over, also when who looked has died", async () => {
    const first = await openLooks();
    const second = await openLooks();
    await first.looks.areMine("orders", 40);
    first.commands.disconnect();
    // Asked again until it is granted: how long 40 ms take is Redis's to say.
    await expect.poll(() => second.looks.areMine("orders", LONG_MS)).toBe(true);
    expect(await second.looks.areMine("orders", LONG_MS)).toBe(false);
  });

  it("are everybody's while Redis refuses to keep anything", async () => {
    const { looks, commands } = await openLooks();
    await commands.set(keys.look("orders"), "1");
    await commands.config("SET", "maxmemory", "1");
    try {
      expect(await looks.areMine("stock", LONG_MS)).toBe(true);
    } finally {
      await commands.config("SET", "maxmemory", "0");
    }
  });

  it("are everybody's while Redis does not answer", async () => {
    const clock = new FakeClock();
    const looks = new RedisSharedLooks({ commands: silent(), keys, clock });
    const asked = looks.areMine("orders", LONG_MS);
    clock.advance(100);
    expect(await asked).toBe(true);
  });
});

/** Mocked because a Redis that takes a question and never answers cannot be had on purpose. */
function silent() {
  return { set: () => new Promise<never>(() => undefined) } as never;
}
