// The lock's Lua: each script is one atomic step of the lock's protocol on one Redis (>= 6.2); all keys carry the shop's hash tag.
//
// A lock is a hash {owner, purpose, since, lease} that expires with its lease. Waiters hold one ticket for all the keys they want, so
// the lowest ticket is at the head of each of its queues and is served as soon as its keys are free: no starvation, no deadlock.
import type { Redis } from "ioredis";

/** Shared by the scripts, a quorum's too: the server's clock in ms, the first waiter of a queue that is alive, holding and taking. */
export const LOCK_PRELUDE = `
local function serverNow()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Forgets waiters whose process has not attempted for their time to live. A score far ahead of now is left from before the server's
-- clock was set back, and would otherwise block the queue until the old time is reached again.
local function forgetDead(waiters, now, ttl)
  redis.call('ZREMRANGEBYSCORE', waiters, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', waiters, now + 2 * ttl, '+inf')
end

local function firstAlive(queue, waiters)
  while true do
    local head = redis.call('ZRANGE', queue, 0, 0)[1]
    if not head or redis.call('ZSCORE', waiters, head) then return head end
    redis.call('ZREM', queue, head)
  end
end

-- The lock's owner and what is left of its lease; nil when free. A lease that seems longer than it was given is left from before the
-- server's clock was set back, and is cut to its length.
local function holderOf(lock)
  local fields = redis.call('HMGET', lock, 'owner', 'lease')
  if not fields[1] then return nil end
  local left, lease = redis.call('PTTL', lock), tonumber(fields[2])
  if left < 0 or left > lease then
    redis.call('PEXPIRE', lock, lease)
    left = lease
  end
  return fields[1], left
end

local function take(lock, held, resource, owner, purpose, now, lease)
  redis.call('HSET', lock, 'owner', owner, 'purpose', purpose, 'since', now, 'lease', lease)
  redis.call('PEXPIRE', lock, lease)
  redis.call('ZADD', held, now + lease, resource)
end

local DAY = 86400000
`;

/**
 * Takes all locks, or keeps the owner's place in their queues.
 *
 * KEYS[1] tickets  KEYS[2] waiters  KEYS[3] held index  KEYS[4 … 3+n] locks  KEYS[4+n … 3+2n] their queues
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3] purpose  ARGV[4] 1: queue if not granted  ARGV[5] waiter's time to live (ms)
 * ARGV[6 … 5+n] resource names for the index
 * Returns {1, 0}: granted.
 *         {0, ms}: not granted; ms until the last lease in the way ends, -1 when only queued requests are in the way.
 */
const ACQUIRE = `${LOCK_PRELUDE}
local tickets, waiters, held = KEYS[1], KEYS[2], KEYS[3]
local owner, lease, purpose, ttl = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[5])
local n = (#KEYS - 3) / 2
local now = serverNow()
-- Nobody waits in the whole shop, as most of the time: then no queue has anybody alive in it, and none needs to be looked at.
local waited = redis.call('EXISTS', waiters) == 1
if waited then forgetDead(waiters, now, ttl) end
redis.call('ZREMRANGEBYSCORE', held, '-inf', now)

local free, wait = true, -1
for i = 1, n do
  local holder, left = holderOf(KEYS[3 + i])
  if not holder then
    local first = waited and firstAlive(KEYS[3 + n + i], waiters)
    if first and first ~= owner then free = false end
  elseif holder ~= owner then
    free = false
    wait = math.max(wait, left)
  end
  -- Already the owner's: an attempt whose answer was lost or came too late is repeated, and queueing behind others would block them.
end

if free then
  for i = 1, n do
    take(KEYS[3 + i], held, ARGV[5 + i], owner, purpose, now, lease)
    if waited then redis.call('ZREM', KEYS[3 + n + i], owner) end
  end
  if waited then redis.call('ZREM', waiters, owner) end
  redis.call('PEXPIRE', held, DAY)
  return {1, 0}
end

if ARGV[4] == '1' then
  -- A waiter forgotten as dead may still stand in some of its queues: it gets a new ticket for all of them.
  if not redis.call('ZSCORE', waiters, owner) then
    local ticket = redis.call('INCR', tickets)
    redis.call('PEXPIRE', tickets, DAY)
    for i = 1, n do redis.call('ZADD', KEYS[3 + n + i], ticket, owner) end
  end
  redis.call('ZADD', waiters, now + ttl, owner)
  redis.call('PEXPIRE', waiters, 4 * ttl)
  for i = 1, n do redis.call('PEXPIRE', KEYS[3 + n + i], 4 * ttl) end
end
return {0, wait}
`;

