// The lock's Lua: each script is one atomic step of the lock's protocol on one Redis (>= 6.2); all keys carry the shop's hash tag.
//
// A lock is a hash {owner, purpose, lease} that expires with its lease, and has `since` once that no longer follows from the lease and what
// is left of it: taking a free lock asks for no time. No index of what is held is kept: who wants to know looks for the locks themselves.
// Waiters hold one ticket for all the keys they want, so the lowest ticket is at the head of each of its queues and is served as soon as
// its keys are free: no starvation, no deadlock.
import type { Redis } from "ioredis";
import { WAITER_TTL_MS } from "./lock-store.ts";

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

local function take(lock, owner, purpose, now, lease)
  redis.call('HSET', lock, 'owner', owner, 'purpose', purpose, 'since', now, 'lease', lease)
  redis.call('PEXPIRE', lock, lease)
end

-- Begins the lease anew, and keeps since when the lock is held, which until now followed from the lease and what is left of it.
local function renew(lock, lease)
  local held = redis.call('HMGET', lock, 'since', 'lease')
  local left = redis.call('PTTL', lock)
  -- First what needs no memory: a full Redis refuses only a script's first write, and a lease is not to end for that.
  redis.call('PEXPIRE', lock, lease)
  redis.call('HSET', lock, 'lease', lease, 'since', held[1] or serverNow() - held[2] + left)
end

