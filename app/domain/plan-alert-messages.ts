// Who is told of an alert event: the channels whose target listens, whose threshold is reached, or that were told of its incident before. Pure.

import type { AlertEvent } from "./alert-event.ts";
import { reachesThreshold } from "./alert-thresholds.ts";
import type { AlertTarget } from "./settings.ts";

export type AlertChannelKind = AlertTarget["kind"] | "flow";

/** A place to tell something. `channel` is the same for the same address, whatever else its settings say. */
export interface AlertChannel {
  readonly channel: string;
  readonly kind: AlertChannelKind;
  readonly target: string;
  readonly quietMinutes: number;
}

export interface ListeningChannel extends AlertChannel {
  readonly on: AlertTarget["on"];
  readonly threshold: AlertTarget["threshold"];
}

/** Shopify Flow needs no target: who built a workflow on the trigger listens, nobody else does. */
export const FLOW_CHANNEL: AlertChannel = { channel: "flow", kind: "flow", target: "", quietMinutes: 0 };

/**
 * `told`: channels that have a message of this incident. They hear every later stage, so that what was opened for somebody is closed for
 * them; the others hear of it from the stage on that reaches their threshold, and never of the mere end of something they did not know.
 */
export function planAlertMessages(event: Pick<AlertEvent, "kind" | "stage" | "facts">, listening: readonly ListeningChannel[], told: ReadonlySet<string>): AlertChannel[] {
  const chosen = new Map<string, AlertChannel>();
  for (const { on, threshold, ...channel } of listening) {
    if (!on.includes(event.kind) || chosen.has(channel.channel)) continue;
    const begins = event.stage !== "closed" && reachesThreshold({ threshold }, event.kind, event.facts);
    if (told.has(channel.channel) || begins) chosen.set(channel.channel, channel);
  }
  // Flow has one trigger, "oversell opened": stock that only has to be moved is not one.
  if (event.kind === "oversell" && event.stage === "opened" && event.facts.detail.kind !== "move_stock") chosen.set(FLOW_CHANNEL.channel, FLOW_CHANNEL);
  return [...chosen.values()];
}
