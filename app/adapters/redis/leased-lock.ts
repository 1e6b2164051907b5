// The lock that the pipeline uses: asks a lock store for keys, waits its turn without polling, and hands back what came too late.
import { invariant } from "#app/domain/invariant.ts";
import type { Clock } from "#app/ports/clock.ts";
import {
  LOCK_KEYS_MAX,
  type FreeLockAcquisition,
  type Lock,
  type LockAcquisition,
  type LockEvent,
  type LockKey,
  type LockListing,
  type LockRequest,
  type WaitingLockRequest,
} from "#app/ports/lock.ts";
import { certainLeaseMs, LeasedHold, type HoldTerms } from "./leased-hold.ts";
import { handedLeaseMs, type LockClaim, type LockStore } from "./lock-store.ts";
import { answerWithin, type RaceResult, WakeableWait } from "./wakeable-wait.ts";

/** A waiter attempts again at least this often, in case a wake was lost or the holder before it died. */
const FALLBACK_ATTEMPT_MS = 1_000;
/** An attempt unanswered for this long counts as failed; should it succeed later, what it took is handed back. */
const ATTEMPT_TIMEOUT_MS = 2_000;
/** A waiter gives up after so many failed attempts in a row; by then its place in the queue is forgotten. */
const FAILED_ATTEMPTS_MAX = 3;
/** Letting go is tried again in the background this often and this late: a lock nobody holds blocks its queue for a whole lease. */
const LET_GO_ATTEMPTS_MAX = 5;
const LET_GO_RETRY_MS = 500;

const LEASE_MS_MIN = 100;
const LEASE_MS_MAX = 10 * 60_000;

type Attempt =
  /** `grantedMs`: how long the server granted it, from `askedAtMs` or later. */
  | { kind: "granted"; askedAtMs: number; grantedMs: number }
  | { kind: "busy"; askedAtMs: number; retryInMs: number | null; place: number | null }
  | { kind: "failed"; cause: Error }
  /** The wait ended while the attempt was under way. */
  | { kind: "ended" };

export class LeasedLock implements Lock {
  readonly #store: LockStore;
  readonly #clock: Clock;
  readonly #onEvent: (event: LockEvent) => void;
  readonly #background = new Set<Promise<unknown>>();

  constructor(options: { store: LockStore; clock: Clock; onEvent?: (event: LockEvent) => void }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#onEvent = options.onEvent ?? (() => undefined);
  }

