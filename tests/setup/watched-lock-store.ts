// A lock store between the lock and its server, through which a test sees each call and makes answers fail, wait or get lost.
import type { LockStore } from "#app/adapters/redis/lock-store.ts";

type Method = "attempt" | "attemptFree" | "renew" | "letGo";

interface HeldBackCall {
  /** Resolves when the call has got as far as it is held back. */
  readonly reached: Promise<void>;
  /** Lets it through. */
  deliver(): void;
}

export class WatchedLockStore implements LockStore {
  readonly #inner: LockStore;
  readonly #failuresLeft = new Map<Method, number>();
  readonly #heldBack = new Map<Method, { what: "answer" | "request"; reached: () => void; mayPass: Promise<void> }>();
  readonly #observers = new Map<Method, (() => void)[]>();
  readonly callCount: Record<Method, number> = { attempt: 0, attemptFree: 0, renew: 0, letGo: 0 };
  #lastListener: (handedPlace: number | null) => void = () => undefined;
  /** While true, wakes are lost on their way. */
  areWakesLost = false;

  readonly attempt: LockStore["attempt"];
  readonly attemptFree: LockStore["attemptFree"];
  readonly renew: LockStore["renew"];
  readonly letGo: LockStore["letGo"];

  constructor(inner: LockStore) {
    this.#inner = inner;
    this.attempt = (claim) => this.#call("attempt", () => inner.attempt(claim));
    this.attemptFree = (claim) => this.#call("attemptFree", () => inner.attemptFree(claim));
    this.renew = (claim) => this.#call("renew", () => inner.renew(claim));
    this.letGo = (claim) => this.#call("letGo", () => inner.letGo(claim));
  }

  /** Resolves when the next call of `method` has been answered, and what it led to has been done. */
  next(method: Method): Promise<void> {
    return new Promise((resolve) => {
      this.#observers.set(method, [...(this.#observers.get(method) ?? []), resolve]);
    });
  }

  /** The next `count` calls fail without reaching the server. */
  failNext(method: Method, count = 1): void {
    this.#failuresLeft.set(method, count);
  }

  /** The next call waits for `deliver`: by default with the server's answer under way, else with the request itself. */
  holdBackNext(method: Method, what: "answer" | "request" = "answer"): HeldBackCall {
    const reached = Promise.withResolvers<void>();
    const passage = Promise.withResolvers<void>();
    this.#heldBack.set(method, { what, reached: reached.resolve, mayPass: passage.promise });
    return { reached: reached.promise, deliver: passage.resolve };
  }

  newOwner(...terms: Parameters<LockStore["newOwner"]>): string {
    return this.#inner.newOwner(...terms);
  }

  /** Of the request that began to wait last: as if a message had come. */
  wake(handedPlace: number | null): void {
    this.#lastListener(handedPlace);
  }

  onWake(owner: string, listener: (handedPlace: number | null) => void) {
    this.#lastListener = listener;
    return this.#inner.onWake(owner, (handedPlace) => {
      if (!this.areWakesLost) listener(handedPlace);
    });
  }

  list(shop: string) {
    return this.#inner.list(shop);
  }

  ready(): Promise<void> {
    return this.#inner.ready();
  }

  async #call<Answer>(method: Method, call: () => Promise<Answer>): Promise<Answer> {
    this.callCount[method] += 1;
    const observers = this.#observers.get(method) ?? [];
    this.#observers.delete(method);
    try {
      const failuresLeft = this.#failuresLeft.get(method) ?? 0;
      if (failuresLeft > 0) {
        this.#failuresLeft.set(method, failuresLeft - 1);
        throw new Error("injected: the lock server is away");
      }
      const heldBack = this.#heldBack.get(method);
      this.#heldBack.delete(method);
      const passage = async (): Promise<void> => {
        heldBack?.reached();
        await heldBack?.mayPass;
      };
      if (heldBack?.what === "request") await passage();
      const answer = await call();
      if (heldBack?.what === "answer") await passage();
      return answer;
    } finally {
      // After the caller's own continuation, which runs before the next immediate.
      setImmediate(() => observers.forEach((observer) => observer()));
    }
  }
}
