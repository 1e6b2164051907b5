// The channels of a process, put together behind one port.

import type { AlertChannels, AlertSender } from "#app/ports/alert-channel.ts";
import { createEmailSender, type MailOptions } from "./email.server.ts";
import { createOutsidePoster } from "./post-outside.server.ts";
import { createSlackSender } from "./slack.server.ts";
import { createWebhookSender } from "./webhook.server.ts";

export interface AlertChannelsOptions {
  /** Null: e-mail waits until a mail server is set up. */
  readonly mail: MailOptions | null;
  /** Development and tests only. */
  readonly allowPrivate: boolean;
  readonly flow: AlertSender;
  readonly now: () => Date;
}

export function createAlertChannels({ mail, allowPrivate, flow, now }: AlertChannelsOptions): { readonly channels: AlertChannels; close(): Promise<void> } {
  const poster = createOutsidePoster({ allowPrivate });
  const slack = createSlackSender(poster);
  const webhook = createWebhookSender(poster, now);
  const email = createEmailSender(mail);
  return {
    channels: {
      slack: (delivery) => slack.send(delivery),
      webhook: (delivery) => webhook.send(delivery),
      email: (delivery) => email.send(delivery),
      flow: (delivery) => flow.send(delivery),
    },
    async close() {
      email.close();
      await poster.close();
    },
  };
}
