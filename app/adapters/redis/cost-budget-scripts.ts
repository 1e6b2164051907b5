// The cost budget's Lua: one bucket per shop that never holds more than Shopify's own, whatever is in flight and in whatever order
// answers are reported.
//
// With R what Shopify has and U what was granted but not yet charged there, the scripts keep: available <= R - U. Both refill at the
// same rate; the cap is lowered by what is in flight, because Shopify, standing at its maximum, gains nothing in the time between a
// grant here and its charge there.
import type { Redis } from "ioredis";

const PRELUDE = `
local DAY = 86400000

local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A reservation in flight is the member "sequence:points:spent:refunded", scored by its time; the last two are the bucket's counters at
-- the grant.
local function parse(member)
  local sequence, points, spent, refunded = string.match(member, '^(%d+):([%d.]+):([%d.]+):([%d.]+)$')
  return { ticket = sequence, points = tonumber(points), spent = tonumber(spent), refunded = tonumber(refunded) }
end

local function inFlightPoints(key)
  local sum = 0
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do sum = sum + parse(member).points end
  return sum
end

-- The bucket as of now. Reservations whose caller never reported have ended by themselves.
local function load(key, flights, now, ttl, assumedMax, assumedRate)
  redis.call('ZREMRANGEBYSCORE', flights, '-inf', now - ttl)
  local f = redis.call('HMGET', key, 'max', 'rate', 'available', 'at', 'closedUntil', 'sequence', 'spent', 'refunded')
  local b = {
    max = tonumber(f[1] or assumedMax), rate = tonumber(f[2] or assumedRate),
    closedUntil = tonumber(f[5] or 0), sequence = tonumber(f[6] or 0),
    spent = tonumber(f[7] or 0), refunded = tonumber(f[8] or 0),
  }
  local elapsed = math.max(0, now - tonumber(f[4] or now))
  local cap = b.max - inFlightPoints(flights)
  -- Refilling never lowers: a cap below what is there says only that nothing may be added.
  local available = tonumber(f[3] or b.max)
  b.available = math.max(available, math.min(cap, available + elapsed * b.rate / 1000))
  return b
end

local function save(key, b, now)
  redis.call('HSET', key, 'max', b.max, 'rate', b.rate, 'available', string.format('%.3f', b.available), 'at', now,
    'closedUntil', b.closedUntil, 'sequence', b.sequence, 'spent', string.format('%.3f', b.spent),
    'refunded', string.format('%.3f', b.refunded))
  redis.call('PEXPIRE', key, 7 * DAY)
end

-- Ends the reservation with the ticket and returns it; without a ticket, the oldest of so many points.
local function endReservation(flights, ticket, requested)
  local members = redis.call('ZRANGE', flights, 0, -1, 'WITHSCORES')
  for i = 1, #members, 2 do
    local flight = parse(members[i])
    if flight.ticket == ticket or (ticket == '' and flight.points == requested) then
      redis.call('ZREM', flights, members[i])
      flight.at = tonumber(members[i + 1])
      return flight
    end
  end
end
`;

/**
 * Sets points aside for one call.
 *
 * KEYS[1] bucket  KEYS[2] reservations in flight
 * ARGV[1] now (ms; empty: the server's clock)  ARGV[2] a reservation's time to live (ms)  ARGV[3] assumed maximum
 * ARGV[4] assumed restore rate (points/s)  ARGV[5] points
 * Returns {1, ticket}: granted.
 *         {0, ms}: not yet; ms until it may be.
 */
const RESERVE = `${PRELUDE}
local now, points = clock(ARGV[1]), tonumber(ARGV[5])
local b = load(KEYS[1], KEYS[2], now, tonumber(ARGV[2]), ARGV[3], ARGV[4])
if b.closedUntil > now then return {0, math.ceil(b.closedUntil - now)} end

-- A call dearer than the whole bucket waits for a full one; Shopify has the last word on it.
local needed = math.min(points, b.max)
if b.available < needed then
  return {0, math.max(1, math.ceil((needed - b.available) * 1000 / math.max(b.rate, 1)))}
end
b.available = b.available - needed
b.sequence = b.sequence + 1
redis.call('ZADD', KEYS[2], now, string.format('%d:%s:%.3f:%.3f', b.sequence, ARGV[5], b.spent, b.refunded))
redis.call('PEXPIRE', KEYS[2], DAY)
save(KEYS[1], b, now)
return {1, b.sequence}
`;

/**
 * Corrects the bucket from Shopify's answer to one call.
 *
 * KEYS[1] bucket  KEYS[2] reservations in flight
 * ARGV[1] now (ms; empty: the server's clock)  ARGV[2] a reservation's time to live (ms)  ARGV[3] assumed maximum
 * ARGV[4] assumed restore rate  ARGV[5] requested  ARGV[6] actual  ARGV[7] maximumAvailable  ARGV[8] currentlyAvailable
 * ARGV[9] restoreRate  ARGV[10] ticket of the reservation, empty when unknown
 * Returns 1.
 */
