// First step of an alert: events that were raised become messages for the channels that the settings name now, each once.

import { planAlertMessages } from "#app/domain/plan-alert-messages.ts";
import type { AlertPorts } from "./alert-ports.ts";
import { channelOfTarget } from "./channel-of-target.server.ts";

/** Answers how many events were looked at; 0 when there is nothing left that another worker is not at. */
export function fanOutAlerts({ outbox, limits }: Pick<AlertPorts, "outbox" | "limits">): Promise<number> {
  return outbox.fanOut(limits.eventsPerStepMax, (event, settings, told) => planAlertMessages(event, settings.alerts.map(channelOfTarget), told));
}
