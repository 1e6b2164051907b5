// Incidents told over every channel: each once, whoever dies between the event and the record of its message.
import { startAlertReceiver, type TakenAlert } from "#simulator/receivers/alert-receiver.ts";
import { startMailSink } from "#simulator/receivers/mail-sink.ts";
import { raise, target } from "#tests/setup/alerts.ts";
import { fanOutStep } from "../../../worker/alert-service.ts";
import type { Chain, Play } from "./chain.ts";

const SENDER = "the next sender, when the dead one's lease is over: the same message under the same key";
const FAN_OUT = "the next fan-out: an event is taken with its messages, in one transaction";
const WATCH = "the next look at the figures";
const REPEATED = "You may have had this message before";

let raised = 0;

async function incident({ stage }: Play): Promise<void> {
  raised += 1;
  await raise(stage.house, stage.shop, { subject: String(raised), stage: "opened" });
}

/** Its messages wait in their lanes when the worker starts: one for each of the senders. */
async function plannedIncident(play: Play): Promise<void> {
  await incident(play);
  await fanOutStep(play.stage.house.composed.alerts, new AbortController().signal);
}

/** Of an oversell; another incident has a number of its own. */
const subjectOf = ({ body }: TakenAlert): string | null => {
  const { kind, id } = (body as { incident: { id: string; kind: string } }).incident;
  return kind === "oversell" ? id : null;
};

export const ALERT_CHAIN: Chain = {
  title: "incidents to be told over every channel",
  waits: [`UPDATE alert_lanes SET due_at = now() WHERE install_id = $1 AND due_at > now()`],
  leases: [`UPDATE alert_lanes SET leased_until = now() WHERE install_id = $1 AND leased_until > now()`],
  async open(stage) {
    const { house, shop, settings, rows } = stage;
    raised = 0;
    const [webhook, slack, mails] = [await startAlertReceiver(), await startAlertReceiver({ kind: "slack" }), await startMailSink()];
    await settings((now) => ({
      ...now,
      alerts: [
        target({ kind: "webhook", target: `${webhook.origin}/hook`, threshold: { deadlocks: 1 } }),
        target({ kind: "slack", target: `${slack.origin}/hook` }),
        target({ kind: "email", target: "shop@example.com" }),
      ],
    }));
    await house.composed.alerts.signals.count([{ shop: shop.shop, kind: "deadlocks", count: 3 }]);
    return {
      stage,
      variables: { SMTP_URL: mails.url, SMTP_FROM: "holdfast@example.com" },
      ending: () => ({ moved: [0, 0] }),
      async differences() {
        const subjects = (await rows<{ subject: string }>(`SELECT subject FROM alert_events WHERE install_id = $1 AND kind = 'oversell' ORDER BY id`)).map(({ subject }) => subject);
        const states = await rows<{ text: string }>(`SELECT channel_kind || ' ' || subject || ' is ' || state AS text FROM alert_messages WHERE install_id = $1 AND state NOT IN ('sent', 'merged')`);
        const byKey = webhook.messages().flatMap((one) => subjectOf(one) ?? []);
        const plain = slack.messages().map(({ body }) => JSON.stringify(body)).filter((text) => !text.includes(REPEATED));
        const ids = mails.mails().map(({ messageId }) => messageId);
        const [signals] = await rows<{ count: number }>(`SELECT count(*)::int AS count FROM alert_events WHERE install_id = $1 AND kind = 'deadlocks' AND stage = 'opened'`);
        return [
          ...states.map(({ text }) => text),
          ...(byKey.toSorted().join() === subjects.toSorted().join() ? [] : [`the webhook was told of ${byKey.join()} instead of ${subjects.join()}`]),
          ...(new Set(plain).size === plain.length ? [] : ["Slack was told twice without being told that it is a repeat"]),
          ...(new Set(ids).size >= subjects.length ? [] : [`${new Set(ids).size} mails instead of ${subjects.length}`]),
          ...(signals?.count === 1 ? [] : [`${signals?.count} incidents of deadlocks instead of 1`]),
        ];
      },
      async close() {
        await Promise.all([webhook.close(), slack.close(), mails.close()]);
      },
    };
  },
  links: [
    { step: "alertSignals.judge", found: [WATCH, "nobody needs to: the incident and its event are one transaction"] },
    { step: "alertSignals.forget", found: WATCH },
    { step: "alertOutbox.fanOut", found: [FAN_OUT, "the senders"], act: incident },
    { step: "alertOutbox.claim", found: SENDER, act: plannedIncident },
    { step: "alertSecrets.signingSecret", found: [SENDER, "nobody needs to: the secret is kept from then on"], act: incident },
    { step: "alertChannels.webhook", found: [SENDER, "the next sender: the receiver knows the key"], act: incident },
    { step: "alertChannels.slack", found: [SENDER, "the next sender: Slack knows no keys, so the message says that it may be a repeat"], act: incident },
    { step: "alertChannels.email", found: [SENDER, "the next sender: the mail comes again under the same Message-ID"], act: incident },
    { step: "alertChannels.flow", found: [SENDER, "the next sender: the trigger names the same incident"], act: incident },
    { step: "alertOutbox.record", found: [SENDER, "nobody needs to: it is sent"], act: incident },
  ],
};
