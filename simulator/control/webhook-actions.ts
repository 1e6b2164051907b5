// Control actions on webhooks: what happens to them on their way, where they go, and those that are sent by hand or once more.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { RequestError } from "../http/router.ts";
import { readRecording } from "../webhooks/recording.ts";
import { replayWebhooks } from "../webhooks/replay.ts";
import { webhookHeaders } from "../webhooks/sign.ts";
import * as inputs from "./inputs.ts";
import { LOG_PAGE_MAX } from "./network-actions.ts";
import type { LogPage } from "./network-actions.ts";

const HAND_MADE_TIMEOUTS = { connectMs: 5_000, totalMs: 30_000 };

export function webhookActions(engine: Engine) {
  const { sender } = engine;
  return {
    planWebhooks(input: z.input<typeof inputs.webhookPlanInput>) {
      const plan = inputs.read(inputs.webhookPlanInput, input);
      sender.setPlan(plan);
      return plan;
    },
    webhookCounters: () => sender.counters(),
    webhookLog: ({ after = 0, limit = 1_000 }: LogPage = {}) => sender.log.page(after, Math.min(limit, LOG_PAGE_MAX)),
    sendWebhook: (input: z.input<typeof inputs.handMadeWebhookInput>) => sendHandMade(engine, inputs.read(inputs.handMadeWebhookInput, input)),
    /** The answers in the order of sending; how many of them were 2xx beside them. */
    async replayWebhooks(input: z.input<typeof inputs.replayInput>) {
      const { requests, recording = "", ...options } = inputs.read(inputs.replayInput, input);
      const items = await replayWebhooks(engine, requests ?? readRecording(recording), options);
      const accepted = items.filter(({ status }) => status !== null && status >= 200 && status < 300).length;
      return { sent: items.length, accepted, refused: items.length - accepted, items };
    },
    routeWebhooks(input: z.input<typeof inputs.routeInput>) {
      engine.webhookUrl = inputs.read(inputs.routeInput, input).url;
      return { url: engine.webhookUrl ?? engine.appUrl };
    },
    setApp(input: z.input<typeof inputs.appInput>) {
      engine.appUrl = inputs.read(inputs.appInput, input).url;
      return { url: engine.appUrl };
    },
    async drainWebhooks(input: z.input<typeof inputs.drainInput> = {}) {
      await sender.drain(inputs.read(inputs.drainInput, input).skipAhead);
      return sender.counters();
    },
  };
}

/** Past every plan and retry: exactly these bytes once, and what the app answered. */
async function sendHandMade(engine: Engine, input: z.output<typeof inputs.handMadeWebhookInput>) {
  const { world, options, apiVersion, poster } = engine;
  const subscription = options.subscriptions?.find(({ topic }) => topic === input.topic);
  const path = input.path ?? subscription?.uri ?? "/webhooks";
  if (engine.appUrl === null) throw new RequestError(409, "no_app_url", "The app's URL is not known yet.");
  const body = input.rawBodyBase64 === undefined ? Buffer.from(input.rawBody ?? JSON.stringify(input.payload ?? {})) : Buffer.from(input.rawBodyBase64, "base64");
  const webhookId = world.random.uuid();
  const usual = webhookHeaders(
    { topic: input.topic, shop: input.shop, apiVersion, webhookId, eventId: world.random.uuid(), triggeredAtMs: world.clock.nowMs(), secret: input.secret ?? options.apiSecret },
    body,
  );
  const overridden = new Set(Object.keys(input.headers).map((name) => name.toLowerCase()));
  const headers = Object.fromEntries([
    ...Object.entries(usual).filter(([name]) => !overridden.has(name.toLowerCase())),
    ...Object.entries(input.headers).filter((entry): entry is [string, string] => entry[1] !== null),
  ]);
  const url = /^https?:/.test(path) ? path : `${(engine.webhookUrl ?? engine.appUrl).replace(/\/$/, "")}${path}`;
  const outcome = await poster.post({ url, method: input.method, headers, body }, HAND_MADE_TIMEOUTS);
  return outcome.kind === "answered" ? { webhookId, status: outcome.status, body: outcome.body } : { webhookId, status: null, failure: outcome.reason };
}