/**
 * Takes those locks that are free and that nobody alive waits for.
 *
 * KEYS[1] waiters  KEYS[2] held index  KEYS[3 … 2+n] locks  KEYS[3+n … 2+2n] their queues
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3] purpose  ARGV[4] waiter's time to live (ms)  ARGV[5 … 4+n] resource names
 * Returns the positions (from 1) of the locks taken.
 */
const ACQUIRE_FREE = `${LOCK_PRELUDE}
local waiters, held = KEYS[1], KEYS[2]
local owner, lease, purpose = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local n = (#KEYS - 2) / 2
local now = serverNow()
local waited = redis.call('EXISTS', waiters) == 1
if waited then forgetDead(waiters, now, tonumber(ARGV[4])) end
redis.call('ZREMRANGEBYSCORE', held, '-inf', now)

local taken = {}
for i = 1, n do
  local holder = holderOf(KEYS[2 + i])
  if holder == owner or (not holder and not (waited and firstAlive(KEYS[2 + n + i], waiters))) then
    take(KEYS[2 + i], held, ARGV[4 + i], owner, purpose, now, lease)
    taken[#taken + 1] = i
  end
end
if #taken > 0 then redis.call('PEXPIRE', held, DAY) end
return taken
`;

/**
 * Begins the lease anew on those locks that are still the owner's. Never takes a lock: what was lost stays lost.
 *
 * KEYS[1] held index  KEYS[2 … 1+n] locks
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3 … 2+n] resource names
 * Returns the positions (from 1) of the locks that are not the owner's.
 */
const RENEW = `${LOCK_PRELUDE}
local owner, lease, now = ARGV[1], tonumber(ARGV[2]), serverNow()
local lost = {}
for i = 1, #KEYS - 1 do
  if redis.call('HGET', KEYS[1 + i], 'owner') == owner then
    -- First what needs no memory: a full Redis refuses only a script's first write, and a lease is not to end for that.
    redis.call('PEXPIRE', KEYS[1 + i], lease)
    redis.call('HSET', KEYS[1 + i], 'lease', lease)
    redis.call('ZADD', KEYS[1], now + lease, ARGV[2 + i])
  else
    lost[#lost + 1] = i
  end
end
return lost
`;

/**
 * Frees what is the owner's, takes the owner out of every queue, and wakes the first waiter of each lock that is free now.
 *
 * KEYS[1] waiters  KEYS[2] held index  KEYS[3 … 2+n] locks  KEYS[3+n … 2+2n] their queues
 * ARGV[1] owner  ARGV[2] start of the wake channels  ARGV[3] waiter's time to live (ms)  ARGV[4 … 3+n] resource names
 * Returns the positions (from 1) of the locks that were not the owner's.
 */
const LET_GO = `${LOCK_PRELUDE}
local waiters, held = KEYS[1], KEYS[2]
local owner = ARGV[1]
local n = (#KEYS - 2) / 2
local waited = redis.call('EXISTS', waiters) == 1
if waited then
  forgetDead(waiters, serverNow(), tonumber(ARGV[3]))
  redis.call('ZREM', waiters, owner)
end

local lost, woken = {}, {}
for i = 1, n do
  local lock, queue = KEYS[2 + i], KEYS[2 + n + i]
  if waited then redis.call('ZREM', queue, owner) end
  if redis.call('HGET', lock, 'owner') == owner then
    redis.call('DEL', lock)
    redis.call('ZREM', held, ARGV[3 + i])
  else
    lost[#lost + 1] = i
  end
  local first = waited and firstAlive(queue, waiters)
  if first and not woken[first] and redis.call('EXISTS', lock) == 0 then
    woken[first] = true
    -- The owner's name begins with the id of the process that listens for it.
    redis.call('PUBLISH', ARGV[2] .. string.match(first, '^[^/]+'), first)
  end
end
return lost
`;

/** Registered under versioned names, so that two versions of Holdfast can share a Redis during a deploy. */
export function registerLockScripts(client: Redis): void {
  client.defineCommand("holdfastLockAcquireV2", { lua: ACQUIRE });
  client.defineCommand("holdfastLockAcquireFreeV2", { lua: ACQUIRE_FREE });
  client.defineCommand("holdfastLockRenewV1", { lua: RENEW });
  client.defineCommand("holdfastLockLetGoV2", { lua: LET_GO });
}

export type ScriptCall = (keyCount: number, ...keysAndArguments: (string | number)[]) => Promise<unknown>;

declare module "ioredis" {
  // The parameter must be repeated as ioredis declares it, or the declarations do not merge.
  interface RedisCommander<Context> {
    holdfastLockAcquireV2: ScriptCall;
    holdfastLockAcquireFreeV2: ScriptCall;
    holdfastLockRenewV1: ScriptCall;
    holdfastLockLetGoV2: ScriptCall;
  }
}
