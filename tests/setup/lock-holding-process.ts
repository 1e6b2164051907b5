// A process that takes one lock and keeps it, for tests that kill or pause it. It says `held`, then `lost` when it notices a loss.
// Arguments: URL of the Redis server, or several of a quorum separated by commas, key prefix, shop, resource, lease in ms.
import { connectRedis } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { openLockServers } from "#app/adapters/redis/open-lock-servers.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";

const [servers = "", prefix = "", shop = "", resource = "", leaseMs = ""] = process.argv.slice(2);

const urls = servers.split(",");
const surroundings = { clock: systemClock, onError: () => undefined };
const redis = connectRedis({ url: urls[0] ?? "", ...surroundings });
const lockServers = openLockServers({ urls: urls.length > 1 ? urls : [], redis, keys: redisKeys(prefix), ...surroundings });
await Promise.all([redis.connected(), lockServers.connected()]);
const lock = new LeasedLock({ store: lockServers.store, clock: systemClock });
const acquisition = await lock.acquire({ keys: [{ shop, resource }], purpose: "turn", leaseMs: Number(leaseMs), waitLimitMs: 10_000 });
process.stdout.write(acquisition.kind === "acquired" ? "held\n" : `${acquisition.kind}\n`);
if (acquisition.kind === "acquired") {
  const { hold } = acquisition;
  const lookAgain = setInterval(() => {
    if (!hold.signal.aborted) return;
    clearInterval(lookAgain);
    process.stdout.write("lost\n");
  }, 5);
}
