// Where alerts arrive over HTTP: a signed webhook endpoint, or one that speaks like Slack's incoming webhooks.
import { json } from "../http/router.ts";
import type { SimResponse } from "../http/router.ts";
import { headerOf, openReceiver } from "./listener.ts";
import type { Arrival, Receiver, ReceiverOptions } from "./listener.ts";

export interface AlertReceiverOptions extends ReceiverOptions {
  /** `slack` answers `ok` as text, wants `text` or `blocks`, and knows no idempotency keys. */
  kind?: "webhook" | "slack";
}

export interface TakenAlert {
  place: number;
  at: string;
  path: string;
  /** Of the header; null when there is none, as with Slack. */
  key: string | null;
  body: Record<string, unknown>;
}

export interface AlertReceiver extends Receiver {
  /** What was taken; a webhook receiver takes a key once, Slack shows whatever comes. */
  messages(): TakenAlert[];
  /** Keys that came again after they had been taken. */
  repeats(): number;
  badSignatures(): number;
}

export async function startAlertReceiver(options: AlertReceiverOptions = {}): Promise<AlertReceiver> {
  const messages: TakenAlert[] = [];
  const counts = { repeats: 0, badSignatures: 0 };
  const slack = options.kind === "slack";
  const take = (arrival: Arrival): SimResponse => {
    const { body, path, atMs } = arrival;
    if (!body || (slack && body["text"] === undefined && body["blocks"] === undefined)) return slack ? text("no_text", 400) : json({ error: "malformed" }, 400);
    const key = headerOf(arrival, "idempotency-key");
    if (!slack && key !== null && messages.some((message) => message.key === key)) {
      counts.repeats += 1;
      return json({ taken: true, repeated: true });
    }
    messages.push({ place: messages.length + 1, at: new Date(atMs).toISOString(), path, key, body });
    return slack ? text("ok", 200) : json({ taken: true });
  };
  const receiver = await openReceiver(options, {
    take,
    turnedAway: () => {
      counts.badSignatures += 1;
    },
    report: () => ({ items: messages, ...counts }),
  });
  return { ...receiver, messages: () => [...messages], repeats: () => counts.repeats, badSignatures: () => counts.badSignatures };
}

function text(body: string, status: number): SimResponse {
  return { status, headers: { "content-type": "text/plain" }, body };
}