  async acquire(request: WaitingLockRequest): Promise<LockAcquisition> {
    const claim = this.#claim(request, request.waitLimitMs > 0);
    const startedMs = this.#clock.monotonicMs();
    const wait = new WakeableWait(this.#clock, { limitMs: request.waitLimitMs, signal: request.signal });
    const wakes = this.#store.onWake(claim.owner, wait.wake);
    const unheard: Promise<unknown>[] = [];
    try {
      const attempt = await this.#attemptUntilDone(claim, request, wait, unheard);
      const waitedMs = this.#clock.monotonicMs() - startedMs;
      if (attempt.kind === "granted") return { kind: "acquired", hold: this.#hold(claim, request, attempt, waitedMs) };
      // Nobody waits any more: give up the place in the queue, and what an attempt that is still under way may take.
      if (request.waitLimitMs > 0 || unheard.length > 0) this.#inBackground(Promise.allSettled(unheard).then(() => this.#letGo(claim)));
      if (attempt.kind === "failed") return { kind: "unavailable", cause: attempt.cause };
      this.#onEvent({ kind: "timeout", purpose: request.purpose, waitMs: waitedMs });
      return { kind: "timeout", waitedMs };
    } finally {
      wakes.stop();
      wait.close();
    }
  }

  async tryAcquireFree(request: LockRequest): Promise<FreeLockAcquisition> {
    const claim = this.#claim(request);
    const askedAtMs = this.#clock.monotonicMs();
    const call = this.#store.attemptFree({ ...claim, purpose: request.purpose, leaseMs: request.leaseMs });
    const answer = await answerWithin(this.#clock, call, ATTEMPT_TIMEOUT_MS).answer;
    if (answer.kind !== "answered") {
      this.#inBackground(Promise.allSettled([call]).then(() => this.#letGo(claim)));
      return { kind: "unavailable", cause: answer.kind === "failed" ? answer.cause : new Error("the lock server does not answer") };
    }
    const taken = answer.value;
    const busy = claim.resources.filter((resource) => !taken.includes(resource)).map((resource) => ({ shop: claim.shop, resource }));
    if (taken.length === 0) return { kind: "none_free", busy };
    const part = { ...claim, resources: taken };
    if (this.#isTooLate(askedAtMs, request.leaseMs)) {
      this.#inBackground(this.#letGo(part));
      return { kind: "unavailable", cause: new Error("the lock server answered after the lease had ended") };
    }
    return { kind: "acquired", hold: this.#hold(part, request, { askedAtMs, grantedMs: request.leaseMs }, this.#clock.monotonicMs() - askedAtMs), busy };
  }

  listLocks(shop: string): Promise<LockListing> {
    return this.#store.list(shop);
  }

  /** Resolves when wakes can be heard. Until then waiters are served by their fallback attempts. */
  ready(): Promise<void> {
    return this.#store.ready();
  }

  /** Resolves when everything that is handed back in the background has been, or was given up. For shutdown and tests. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /**
   * Attempts, then waits to be woken, until granted, failed for good, or ended by the limit or the caller's signal. A call that goes on after
   * its attempt was given up is added to `unheard`.
   */
  async #attemptUntilDone(
    claim: LockClaim,
    request: WaitingLockRequest,
    wait: WakeableWait,
    unheard: Promise<unknown>[],
  ): Promise<Attempt> {
    let failedCount = 0;
    let hasAnswered = false;
    for (;;) {
      if (wait.isEnded) return { kind: "ended" };
      const askedAtMs = this.#clock.monotonicMs();
      const call = this.#store.attempt({ ...claim, purpose: request.purpose, leaseMs: request.leaseMs, queue: request.waitLimitMs > 0 });
      const answer = await wait.race(call, ATTEMPT_TIMEOUT_MS);
      if (answer.kind !== "answered") unheard.push(call);
      const attempt = this.#judge(answer, askedAtMs, request.leaseMs);
      if (attempt.kind === "granted" || attempt.kind === "ended") return attempt;
      if (attempt.kind === "failed") {
        failedCount += 1;
        if (!hasAnswered || failedCount >= FAILED_ATTEMPTS_MAX) return attempt;
      } else {
        hasAnswered = true;
        failedCount = 0;
      }
      if (request.waitLimitMs === 0) return { kind: "ended" };
      // One millisecond beyond the lease in the way: the server ends it at the tick, not before.
      const leaseEndMs = attempt.kind === "busy" && attempt.retryInMs !== null ? attempt.retryInMs + 1 : FALLBACK_ATTEMPT_MS;
      if ((await wait.untilWoken(Math.min(leaseEndMs, FALLBACK_ATTEMPT_MS))) === "ended") return { kind: "ended" };
      const handed = attempt.kind === "busy" ? this.#handedOver(attempt, request, wait) : null;
      if (handed !== null) return handed;
    }
  }

  /**
   * What a waiter was handed, if it is sure of enough of the lease not to ask again. When it was handed over it does not know; but that was
   * after the server had answered its last attempt, for the message names that answer, and so the lease is counted from before that
   * attempt was sent. A message that is late, or of an earlier stay in the queue, names another answer and only wakes.
   */
  #handedOver({ askedAtMs, place }: Attempt & { kind: "busy" }, { leaseMs }: LockRequest, wait: WakeableWait): Attempt | null {
    if (place === null || wait.handedPlace !== place) return null;
    const grantedMs = handedLeaseMs(leaseMs);
    const isEnough = this.#clock.monotonicMs() - askedAtMs < certainLeaseMs(grantedMs) / 2;
    return isEnough ? { kind: "granted", askedAtMs, grantedMs } : null;
  }

  #judge(answer: RaceResult<Awaited<ReturnType<LockStore["attempt"]>>>, askedAtMs: number, leaseMs: number): Attempt {
    if (answer.kind === "ended") return { kind: "ended" };
    if (answer.kind === "overdue") return { kind: "failed", cause: new Error("the lock server does not answer") };
    if (answer.kind === "failed") return { kind: "failed", cause: answer.cause };
    if (!answer.value.granted) return { kind: "busy", askedAtMs, retryInMs: answer.value.retryInMs, place: answer.value.place };
    // Too late to be sure of the lease. Asking again begins it anew if the keys are still ours, and queues for them if they are not.
    return this.#isTooLate(askedAtMs, leaseMs) ? { kind: "busy", askedAtMs, retryInMs: 0, place: null } : { kind: "granted", askedAtMs, grantedMs: leaseMs };
  }

  /** The server began the lease at `askedAtMs` or later: by now it may already have ended. */
  #isTooLate(askedAtMs: number, leaseMs: number): boolean {
    return this.#clock.monotonicMs() - askedAtMs >= certainLeaseMs(leaseMs);
  }

