// The Lua of one member of a quorum: as lock-scripts.ts, but tickets are agreed between the members, and a grant can be handed back.
//
// The keys, the queues and what a lock looks like are those of lock-scripts.ts, whose scripts for taking what is free and for letting go
// a quorum uses as they are. A ticket is the score of a waiter in every queue of every member; equal tickets are told apart by the
// owner's name, which is how a sorted set orders equal scores. So all members that know two waiters put them in the same order.
import type { Redis } from "ioredis";
import { LOCK_PRELUDE, type ScriptCall } from "./lock-scripts.ts";

/** Shared by the scripts: a place in every queue, kept for the waiter's time to live. */
const PLACES = `
local function keepPlaces(tickets, waiters, queues, owner, ticket, now, ttl)
  if ticket > tonumber(redis.call('GET', tickets) or '0') then redis.call('SET', tickets, string.format('%.0f', ticket)) end
  redis.call('PEXPIRE', tickets, DAY)
  for _, queue in ipairs(queues) do
    redis.call('ZADD', queue, ticket, owner)
    redis.call('PEXPIRE', queue, 4 * ttl)
  end
  redis.call('ZADD', waiters, now + ttl, owner)
  redis.call('PEXPIRE', waiters, 4 * ttl)
end
`;

/**
 * Takes all locks of this member, or none. With a ticket the owner first takes its place in every queue, and keeps it if not granted.
 *
 * KEYS[1] tickets  KEYS[2] waiters  KEYS[3 … 2+n] locks  KEYS[3+n … 2+2n] their queues
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3] purpose  ARGV[4] ticket, 0: none  ARGV[5] waiter's time to live (ms)
 * ARGV[6] round: which of the owner's attempts this is
 * Returns {1, 0, t}: granted.
 *         {0, ms, t}: not granted; ms until the last lease in the way ends, -1 when only queued requests are in the way.
 *         t: the highest ticket this member has seen.
 */
const VOTE = `${LOCK_PRELUDE}${PLACES}
local tickets, waiters = KEYS[1], KEYS[2]
local owner, lease, purpose, ticket, ttl, round = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local n = (#KEYS - 2) / 2
local now = serverNow()
forgetDead(waiters, now, ttl)

local queues = {}
for i = 1, n do queues[i] = KEYS[2 + n + i] end
if ticket > 0 then keepPlaces(tickets, waiters, queues, owner, ticket, now, ttl) end

local free, wait = true, -1
for i = 1, n do
  local holder, left = holderOf(KEYS[2 + i])
  if not holder then
    local first = firstAlive(queues[i], waiters)
    if first and first ~= owner then free = false end
  elseif holder ~= owner then
    free = false
    wait = math.max(wait, left)
  end
end

local seen = tonumber(redis.call('GET', tickets) or '0')
if not free then return {0, wait, seen} end
for i = 1, n do
  take(KEYS[2 + i], owner, purpose, now, lease)
  redis.call('HSET', KEYS[2 + i], 'round', round)
  redis.call('ZREM', queues[i], owner)
end
redis.call('ZREM', waiters, owner)
return {1, 0, seen}
`;

/**
 * Gives back what this member granted up to one round, because too few others did. The owner's place in the queues is restored, and the
 * first waiter of each lock that is free now is woken, unless it is the owner itself. A hand-back that arrives late, after the owner's
 * next round was granted, names an older round and frees nothing of it.
 *
 * KEYS[1] tickets  KEYS[2] waiters  KEYS[3 … 2+n] locks  KEYS[3+n … 2+2n] their queues
 * ARGV[1] owner  ARGV[2] round  ARGV[3] ticket, 0: none  ARGV[4] waiter's time to live (ms)  ARGV[5] start of the wake channels
 * Returns how many locks were given back.
 */
const HAND_BACK = `${LOCK_PRELUDE}${PLACES}
local tickets, waiters = KEYS[1], KEYS[2]
local owner, round, ticket, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local n = (#KEYS - 2) / 2
local now = serverNow()
forgetDead(waiters, now, ttl)

local queues, freed = {}, {}
for i = 1, n do
  queues[i] = KEYS[2 + n + i]
  local fields = redis.call('HMGET', KEYS[2 + i], 'owner', 'round')
  -- What was retaken by a renewal has no round: it belongs to a hold and is let go, never handed back.
  if fields[1] == owner and fields[2] and tonumber(fields[2]) <= round then
    redis.call('DEL', KEYS[2 + i])
    freed[#freed + 1] = i
  end
end
if #freed == 0 then return 0 end
if ticket > 0 then keepPlaces(tickets, waiters, queues, owner, ticket, now, ttl) end

local woken = {}
for _, i in ipairs(freed) do
  local first = firstAlive(queues[i], waiters)
  if first and first ~= owner and not woken[first] then
    woken[first] = true
    redis.call('PUBLISH', ARGV[5] .. string.match(first, '^[^/]+'), first)
  end
end
return #freed
`;

/**
 * Begins the lease anew on what is still the owner's, and takes what nobody holds: a member that restarted empty, or that did not answer
 * when the lock was acquired, then knows of the holder. Only the first counts as renewed; whether the rest may be kept the caller decides.
 * Waiters are passed over on purpose: while the holder has its majority they could not be granted anything.
 *
 * KEYS[1] waiters  KEYS[2 … 1+n] locks  KEYS[2+n … 1+2n] their queues
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3] purpose
 * Returns for each lock 0: another's, 1: renewed, 2: was free and is the owner's now.
 */
const RENEW_OR_RETAKE = `${LOCK_PRELUDE}
local waiters = KEYS[1]
local owner, lease, purpose = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local n = (#KEYS - 1) / 2
local now = serverNow()
local outcome = {}
for i = 1, n do
  local lock = KEYS[1 + i]
  local holder = holderOf(lock)
  if holder == owner then
    renew(lock, lease)
    outcome[i] = 1
  elseif not holder then
    take(lock, owner, purpose, now, lease)
    redis.call('ZREM', KEYS[1 + n + i], owner)
    redis.call('ZREM', waiters, owner)
    outcome[i] = 2
  else
    outcome[i] = 0
  end
end
return outcome
`;

/** Registered under versioned names, so that two versions of Holdfast can share the servers during a deploy. */
export function registerQuorumScripts(client: Redis): void {
  client.defineCommand("holdfastLockVoteV2", { lua: VOTE });
  client.defineCommand("holdfastLockHandBackV2", { lua: HAND_BACK });
  client.defineCommand("holdfastLockRenewOrRetakeV2", { lua: RENEW_OR_RETAKE });
}

declare module "ioredis" {
  // The parameter must be repeated as ioredis declares it, or the declarations do not merge.
  interface RedisCommander<Context> {
    holdfastLockVoteV2: ScriptCall;
    holdfastLockHandBackV2: ScriptCall;
    holdfastLockRenewOrRetakeV2: ScriptCall;
  }
}
