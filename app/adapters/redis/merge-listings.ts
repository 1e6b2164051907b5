// What several lock servers report of one shop's locks, as one report: what a majority agrees on.
import type { HeldLock, LockListing } from "#app/ports/lock.ts";

/** A lock is shown when a majority names the same owner; less is an attempt under way, or what is left of one. */
export function mergeListings(listings: readonly LockListing[], majority: number): LockListing {
  const reports = Map.groupBy(
    listings.flatMap(({ held }) => held),
    ({ resource, owner }) => JSON.stringify([resource, owner]),
  );
  return {
    held: [...reports.values()].filter((locks) => locks.length >= majority).map((locks) => mergeLock(locks, majority)),
    waitingCount: reachedByMajority(listings.map(({ waitingCount }) => waitingCount), majority),
  };
}

function mergeLock(locks: readonly HeldLock[], majority: number): HeldLock {
  const [first] = locks;
  if (first === undefined) throw new RangeError("a lock that nobody reported cannot be merged");
  return {
    ...first,
    heldSince: new Date(Math.min(...locks.map(({ heldSince }) => heldSince.getTime()))),
    leaseLeftMs: reachedByMajority(locks.map(({ leaseLeftMs }) => leaseLeftMs), majority),
    waitingCount: reachedByMajority(locks.map(({ waitingCount }) => waitingCount), majority),
  };
}

/** The greatest number that at least `majority` of them reach. */
function reachedByMajority(numbers: readonly number[], majority: number): number {
  return numbers.toSorted((a, b) => b - a)[majority - 1] ?? 0;
}
