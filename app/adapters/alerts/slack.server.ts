// Slack's incoming webhook: one message as blocks. Texts go as plain text, so that a product's name can neither format nor mention anybody.

import type { AlertDelivery, AlertSender, AlertText } from "#app/ports/alert-channel.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { OutsidePoster } from "./post-outside.server.ts";

/** Slack's limits of a block (docs.slack.dev, Block Kit). */
const HEADER_LENGTH_MAX = 150;
const SECTION_LENGTH_MAX = 3_000;
const FIELD_LENGTH_MAX = 2_000;
const FIELDS_MAX = 10;

/** The message is not what Slack takes; the address was withdrawn; the channel is gone or closed. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 403, 404, 410]);

export function createSlackSender(poster: OutsidePoster): AlertSender {
  return {
    async send({ target, text, signal }: AlertDelivery) {
      return judgeAnswer(await poster.post({ url: target, headers: {}, body: JSON.stringify(slackMessage(text)), signal }), FINAL_STATUSES);
    },
  };
}

export function slackMessage(text: AlertText): object {
  const { title, sentences, fields, more, link, footer } = text;
  const blocks: object[] = [{ type: "header", text: plain(title, HEADER_LENGTH_MAX) }];
  if (sentences.length > 0) blocks.push({ type: "section", text: plain(sentences.join("\n"), SECTION_LENGTH_MAX) });
  if (fields.length > 0) blocks.push({ type: "section", fields: fields.slice(0, FIELDS_MAX).map(({ label, value }) => plain(`${label}: ${value}`, FIELD_LENGTH_MAX)) });
  if (more.length > 0) blocks.push({ type: "section", text: plain(["Also, since the last message:", ...more.map((line) => `• ${line}`)].join("\n"), SECTION_LENGTH_MAX) });
  blocks.push({ type: "section", text: { type: "mrkdwn", text: `<${escaped(link.url)}|${escaped(link.label)}>` } });
  blocks.push({ type: "context", elements: [plain(footer, FIELD_LENGTH_MAX)] });
  // What notifications show; Slack reads markup in it.
  return { text: escaped(title), blocks };
}

function plain(text: string, lengthMax: number): object {
  return { type: "plain_text", emoji: false, text: text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…` };
}

/** The three characters that Slack gives a meaning to. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
