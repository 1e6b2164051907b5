// Goal: no alert is lost, and none is told twice for one incident, while receivers fail half the time, before and after they have taken a
// message, and workers die between any two steps. Method: two workers at once, deaths drawn from a seed before and after every step of the
// outbox and the channels, four shops, incidents with follow-ups; judged by what the receivers took. Then two guards are taken away to show
// that the same storm finds them missing.
import { afterEach, describe, expect, it } from "vitest";

import type { AlertPorts } from "#app/alerts/alert-ports.ts";
import { type AlertReceiver, startAlertReceiver, type TakenAlert } from "#simulator/receivers/alert-receiver.ts";
import { letAlertsBeDue, messagesOf, raise, target, workOnAlerts } from "#tests/setup/alerts.ts";
import { aroundSteps } from "#tests/setup/around-steps.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";

const SHOPS = 3;
const INCIDENTS = 8;
const STAGES = ["opened", "changed:1", "closed"] as const;
const DEATH_RATE = 0.15;
/** A round is everything that two workers find due, and then time passes. */
const ROUNDS_MAX = 400;
const SEED = Number(process.env.SEED ?? 11);

class Killed extends Error {}

interface Storm {
  readonly house: House;
  readonly shops: readonly HouseShop[];
  readonly webhooks: readonly AlertReceiver[];
  readonly slack: AlertReceiver;
  /** Deaths begin with the storm, not with its preparation. */
  rate: number;
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function openStorm(seed: number): Promise<Storm> {
  const random = seededRandom(seed);
  const holder = { rate: 0 };
  const dies = (step: string) => step.startsWith("alert") && random.chance(holder.rate);
  const house = await openHouse({
    seed,
    decorate: aroundSteps(async (step, work) => {
      if (dies(step)) throw new Killed(`before ${step}`);
      const result = await work();
      if (dies(step)) throw new Killed(`after ${step}`);
      return result;
    }),
  });
  opened.push(house);
  const half = (from: number) => ({ mischief: { seed: from, rate: 0.5 } });
  const slack = await startAlertReceiver({ kind: "slack", ...half(seed) });
  opened.push(slack);
  const shops: HouseShop[] = [];
  const webhooks: AlertReceiver[] = [];
  for (let number = 0; number < SHOPS; number += 1) {
    const shop = await house.openShop();
    const webhook = await startAlertReceiver(half(seed + number + 1));
    opened.push(webhook);
    await house.settings(shop, (settings) => ({
      ...settings,
      alerts: [target({ kind: "webhook", target: `${webhook.origin}/hook` }), target({ kind: "slack", target: `${slack.origin}/${shop.shop}` })],
    }));
    shops.push(shop);
    webhooks.push(webhook);
  }
  return Object.assign(holder, { house, shops, webhooks, slack });
}

/** Works until a death; whoever dies is not missed: the next round finds what is left. */
async function workUntilDeath(ports: AlertPorts): Promise<void> {
  try {
    await workOnAlerts(ports);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

async function rage(storm: Storm, ports: AlertPorts): Promise<void> {
  const { house, shops } = storm;
  storm.rate = DEATH_RATE;
  const told = STAGES.flatMap((stage) => shops.flatMap((shop) => Array.from({ length: INCIDENTS }, (_, number) => ({ shop, subject: String(number + 1), stage }))));
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = told.splice(0, 3);
    for (const { shop, ...event } of next) await raise(house, shop, event);
    await Promise.all([workUntilDeath(ports), workUntilDeath(ports)]);
    await letAlertsBeDue(house);
    if (told.length === 0 && !(await hasWork(house))) return;
  }
  throw new Error(`messages still wait after ${ROUNDS_MAX} rounds, seed ${SEED}`);
}

async function hasWork(house: House): Promise<boolean> {
  const [row] = await house.composed.database.query<{ work: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM alert_events WHERE fanned_out_at IS NULL) OR EXISTS (SELECT 1 FROM alert_messages WHERE state = 'waiting') AS work`,
  );
  return row?.work === true;
}

interface ToldStages {
  readonly id: string;
  readonly stages: readonly string[];
}

function toldTo({ body }: TakenAlert): ToldStages {
  const { incident } = body as { incident: ToldStages };
  return incident;
}

/** What each incident was told of, stage by stage, in the order of arrival. */
function stagesByIncident(messages: readonly TakenAlert[]): Record<string, string[]> {
  const stages: Record<string, string[]> = {};
  for (const { id, stages: told } of messages.map(toldTo)) stages[id] = [...(stages[id] ?? []), ...told];
  return stages;
}

const WHOLE = Object.fromEntries(Array.from({ length: INCIDENTS }, (_, number) => [String(number + 1), [...STAGES]]));

describe("alerts while receivers fail half the time and workers die", () => {
  it("reach every receiver that knows keys once, whole and in order, and no shop hears of another's", { timeout: 240_000 }, async () => {
    const storm = await openStorm(SEED);
    await rage(storm, storm.house.composed.alerts);
    for (const [index, webhook] of storm.webhooks.entries()) {
      const messages = webhook.messages();
      expect(stagesByIncident(messages), `seed ${SEED}`).toEqual(WHOLE);
      expect(new Set(messages.map(({ body }) => body.shop))).toEqual(new Set([storm.shops[index]?.shop]));
    }
    // The storm did strike: the same message came again and was recognised.
    expect(storm.webhooks.reduce((sum, webhook) => sum + webhook.repeats(), 0)).toBeGreaterThan(0);
    for (const shop of storm.shops) {
      const states = new Set((await messagesOf(storm.house, shop)).map(({ state }) => state));
      expect([...states].filter((state) => state !== "sent" && state !== "merged")).toEqual([]);
    }
    // Slack knows no keys. Every incident is told there too, and whatever is told a second time says so.
    for (const shop of storm.shops) {
      const texts = storm.slack.messages().filter(({ path }) => path === `/${shop.shop}`).map(({ body }) => JSON.stringify(body));
      const plain = texts.filter((text) => !text.includes("You may have had this message before"));
      expect(new Set(plain).size).toBe(plain.length);
      for (const number of Object.keys(WHOLE)) expect(texts.some((text) => text.includes(`oversell ${number}"`))).toBe(true);
    }
    // Shopify Flow neither: a repeat carries the same incident.
    for (const { shop } of storm.shops) {
      const told = storm.house.simulator.control.flowTriggers(shop).map(({ payload }) => (payload as { Incident: string }).Incident);
      expect(new Set(told)).toEqual(new Set(Object.keys(WHOLE)));
    }
  });

  it("would be told twice under a key that is drawn anew for each sending", { timeout: 240_000 }, async () => {
    const storm = await openStorm(SEED);
    const { alerts } = storm.house.composed;
    let drawn = 0;
    const channels: AlertPorts["channels"] = { ...withChannels(alerts), webhook: (delivery) => alerts.channels.webhook({ ...delivery, messageKey: `${(drawn += 1)}` }) };
    await rage(storm, { ...alerts, channels });
    expect(storm.webhooks.map((webhook) => stagesByIncident(webhook.messages()))).not.toEqual(storm.webhooks.map(() => WHOLE));
  });

  it("would be lost if what was not answered counted as told", { timeout: 240_000 }, async () => {
    const storm = await openStorm(SEED);
    const { alerts } = storm.house.composed;
    const channels: AlertPorts["channels"] = {
      ...withChannels(alerts),
      webhook: async (delivery) => {
        const result = await alerts.channels.webhook(delivery);
        return result.kind === "again" && result.maybeTaken ? { kind: "taken" } : result;
      },
    };
    await rage(storm, { ...alerts, channels });
    expect(storm.webhooks.map((webhook) => stagesByIncident(webhook.messages()))).not.toEqual(storm.webhooks.map(() => WHOLE));
  });
});

/** A port behind a decorator is no plain object: its methods one by one. */
function withChannels({ channels }: AlertPorts): AlertPorts["channels"] {
  return { slack: (one) => channels.slack(one), webhook: (one) => channels.webhook(one), email: (one) => channels.email(one), flow: (one) => channels.flow(one) };
}
