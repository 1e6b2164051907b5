// Port of a channel: one message to one place, once, and every way that can end. It neither repeats nor waits; the caller decides.

import type { AlertContent, AlertAttemptResult } from "./alert-outbox.ts";

/** A message in plain words; each channel gives it its own look. No markup inside: every text is to be escaped. */
export interface AlertText {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  /** Other incidents that are summed up in this message. */
  readonly more: readonly string[];
  /** Into the app. */
  readonly link: { readonly label: string; readonly url: string };
  /** Where it comes from, and what it refers to. */
  readonly footer: string;
}

export interface AlertDelivery {
  readonly installId: bigint;
  readonly shop: string;
  /** In clear, for this call only. */
  readonly target: string;
  readonly messageKey: string;
  readonly follows: string | null;
  readonly text: AlertText;
  /** Null: a test. */
  readonly content: AlertContent | null;
  /** Null when this kind of channel signs nothing. */
  readonly signingSecret: string | null;
  readonly signal: AbortSignal;
}

/** As `AlertAttemptResult`: `again` with `maybeTaken` false is certain not to have arrived. */
export type AlertSendResult = AlertAttemptResult;

export interface AlertSender {
  /** Never throws for what the other side or the network does. */
  send(delivery: AlertDelivery): Promise<AlertSendResult>;
}

export interface AlertChannels {
  slack(delivery: AlertDelivery): Promise<AlertSendResult>;
  webhook(delivery: AlertDelivery): Promise<AlertSendResult>;
  email(delivery: AlertDelivery): Promise<AlertSendResult>;
  flow(delivery: AlertDelivery): Promise<AlertSendResult>;
}
