// Port of the alerts' outbox: events become messages once, messages are claimed, sent and recorded; nothing is lost between any two of these.

import type { AlertFacts, AlertKind, AlertStage } from "#app/domain/alert-event.ts";
import type { AlertChannel, AlertChannelKind } from "#app/domain/plan-alert-messages.ts";
import type { Settings } from "#app/domain/settings.ts";

export interface StoredAlertEvent {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly stage: AlertStage;
  readonly facts: AlertFacts;
}

/** Pure: it runs in the transaction, and again after a deadlock. `told`: channels that have a message of this incident. */
export type PlanAlert = (event: StoredAlertEvent, settings: Settings, told: ReadonlySet<string>) => readonly AlertChannel[];

/** What one message tells of one incident. */
export interface AlertReport {
  readonly subject: string;
  /** Every stage that this message tells, in order; more than one when the earlier ones had not been told yet. */
  readonly stages: readonly AlertStage[];
  /** As of the last stage. `orderCount`: all orders, of which `orders` may name only some. */
  readonly facts: AlertFacts & { readonly orderCount?: number };
  /** ISO, of the first stage. */
  readonly at: string;
}

/** Frozen at the first sending. The first report is the message's own; the others came in its quiet time and are summed up in it. */
export interface AlertContent {
  readonly kind: AlertKind;
  readonly reports: readonly AlertReport[];
  /** Reports beyond what one message lists. */
  readonly moreCount: number;
}

export interface ClaimedAlert {
  readonly installId: bigint;
  readonly shop: string;
  readonly shopName: string | null;
  /** IANA name. */
  readonly timezone: string;
  readonly messageId: bigint;
  /** The same at every sending of this message: Idempotency-Key, Message-ID. */
  readonly messageKey: string;
  /** Key of the message that first told this channel of the incident; null when this is the one. */
  readonly follows: string | null;
  readonly channel: { readonly channel: string; readonly kind: AlertChannelKind; readonly target: string };
  readonly content: AlertContent;
  /** From 1. */
  readonly attempt: number;
  /** An earlier sending may have arrived: its answer was never heard. */
  readonly maybeTaken: boolean;
  readonly leaseId: string;
}

export type AlertAttemptResult =
  | { readonly kind: "taken" }
  /** `maybeTaken`: it may have arrived all the same. */
  | { readonly kind: "again"; readonly error: string; readonly maybeTaken: boolean; readonly retryAfterMs: number | null }
  | { readonly kind: "refused"; readonly error: string };

/** `waiting`: it is sent again. `lost`: another worker has taken the lane over; what happened is still recorded when it settles something. */
export type AlertRecorded = "sent" | "waiting" | "failed" | "lost";

export interface AlertOutbox {
  /** Takes at most `limit` events of one install and writes their messages; answers how many, 0 when none was free. */
  fanOut(limit: number, plan: PlanAlert): Promise<number>;
  /** The next message of a lane that is due, under a lease; null when none is. */
  claim(leaseMs: number): Promise<ClaimedAlert | null>;
  record(claimed: ClaimedAlert, result: AlertAttemptResult): Promise<AlertRecorded>;
}

export const ALERT_MESSAGE_STATES = ["waiting", "sent", "merged", "failed", "dropped"] as const;
export type AlertMessageState = (typeof ALERT_MESSAGE_STATES)[number];

export interface AlertMessageRow {
  readonly id: bigint;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly stage: AlertStage;
  readonly channelKind: AlertChannelKind;
  /** Masked where it is a secret. */
  readonly target: string;
  readonly state: AlertMessageState;
  readonly attemptCount: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** `overtaken`: a later message of the same incident has been delivered, and the order would be wrong. */
export type AlertRetryOutcome = "done" | "not_found" | "not_failed" | "overtaken";

/** What a person sees of the messages, and their second try. */
export interface AlertDesk {
  /** Newest first, ids below `beforeId`. */
  list(installId: bigint, filter: { readonly state?: AlertMessageState; readonly beforeId: bigint | null; readonly limit: number }): Promise<readonly AlertMessageRow[]>;
  retry(installId: bigint, messageIds: readonly bigint[], dryRun: boolean): Promise<ReadonlyMap<bigint, AlertRetryOutcome>>;
}
