// The words of the settings' parts that have a vocabulary of their own: channels of alerts, who is left short, permissions. Pure.

import type { ShortPolicy } from "#app/domain/detection/choose-short.ts";
import type { AlertTarget } from "#app/domain/settings.ts";

interface ChannelTerm {
  readonly label: string;
  readonly targetLabel: string;
  readonly placeholder: string;
  readonly help: string;
}

export const ALERT_CHANNEL_TERMS: Readonly<Record<AlertTarget["kind"], ChannelTerm>> = {
  email: { label: "E-mail", targetLabel: "E-mail address", placeholder: "stock@your-shop.com", help: "Follow-ups of one incident come as one conversation." },
  slack: {
    label: "Slack",
    targetLabel: "Webhook address",
    placeholder: "https://hooks.slack.com/services/…",
    help: "From “Incoming webhooks” in Slack. Whoever knows it can post there, so it is stored encrypted and shown no more once it is saved.",
  },
  webhook: {
    label: "Webhook",
    targetLabel: "Address",
    placeholder: "https://your-system.com/holdfast",
    help: "Each message is signed with this shop's secret, and carries a key by which a repetition is recognised.",
  },
};

/** What the figure of a threshold counts, behind its field. */
export const THRESHOLD_UNITS: Readonly<Record<string, string>> = {
  oversellDepth: "units short",
  conflictUnits: "units at risk",
  driftUnits: "units different",
  parkedChanges: "things waiting",
  webhookLagSeconds: "seconds late",
  webhookErrors: "in 10 minutes",
  mutationFailures: "in 10 minutes",
  lockWaitSeconds: "seconds waited",
  deadlocks: "in 10 minutes",
};

export const SHORT_POLICY_TERMS: Readonly<Record<ShortPolicy, { readonly label: string; readonly meaning: string }>> = {
  latest_first: { label: "The orders that came last", meaning: "Who ordered first is served first." },
  unpaid_first: { label: "Unpaid orders, then the ones that came last", meaning: "An order that was paid for goes before an older one that was not." },
};

/** What Shopify calls a permission, for people. */
export const SCOPE_TERMS: Readonly<Record<string, string>> = {
  write_inventory: "change inventory",
  write_orders: "edit orders",
  write_merchant_managed_fulfillment_orders: "manage fulfilment orders at your own locations",
  write_third_party_fulfillment_orders: "manage fulfilment orders at fulfilment services",
};

/** `change inventory and edit orders` */
export function scopesText(scopes: readonly string[]): string {
  const names = scopes.map((scope) => SCOPE_TERMS[scope] ?? scope);
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
