// A process that takes one lock and keeps it, for tests that kill or pause it. It says `held`, then `lost` when it notices a loss.
// Arguments: Redis URL, key prefix, shop, resource, lease in ms.
import { connectRedis } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";

const [url = "", prefix = "", shop = "", resource = "", leaseMs = ""] = process.argv.slice(2);

const connections = connectRedis({ url, clock: systemClock, onError: () => undefined });
await connections.connected();
const lock = new LeasedLock({ store: new RedisLockStore(connections, redisKeys(prefix)), clock: systemClock });
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
