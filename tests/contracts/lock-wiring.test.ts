// LOCK_REDIS_URLS in a whole process. Goal: the locks of everything that a process does lie on the quorum, and operators see its servers.
// Method: one composition on three Redis servers beside the one for queues and budgets; servers are stopped one after the other.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOperation } from "#app/adapters/telemetry/operation-endpoints.server.ts";
import { compose, type Composition } from "#app/composition.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { startLockQuorum, type LockQuorum } from "#tests/setup/lock-quorum.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { doctor } from "../../cli/doctor.ts";

const SHOP = "one.myshopify.com";

let house: House;
let quorum: LockQuorum;
let composed: Composition;

beforeAll(async () => {
  house = await openHouse();
  quorum = await startLockQuorum(3, house.redisPrefix);
  const environment = { ...house.environment, lockRedisUrls: quorum.servers.map(({ url }) => url) };
  composed = compose(environment, "worker", { redisPrefix: house.redisPrefix });
  await Promise.all([composed.redis.connected(), composed.lockServers.connected()]);
});
afterAll(async () => {
  await composed.close();
  await quorum.stop();
  await house.close();
});

const acquire = () => composed.lock.acquire({ keys: [{ shop: SHOP, resource: "a" }], purpose: "turn", leaseMs: 60_000, waitLimitMs: 0 });
const lockServerFindings = async () => {
  const { value } = await doctor.run({ composed, options: NO_OPTIONS });
  const { findings } = value as { findings: { name: string; ok: boolean; detail: string }[] };
  return findings.filter(({ name }) => name.startsWith("lock server "));
};
const readyz = async (needsRedis: boolean) => {
  const { status, body } = await answerOperation(composed, { path: "/readyz", authorization: null, needsRedis });
  return { ...(JSON.parse(body) as { redis: boolean; locks: boolean }), status };
};

describe("a process with LOCK_REDIS_URLS", () => {
  it("keeps its locks on those servers and nowhere else", async () => {
    const acquisition = await acquire();
    if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${acquisition.kind}`);
    const lock = quorum.keys.lock(SHOP, "a");
    expect(await Promise.all(quorum.controls.map((control) => control.hget(lock, "owner")))).toContain(acquisition.hold.owner);
    expect(await composed.redis.commands.exists(lock)).toBe(0);
    expect((await composed.lock.listLocks(SHOP)).held).toMatchObject([{ resource: "a", owner: acquisition.hold.owner }]);
    expect(await acquisition.hold.release()).toBe("released");
  });

  it("names each of them to the operator", async () => {
    expect(await lockServerFindings()).toEqual(
      quorum.servers.map(({ url }) => ({ name: `lock server ${new URL(url).host}`, ok: true, detail: expect.stringContaining("noeviction") })),
    );
  });

  it("is ready while a majority is, and says which server is missing", async () => {
    expect(await readyz(true)).toMatchObject({ status: 200, locks: true });
    await quorum.servers[0]?.stop();
    expect(await readyz(true)).toMatchObject({ status: 200, locks: true });
    expect((await lockServerFindings()).map(({ ok }) => ok)).toEqual([false, true, true]);
    expect((await acquire()).kind).toBe("acquired");
    await quorum.servers[1]?.stop();
    expect(await readyz(true)).toMatchObject({ status: 503, redis: true, locks: false });
    expect(await readyz(false)).toMatchObject({ status: 200, locks: false });
    expect((await acquire()).kind).toBe("unavailable");
    await quorum.servers[0]?.start();
    await quorum.restart(1);
  });
});
