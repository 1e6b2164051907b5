// What the use cases of alerts are given.

import type { AlertChannels } from "#app/ports/alert-channel.ts";
import type { AlertOutbox } from "#app/ports/alert-outbox.ts";
import type { AlertSecrets } from "#app/ports/alert-secrets.ts";
import type { AlertSignals } from "#app/ports/alert-signals.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";

export interface AlertPorts {
  readonly outbox: AlertOutbox;
  readonly channels: AlertChannels;
  readonly secrets: AlertSecrets;
  readonly signals: AlertSignals;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "alertMessage">;
  readonly limits: AlertLimits;
  /** Client id of the app: part of every link into it. */
  readonly apiKey: string;
}

export interface AlertLimits {
  /** Events of one transaction. */
  readonly eventsPerStepMax: number;
  /** A lane is another worker's to take after this. Longer than `sendWithinMs` and `sendTimeoutMs` together. */
  readonly leaseMs: number;
  /** A worker that was held up longer than this after its claim does not send any more. */
  readonly sendWithinMs: number;
  /** One sending, from its first byte to the last of the answer. */
  readonly sendTimeoutMs: number;
  /** Shops whose figures are judged in one step. */
  readonly shopsPerStepMax: number;
}

export const ALERT_LIMITS: AlertLimits = { eventsPerStepMax: 200, leaseMs: 60_000, sendWithinMs: 20_000, sendTimeoutMs: 15_000, shopsPerStepMax: 200 };
