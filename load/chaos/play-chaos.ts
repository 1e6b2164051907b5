// The chaos script's way: orders over a bad line, a recovery, and then a judgement order by order from Shopify's truth and Holdfast's receipts.
import { randomFor } from "#simulator/world/random.ts";
import type { ControlClient, PlacedOrder } from "#simulator/scenarios/control-client.ts";
import { startBadLine } from "./line.ts";
import type { Treatment } from "./line.ts";

export interface ChaosOptions {
  control: ControlClient;
  shop: string;
  holdfastUrl: string;
  holdfastToken: string;
  /** Orders name it; Holdfast must deduct it. */
  sourceName: string;
  variantId: string;
  orders: number;
  seed: number;
  /** Of requests: slow ones and dropped ones, the first time and the second. */
  slowRate: number;
  dropRate: number;
  /** How long an answer is kept back; Shopify hangs up after 5 s of its clock. */
  slowMs: number;
  /** How often Holdfast is looked at before it is given up; every half second. */
  looksMax?: number;
  sleep(ms: number): Promise<void>;
  say(text: string): void;
}

export interface ChaosVerdict {
  seed: number;
  orders: number;
  /** Requests that reached Holdfast, and what became of their answers. */
  requests: number;
  answersSlow: number;
  answersDropped: number;
  /** Notifications that came more than once. */
  repeated: number;
  /** Orders whose stock was not taken, or twice. */
  lost: string[];
  doublyApplied: string[];
  /** Orders of which a receipt shows a notification more than once. */
  notedTwice: string[];
  /** Units that Shopify's truth says were taken, against those ordered. */
  unitsTaken: number;
  unitsOrdered: number;
  ok: boolean;
}

interface Receipt {
  deliveries: { webhookId: string }[];
  changes: { delta: number; state: string }[];
}

const LOOKS_MAX = 240;
const LOOK_EVERY_MS = 500;

export async function playChaos(options: ChaosOptions): Promise<ChaosVerdict> {
  const { control, shop, sleep, say, seed } = options;
  const line = await startBadLine({ to: options.holdfastUrl, slowMs: options.slowMs, sleep, treat: (webhookId, nth) => draw(options, webhookId, nth) });
  const [entryBefore] = (await control.truth(shop, 0)).slice(-1);
  await control.routeWebhooks(line.origin);
  await control.planWebhooks({ seed, duplicates: { rate: 0.5, copies: 1 }, reorder: { rate: 0.3, withinMs: 500 } });
  try {
    say(`placing ${options.orders} orders; answers are kept back ${options.slowMs} ms or cut off, and half the notifications are sent twice`);
    const placed = await placeOrders(options);
    await settled(options, placed, "bad");
    say("the line recovers; Shopify's retries are brought forward");
    line.recover();
    await control.planWebhooks({ seed });
    await control.skipToPendingWebhooks();
    await settled(options, placed, "good");
    return await judge(options, placed, { after: entryBefore?.seq ?? 0, line });
  } finally {
    await control.routeWebhooks(null);
    await control.planWebhooks({ seed: 1 });
    await line.close();
  }
}

/** Drawn from the seed and the webhook's own id; a third request always passes. */
function draw({ seed, slowRate, dropRate }: ChaosOptions, webhookId: string, nth: number): Treatment {
  if (nth > 2) return "pass";
  const value = randomFor(seed, [...webhookId].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000_007, nth)).next();
  if (value < slowRate) return "slow";
  return value < slowRate + dropRate ? "drop" : "pass";
}

async function placeOrders({ control, shop, variantId, sourceName, orders }: ChaosOptions): Promise<PlacedOrder[]> {
  const wanted = Array.from({ length: orders }, (_, index) => ({ channel: "api" as const, sourceName, inventoryBehaviour: "BYPASS" as const, lines: [{ variantId, quantity: 1 + (index % 3) }] }));
  return (await control.placeOrders(shop, wanted)).flatMap((answer) => ("refused" in answer ? [] : [answer]));
}

/** On a bad line: until everything was sent once. On a good one: until every order's change is applied, or nothing moves any more. */
async function settled(options: ChaosOptions, placed: readonly PlacedOrder[], line: "bad" | "good"): Promise<void> {
  for (let look = 0; look < (options.looksMax ?? LOOKS_MAX); look += 1) {
    const { pending, inFlight, sends } = await options.control.webhooks();
    if (line === "bad" && inFlight === 0 && sends >= placed.length) return;
    if (line === "good" && pending === 0 && inFlight === 0 && (await allApplied(options, placed))) return;
    await options.sleep(LOOK_EVERY_MS);
  }
}

async function allApplied(options: ChaosOptions, placed: readonly PlacedOrder[]): Promise<boolean> {
  for (const order of placed) {
    const receipt = await readReceipt(options, order);
    if (!receipt?.changes.some(({ state }) => state === "applied") || receipt.changes.some(({ state }) => state === "waiting" || state === "claimed")) return false;
  }
  return true;
}

async function readReceipt({ holdfastUrl, holdfastToken }: ChaosOptions, { orderId }: PlacedOrder): Promise<Receipt | null> {
  const answer = await fetch(`${holdfastUrl}/api/v1/orders/${encodeURIComponent(orderId)}/receipt`, { headers: { authorization: `Bearer ${holdfastToken}` } });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`the receipt of ${orderId} answered ${answer.status}`);
  return (await answer.json()) as Receipt;
}

type Played = { after: number; line: { counts: Record<Treatment, number>; repeated(): number } };

async function judge(options: ChaosOptions, placed: readonly PlacedOrder[], { after, line }: Played): Promise<ChaosVerdict> {
  const [lost, doublyApplied, notedTwice]: [string[], string[], string[]] = [[], [], []];
  let unitsOrdered = 0;
  for (const order of placed) {
    const ordered = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    unitsOrdered += ordered;
    const receipt = await readReceipt(options, order);
    const taken = 0 - (receipt?.changes ?? []).reduce((sum, { delta, state }) => sum + (state === "applied" ? delta : 0), 0);
    if (taken < ordered) lost.push(order.name);
    if (taken > ordered) doublyApplied.push(order.name);
    const ids = (receipt?.deliveries ?? []).map(({ webhookId }) => webhookId);
    if (new Set(ids).size < ids.length) notedTwice.push(order.name);
  }
  const items = new Set(placed.flatMap(({ lines }) => lines.map(({ inventoryItemId }) => inventoryItemId)));
  const truth = await options.control.truth(options.shop, after);
  const unitsTaken = 0 - truth.filter(({ cause, name, inventoryItemId }) => cause.kind === "app" && name === "available" && items.has(inventoryItemId)).reduce((sum, { delta }) => sum + delta, 0);
  const { slow, drop, pass } = line.counts;
  const ok = placed.length === options.orders && lost.length === 0 && doublyApplied.length === 0 && notedTwice.length === 0 && unitsTaken === unitsOrdered;
  return { seed: options.seed, orders: placed.length, requests: slow + drop + pass, answersSlow: slow, answersDropped: drop, repeated: line.repeated(), lost, doublyApplied, notedTwice, unitsTaken, unitsOrdered, ok };
}
