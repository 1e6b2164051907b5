// Port of the operation's own figures: what they are now for a shop, and the incidents they open and close.

import type { AlertKind } from "#app/domain/alert-event.ts";
import type { SignalJudgement, SignalState } from "#app/domain/judge-signal.ts";
import type { Settings } from "#app/domain/settings.ts";

export const SIGNAL_KINDS = ["parked", "webhook_lag", "webhook_errors", "mutation_failures", "lock_waits", "deadlocks"] as const satisfies readonly AlertKind[];
export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** What leaves no row of its own and is counted by whoever sees it. */
export const COUNTED_SIGNALS = ["webhook_errors", "deadlocks"] as const;
export type CountedSignal = (typeof COUNTED_SIGNALS)[number];

export interface WatchedShop {
  readonly installId: bigint;
  readonly shop: string;
  readonly alerts: Settings["alerts"];
  /** Kinds whose incident is open. */
  readonly openKinds: readonly string[];
}

export interface SignalCount {
  readonly shop: string;
  readonly kind: CountedSignal;
  readonly count: number;
}

export interface AlertSignals {
  /** Active installs whose settings name an alert, or that have an incident open; by id, after `afterId`. */
  shops(afterId: bigint, limit: number): Promise<readonly WatchedShop[]>;
  figures(installId: bigint): Promise<Readonly<Record<SignalKind, number>>>;
  /** Judges under the row's lock and raises what is news in the same transaction. `decide` is pure. */
  judge(
    shop: WatchedShop,
    kind: SignalKind,
    figure: number,
    decide: (state: SignalState, nowMs: number) => SignalJudgement,
  ): Promise<SignalJudgement["stage"]>;
  count(counts: readonly SignalCount[]): Promise<void>;
  /** Minutes that nothing looks at any more. */
  forget(): Promise<void>;
}
