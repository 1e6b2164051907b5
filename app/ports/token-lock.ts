// The token-lock port: at most one refresh of a shop's token at a time, whatever process it runs in.

export type TokenLockOutcome<Value> =
  | { kind: "completed"; value: Value }
  /** Not obtained within the wait limit, lost on the way, or the lock service is away; `work` may or may not have run. */
  | { kind: "not_held"; cause: string };

export type WithTokenLock = <Value>(shop: string, work: (signal: AbortSignal) => Promise<Value>) => Promise<TokenLockOutcome<Value>>;