const REPORT = `${PRELUDE}
local now, requested, actual = clock(ARGV[1]), tonumber(ARGV[5]), tonumber(ARGV[6])
local b = load(KEYS[1], KEYS[2], now, tonumber(ARGV[2]), ARGV[3], ARGV[4])
local flight = endReservation(KEYS[2], ARGV[10], requested)
local max, seen, rate = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- What Shopify saw may be older than calls reported before this one. At least this is left: what it saw, less all that could have been
-- charged since, which is what is in flight and what ended since this call was granted. At most: what it saw, plus all that can have
-- come back since. Our own count stands while it lies between; a higher one has missed somebody else's spending.
local ours = b.available + (max - b.max)
local least, most = seen - inFlightPoints(KEYS[2]), seen
if flight then
  ours = ours + requested - actual
  least = least - (b.spent - flight.spent)
  most = most + (b.refunded - flight.refunded) + math.max(0, now - flight.at) * rate / 1000
  b.spent = b.spent + actual
  b.refunded = b.refunded + math.max(0, requested - actual)
end
b.available = (ours > most) and least or math.max(ours, least)
b.max, b.rate = max, rate
b.available = math.min(b.available, max)
save(KEYS[1], b, now)
return 1
`;

/**
 * Closes the bucket for a time after a refusal. A refusal that came without Shopify's account of the bucket says that it is empty.
 *
 * KEYS[1] bucket  KEYS[2] reservations in flight
 * ARGV[1] now (ms; empty: the server's clock)  ARGV[2] a reservation's time to live (ms)  ARGV[3] assumed maximum
 * ARGV[4] assumed restore rate  ARGV[5] points reserved for the refused call when it was not reported, else 0  ARGV[6] closed for (ms)
 * ARGV[7] ticket of that reservation, empty when unknown
 * Returns 1.
 */
const CLOSE = `${PRELUDE}
local now, requested = clock(ARGV[1]), tonumber(ARGV[5])
local b = load(KEYS[1], KEYS[2], now, tonumber(ARGV[2]), ARGV[3], ARGV[4])
if requested > 0 then
  endReservation(KEYS[2], ARGV[7], requested)
  b.available = math.min(b.available, 0)
end
b.closedUntil = math.max(b.closedUntil, now + tonumber(ARGV[6]))
save(KEYS[1], b, now)
return 1
`;

/**
 * Ends a reservation whose call was never made: its points are there again.
 *
 * KEYS[1] bucket  KEYS[2] reservations in flight
 * ARGV[1] now (ms; empty: the server's clock)  ARGV[2] a reservation's time to live (ms)  ARGV[3] assumed maximum
 * ARGV[4] assumed restore rate  ARGV[5] points reserved  ARGV[6] ticket of the reservation, empty when unknown
 * Returns 1, or 0 when the reservation had ended already.
 */
const CANCEL = `${PRELUDE}
local now = clock(ARGV[1])
local b = load(KEYS[1], KEYS[2], now, tonumber(ARGV[2]), ARGV[3], ARGV[4])
local flight = endReservation(KEYS[2], ARGV[6], tonumber(ARGV[5]))
if not flight then return 0 end
b.available = math.min(b.max, b.available + math.min(flight.points, b.max))
save(KEYS[1], b, now)
return 1
`;

/**
 * Tells how the bucket stands, without setting anything aside.
 *
 * KEYS[1] bucket  KEYS[2] reservations in flight
 * ARGV[1] now (ms; empty: the server's clock)  ARGV[2] a reservation's time to live (ms)  ARGV[3] assumed maximum
 * ARGV[4] assumed restore rate
 * Returns {} when nothing was measured,
 *         {available, maximum, restore rate, ms until it grants again} otherwise; points are cut to whole ones.
 */
const STANDING = `${PRELUDE}
if redis.call('HEXISTS', KEYS[1], 'max') == 0 then return {} end
local now = clock(ARGV[1])
local b = load(KEYS[1], KEYS[2], now, tonumber(ARGV[2]), ARGV[3], ARGV[4])
return {math.floor(math.max(0, b.available)), math.floor(b.max), math.floor(b.rate), math.max(0, math.ceil(b.closedUntil - now))}
`;

/** Registered under versioned names, so that two versions of Holdfast can share a Redis during a deploy. */
export function registerCostBudgetScripts(client: Redis): void {
  client.defineCommand("holdfastCostReserveV1", { lua: RESERVE, numberOfKeys: 2 });
  client.defineCommand("holdfastCostReportV1", { lua: REPORT, numberOfKeys: 2 });
  client.defineCommand("holdfastCostCloseV1", { lua: CLOSE, numberOfKeys: 2 });
  client.defineCommand("holdfastCostCancelV1", { lua: CANCEL, numberOfKeys: 2 });
  client.defineCommand("holdfastCostStandingV1", { lua: STANDING, numberOfKeys: 2 });
}

type ScriptCall = (bucketKey: string, inFlightKey: string, ...args: (string | number)[]) => Promise<unknown>;

declare module "ioredis" {
  // The parameter must be repeated as ioredis declares it, or the declarations do not merge.
  interface RedisCommander<Context> {
    holdfastCostReserveV1: ScriptCall;
    holdfastCostReportV1: ScriptCall;
    holdfastCostCloseV1: ScriptCall;
    holdfastCostCancelV1: ScriptCall;
    holdfastCostStandingV1: ScriptCall;
  }
}
