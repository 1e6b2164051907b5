// The alerts' part of the composition: outbox, secrets, signals and channels behind the ports that their use cases are given.

import { createAlertChannels } from "#app/adapters/alerts/alert-channels.server.ts";
import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { createAlertDesk } from "#app/adapters/prisma/alert-desk.server.ts";
import { createAlertOutbox } from "#app/adapters/prisma/alert-outbox.server.ts";
import { createAlertSecrets } from "#app/adapters/prisma/alert-secrets.server.ts";
import { createAlertSignals } from "#app/adapters/prisma/alert-signals.server.ts";
import { createFlowSender } from "#app/adapters/shopify/flow-trigger.server.ts";
import { ALERT_LIMITS, type AlertPorts } from "#app/alerts/alert-ports.ts";
import { createSignalCounter } from "#app/alerts/count-signals.server.ts";
import type { Environment } from "#app/config/environment.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { Database } from "#app/ports/database.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import type { DecoratePort } from "#app/steps.ts";

export interface AlertParts {
  readonly config: Pick<Environment, "encryptionKeys" | "mail" | "shopify">;
  readonly database: Database;
  readonly adminApi: AdminApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly decorate: DecoratePort;
}

export function composeAlerts({ config, database, adminApi, clock, logger, metrics, decorate }: AlertParts) {
  const opened = createAlertChannels({
    mail: config.mail,
    // As with Shopify itself: who says that the outside world is on this machine may send there.
    allowPrivate: config.shopify.originOverride !== null,
    flow: createFlowSender(adminApi),
    now: () => clock.now(),
  });
  const alerts: AlertPorts = {
    outbox: decorate("alertOutbox", createAlertOutbox(database)),
    secrets: decorate("alertSecrets", createAlertSecrets(database, createTokenCipher(config.encryptionKeys))),
    signals: decorate("alertSignals", createAlertSignals(database)),
    channels: decorate("alertChannels", opened.channels),
    clock,
    logger,
    metrics,
    limits: ALERT_LIMITS,
    apiKey: config.shopify.apiKey,
  };
  const signalCounter = createSignalCounter(alerts.signals, clock);
  return {
    alerts,
    alertDesk: decorate("alertDesk", createAlertDesk(database)),
    signalCounter,
    async close(): Promise<void> {
      await signalCounter.close();
      await opened.close();
    },
  };
}
