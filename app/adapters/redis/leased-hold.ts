// A held lock: keeps itself alive at a third of its lease, notices when it is lost, and is let go exactly once.
import type { Clock } from "#app/ports/clock.ts";
import { LockLostError, type Hold, type HoldRun, type LockEvent, type LockKey, type LockLoss, type LockPurpose } from "#app/ports/lock.ts";
import type { LockStore } from "./lock-store.ts";

/** A renewal that failed is tried again after this part of the lease: up to five more attempts before the lease ends. */
const RENEWAL_RETRY_FRACTION = 1 / 9;

/** How much faster than ours the server's clock may run, as a part of the lease, and the server's resolution in ms. */
const CLOCK_DRIFT_FRACTION = 0.01;
const CLOCK_RESOLUTION_MS = 2;

/** How long a lease that was asked for at one moment certainly lasts, counted from that moment on our clock. */
export function certainLeaseMs(leaseMs: number): number {
  return leaseMs - Math.ceil(leaseMs * CLOCK_DRIFT_FRACTION) - CLOCK_RESOLUTION_MS;
}

export interface HoldTerms {
  readonly shop: string;
  readonly resources: readonly string[];
  readonly owner: string;
  readonly purpose: LockPurpose;
  readonly leaseMs: number;
  readonly waitedMs: number;
  /** On the monotonic clock: when the attempt that succeeded was sent. The server began the lease later than that. */
  readonly askedAtMs: number;
  /** How long the server granted it for. Less than the lease if it was handed over; then it is renewed at once, to the whole lease. */
  readonly grantedMs: number;
}

export interface HoldSurroundings {
  readonly store: LockStore;
  readonly clock: Clock;
  readonly onEvent: (event: LockEvent) => void;
  /** Lets go of the keys, with retries in the background; answers the resources that were no longer ours, or null when unheard. */
  readonly letGo: (terms: HoldTerms) => Promise<string[] | null>;
}

export class LeasedHold implements Hold {
  readonly keys: readonly LockKey[];
  readonly owner: string;
  readonly waitedMs: number;
  readonly #terms: HoldTerms;
  readonly #around: HoldSurroundings;
  /** Made when somebody first asks for the signal: most holds are over before. */
  #abort: AbortController | null = null;
  #lostWith: LockLostError | null = null;
  readonly #heldFromMs: number;
  /** Of the lease that runs. */
  #grantedMs: number;
  #certainUntilMs: number;
  #loss: LockLoss | null = null;
  #releasing: Promise<"released" | "lost"> | null = null;
  /** Of what comes next: the renewal, or, while one is under way, the lease's end. One timer, because most holds see neither. */
  #timer: { cancel(): void } | null = null;

  constructor(terms: HoldTerms, around: HoldSurroundings) {
    this.#terms = terms;
    this.#around = around;
    this.keys = terms.resources.map((resource) => ({ shop: terms.shop, resource }));
    this.owner = terms.owner;
    this.waitedMs = terms.waitedMs;
    this.#heldFromMs = around.clock.monotonicMs();
    this.#grantedMs = terms.grantedMs;
    this.#certainUntilMs = 0;
    this.#leaseBegan(terms.askedAtMs, terms.grantedMs);
  }

  get signal(): AbortSignal {
    // After a pause of the process the lapse timer is overdue but has not run yet: do not answer with a signal that says "held".
    if (!this.#isOver() && this.remainingMs() <= 0) this.#lose({ kind: "lapsed" });
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#lostWith !== null) this.#abort.abort(this.#lostWith);
    }
    return this.#abort.signal;
  }

  remainingMs(): number {
    if (this.#isOver()) return 0;
    return Math.max(0, this.#certainUntilMs - this.#around.clock.monotonicMs());
  }

  release(): Promise<"released" | "lost"> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async run<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<HoldRun<Value>> {
    let value: Value;
    try {
      value = await work(this.signal);
    } catch (error) {
      await this.release();
      if (this.#loss && error === this.#lostWith) return { kind: "lost", loss: this.#loss };
      throw error;
    }
    await this.release();
    return this.#loss ? { kind: "lost", loss: this.#loss, value } : { kind: "completed", value };
  }

  async #release(): Promise<"released" | "lost"> {
    this.#timer?.cancel();
    const notOurs = await this.#around.letGo(this.#terms);
    if (notOurs === null) this.#lose({ kind: "lapsed" });
    else if (notOurs.length > 0) this.#lose(this.#taken(notOurs));
    if (this.#loss) return "lost";
    this.#around.onEvent({ kind: "released", purpose: this.#terms.purpose, holdMs: this.#holdMs() });
    return "released";
  }

  /** The server began the lease anew at `askedAtMs` or later. */
  #leaseBegan(askedAtMs: number, grantedMs: number): void {
    this.#grantedMs = grantedMs;
    this.#certainUntilMs = askedAtMs + certainLeaseMs(grantedMs);
    this.#renewAt(grantedMs < this.#terms.leaseMs ? askedAtMs : askedAtMs + grantedMs / 3);
  }

  /** What was handed over is due at once. */
  #renewAt(dueMs: number): void {
    this.#at(Math.min(dueMs, this.#certainUntilMs), () => void this.#renew());
  }

  #at(dueMs: number, act: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#around.clock.setTimer(Math.max(0, dueMs - this.#around.clock.monotonicMs()), act);
  }

  /** One renewal at a time: the next is planned when this one is answered. If it never is, the timer for the lease's end ends the hold. */
  async #renew(): Promise<void> {
    const { store, clock } = this.#around;
    const askedAtMs = clock.monotonicMs();
    if (askedAtMs >= this.#certainUntilMs) return this.#lose({ kind: "lapsed" });
    this.#at(this.#certainUntilMs, () => this.#lose({ kind: "lapsed" }));
    try {
      const notOurs = await store.renew(this.#terms);
      if (this.#isOver()) return;
      if (notOurs.length > 0) this.#lose(this.#taken(notOurs));
      else this.#leaseBegan(askedAtMs, this.#terms.leaseMs);
    } catch {
      // Unheard is not lost: the lease still runs, so the work goes on and the renewal is tried again while it does.
      if (!this.#isOver()) this.#renewAt(clock.monotonicMs() + this.#grantedMs * RENEWAL_RETRY_FRACTION);
    }
  }

  #isOver(): boolean {
    return this.#loss !== null || this.#releasing !== null;
  }

  #taken(resources: readonly string[]): LockLoss {
    return { kind: "taken", keys: resources.map((resource) => ({ shop: this.#terms.shop, resource })) };
  }

  #lose(loss: LockLoss): void {
    if (this.#loss) return;
    this.#loss = loss;
    this.#timer?.cancel();
    this.#around.onEvent({ kind: "lost", purpose: this.#terms.purpose, holdMs: this.#holdMs() });
    this.#lostWith = new LockLostError(loss);
    this.#abort?.abort(this.#lostWith);
  }

  #holdMs(): number {
    return this.#around.clock.monotonicMs() - this.#heldFromMs;
  }
}