local DAY = 86400000
`;

/**
 * Most of the time nobody waits in the whole shop and every lock asked for is free: one look at all of them says so, and no queue needs
 * to be looked at. Before the prelude, whose functions it does not need.
 *
 * KEYS[1] waiters  KEYS[2 … 1+n] locks  KEYS[2+n … 1+2n] their queues
 * ARGV[1] owner  ARGV[2] lease (ms)  ARGV[3] purpose
 */
const TAKE_ALL_FREE = `
local n = math.floor((#KEYS - 1) / 2)
if redis.call('EXISTS', unpack(KEYS, 1, 1 + n)) == 0 then
  for i = 2, 1 + n do
    redis.call('HSET', KEYS[i], 'owner', ARGV[1], 'lease', ARGV[2], 'purpose', ARGV[3])
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
  return 1
end
`;

/**
 * Takes all locks, or keeps the owner's place in their queues.
 *
 * KEYS, ARGV: as above.  KEYS[2+2n] tickets: only if the owner queues for what is not granted
 * Returns 1: granted.
 *         {ms, place}: not granted; ms until the last lease in the way ends, -1 when only queued requests are in the way; until when
 *         the owner counts as alive on the server's clock (ms), which names its place in the queues, 0 if it has none.
 */
const ACQUIRE = `${TAKE_ALL_FREE}${LOCK_PRELUDE}
local waiters, tickets = KEYS[1], KEYS[2 + 2 * n]
local owner, lease, purpose, ttl = ARGV[1], tonumber(ARGV[2]), ARGV[3], ${WAITER_TTL_MS}
local now = serverNow()
forgetDead(waiters, now, ttl)

local free, wait = true, -1
for i = 1, n do
  local holder, left = holderOf(KEYS[1 + i])
  if not holder then
    local first = firstAlive(KEYS[1 + n + i], waiters)
    if first and first ~= owner then free = false end
  elseif holder ~= owner then
    free = false
    wait = math.max(wait, left)
  end
  -- Already the owner's: an attempt whose answer was lost or came too late is repeated, or the lock was handed to the owner and it has
  -- not heard of it. Queueing behind others would block them.
end

if free then
  for i = 1, n do
    take(KEYS[1 + i], owner, purpose, now, lease)
    redis.call('ZREM', KEYS[1 + n + i], owner)
  end
  redis.call('ZREM', waiters, owner)
  return 1
end

if not tickets then return {wait, 0} end
-- A waiter forgotten as dead may still stand in some of its queues: it gets a new ticket for all of them.
if not redis.call('ZSCORE', waiters, owner) then
  local ticket = redis.call('INCR', tickets)
  redis.call('PEXPIRE', tickets, DAY)
  for i = 1, n do redis.call('ZADD', KEYS[1 + n + i], ticket, owner) end
end
redis.call('ZADD', waiters, now + ttl, owner)
redis.call('PEXPIRE', waiters, 4 * ttl)
for i = 1, n do redis.call('PEXPIRE', KEYS[1 + n + i], 4 * ttl) end
return {wait, now + ttl}
`;

/**
 * Takes those locks that are free and that nobody alive waits for.
 *
 * KEYS, ARGV: as above.
 * Returns 1: all taken; else the positions (from 1) of the locks taken.
 */
const ACQUIRE_FREE = `${TAKE_ALL_FREE}${LOCK_PRELUDE}
local waiters = KEYS[1]
local owner, lease, purpose = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local now = serverNow()
forgetDead(waiters, now, ${WAITER_TTL_MS})
local waited = redis.call('EXISTS', waiters) == 1

local taken = {}
for i = 1, n do
  local holder = holderOf(KEYS[1 + i])
  if holder == owner or (not holder and not (waited and firstAlive(KEYS[1 + n + i], waiters))) then
    take(KEYS[1 + i], owner, purpose, now, lease)
    taken[#taken + 1] = i
  end
end
return taken
`;

/**
 * Begins the lease anew on those locks that are still the owner's. Never takes a lock: what was lost stays lost.
 *
 * KEYS locks  ARGV[1] owner  ARGV[2] lease (ms)
 * Returns the positions (from 1) of the locks that are not the owner's.
 */
const RENEW = `${LOCK_PRELUDE}
local lost = {}
for i, lock in ipairs(KEYS) do
  if redis.call('HGET', lock, 'owner') == ARGV[1] then renew(lock, ARGV[2]) else lost[#lost + 1] = i end
end
return lost
`;

/**
 * Frees what is the owner's, takes the owner out of every queue, and sees to the first waiter of each lock that is free now: one that
 * waits for this lock alone is handed it at once, any other is woken to ask for all it wants. Between two holders of a lock that many want
 * stands this script, so that it calls as few commands as it can and needs no prelude.
 *
 * What is handed over is the waiter's until its lease ends, or until it would have been forgotten as dead, whichever is sooner: one that
 * died blocks the queue no longer than its place in it did. The message names that moment as the waiter was told it when it took its
 * place, so that it knows from when on the lock is its own at the latest (leased-lock.ts).
 *
 * KEYS[1] waiters  KEYS[2 … 1+n] locks  KEYS[2+n … 1+2n] their queues
 * ARGV[1] owner  ARGV[2] start of the wake channels
 * Returns the positions (from 1) of the locks that were not the owner's; if all were: to whom one was handed, else 0.
 */
const LET_GO = `
local n = (#KEYS - 1) / 2
local waiters, owner = KEYS[1], ARGV[1]
local lost, handed, woken, now
-- Of one lock its queue says as much.
local mayBeWaitedFor = n == 1 or redis.call('EXISTS', waiters) == 1
local isOwn = {}
for i = 1, n do
  if redis.call('HGET', KEYS[1 + i], 'owner') == owner then
    if mayBeWaitedFor then isOwn[i] = true else redis.call('DEL', KEYS[1 + i]) end
  else
    lost = lost or {}
    lost[#lost + 1] = i
  end
end
if not mayBeWaitedFor then return lost or 0 end

-- Who holds all it asked for stands in no queue.
if lost then
  redis.call('ZREM', waiters, owner)
  for i = 1, n do redis.call('ZREM', KEYS[1 + n + i], owner) end
end

-- Takes the first who is alive out of the queue; answers its ticket and its place too. As forgetDead and firstAlive, but that only who
-- stands in the way is looked at.
local function popFirst(queue)
  while true do
    local popped = redis.call('ZPOPMIN', queue)
    local first = popped[1]
    if not first then return nil end
    local place = redis.call('ZSCORE', waiters, first)
    if place then
      if not now then
        local time = redis.call('TIME')
        now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
      end
      local left = place - now
      if left > 0 and left < 2 * ${WAITER_TTL_MS} then return first, popped[2], place end
      redis.call('ZREM', waiters, first)
    end
  end
end

for i = 1, n do
  local lock, queue = KEYS[1 + i], KEYS[1 + n + i]
  local first, ticket, place
  if isOwn[i] or redis.call('EXISTS', lock) == 0 then first, ticket, place = popFirst(queue) end
  if not first then
    if isOwn[i] then redis.call('DEL', lock) end
  else
    -- The owner's name begins with the id of the process that listens for it; that of one which waits for one lock alone ends with its
    -- purpose and its lease.
    local process, purpose, lease = string.match(first, '^([^/]+)/%d+/?(%a*)/?(%d*)$')
    if purpose ~= '' then
      local granted = math.min(tonumber(lease), place - now)
      redis.call('ZREM', waiters, first)
      redis.call('HSET', lock, 'owner', first, 'purpose', purpose, 'since', now, 'lease', granted)
      redis.call('PEXPIRE', lock, granted)
      redis.call('PUBLISH', ARGV[2] .. process, first .. ' ' .. place)
      handed = first
    else
      -- It keeps its ticket: what it wants besides may be somebody else's.
      redis.call('ZADD', queue, ticket, first)
      redis.call('PEXPIRE', queue, ${4 * WAITER_TTL_MS})
      if isOwn[i] then redis.call('DEL', lock) end
      woken = woken or {}
      if not woken[first] then redis.call('PUBLISH', ARGV[2] .. process, first) end
      woken[first] = true
    end
  end
end
return lost or handed or 0
`;

/** Registered under versioned names, so that two versions of Holdfast can share a Redis during a deploy. */
export function registerLockScripts(client: Redis): void {
  client.defineCommand("holdfastLockAcquireV4", { lua: ACQUIRE });
  client.defineCommand("holdfastLockAcquireFreeV4", { lua: ACQUIRE_FREE });
  client.defineCommand("holdfastLockRenewV2", { lua: RENEW });
  client.defineCommand("holdfastLockLetGoV5", { lua: LET_GO });
}

export type ScriptCall = (keyCount: number, ...keysAndArguments: (string | number)[]) => Promise<unknown>;

declare module "ioredis" {
  // The parameter must be repeated as ioredis declares it, or the declarations do not merge.
  interface RedisCommander<Context> {
    holdfastLockAcquireV4: ScriptCall;
    holdfastLockAcquireFreeV4: ScriptCall;
    holdfastLockRenewV2: ScriptCall;
    holdfastLockLetGoV5: ScriptCall;
  }
}