  #hold(claim: LockClaim, request: LockRequest, granted: { readonly askedAtMs: number; readonly grantedMs: number }, waitedMs: number): LeasedHold {
    this.#onEvent({ kind: "acquired", purpose: request.purpose, waitMs: waitedMs });
    const { purpose, leaseMs } = request;
    const terms: HoldTerms = { ...claim, purpose, leaseMs, waitedMs, askedAtMs: granted.askedAtMs, grantedMs: granted.grantedMs };
    const around = { store: this.#store, clock: this.#clock, onEvent: this.#onEvent };
    return new LeasedHold(terms, { ...around, letGo: (held) => this.#letGoOrLater(held) });
  }

  /** One try with a limit for the holder, who wants to go on; the other tries in the background. An owner is never used again. */
  async #letGoOrLater(claim: LockClaim): Promise<string[] | null> {
    const call = this.#store.letGo(claim);
    const answer = await answerWithin(this.#clock, call, ATTEMPT_TIMEOUT_MS).answer;
    if (answer.kind === "answered") return answer.value;
    this.#inBackground(this.#letGo(claim));
    return null;
  }

  async #letGo(claim: LockClaim): Promise<void> {
    for (let attemptCount = 1; attemptCount <= LET_GO_ATTEMPTS_MAX; attemptCount += 1) {
      const done = await this.#store.letGo(claim).then(() => true, () => false);
      if (done) return;
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(LET_GO_RETRY_MS, resolve);
      });
    }
  }

  #inBackground(task: Promise<unknown>): void {
    const tracked = task.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  #claim({ keys, purpose, leaseMs }: LockRequest, mayQueue = false): LockClaim {
    const [first] = keys;
    invariant(first !== undefined, "a lock request names at least one key");
    invariant(keys.length <= LOCK_KEYS_MAX, `a lock request names at most ${LOCK_KEYS_MAX} keys`);
    invariant(keys.every((key) => key.shop === first.shop), "the keys of a lock request are of one shop");
    invariant(leaseMs >= LEASE_MS_MIN && leaseMs <= LEASE_MS_MAX, `a lease lasts ${LEASE_MS_MIN} to ${LEASE_MS_MAX} ms`);
    const resources = sortedResources(keys);
    const owner = mayQueue && resources.length === 1 ? this.#store.newOwner({ purpose, leaseMs }) : this.#store.newOwner();
    return { shop: first.shop, resources, owner };
  }
}

/** Sorted, each once; the caller's array stays as it is. */
function sortedResources(keys: readonly LockKey[]): string[] {
  return [...new Set(keys.map((key) => key.resource))].sort();
}
