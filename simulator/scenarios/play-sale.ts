// Plays the buyers' script on the simulator and writes down what really happened: the order ids, lines and locations it gave.
import type { RecordedLine, RecordedOrder } from "../verdict/effects.ts";
import type { BuyersScript, LaterAct, PlannedOrder } from "./buyers-script.ts";
import type { Catalogue } from "./catalogue.ts";
import { createStriker, type PerformStrike, type Strike } from "./strikes.ts";
import type { ControlClient, OrderInput, PlacedOrder, WebhookPlan } from "./control-client.ts";

export const channel = "my-channel";

export type SaleOptions = { control: ControlClient; catalogue: Catalogue; script: BuyersScript; mischief: WebhookPlan; pauseMs: number; say: (text: string) => void; strikes: Strike[]; strike: PerformStrike };
type Placed = { planned: PlannedOrder; recorded: RecordedOrder };

/** How many orders are changed at the same time. */
const actsAtOnce = 16;
/** Longer than any reordering: what is told this late is overtaken by everything else. */
const createdLateMs = 6_000;

export async function playSale(options: SaleOptions): Promise<RecordedOrder[]> {
  const { script, mischief, control, say } = options;
  await control.planWebhooks(mischief);
  const striker = createStriker(options.strikes, options.strike, say);
  const recorded: RecordedOrder[] = [];
  let waiting: Placed[] = [];
  for (const [index, burst] of script.bursts.entries()) {
    striker.burstBegins(index);
    const placed = await placeBurst(options, burst);
    recorded.push(...placed.map((order) => order.recorded));
    say(`burst ${index + 1} of ${script.bursts.length}: ${recorded.length} orders placed`);
    // Acts of this burst that come at once race their own creation's webhooks; those of the last burst come late.
    await actOn(options, [...placed.filter(({ planned }) => planned.atOnce), ...waiting]);
    waiting = placed.filter(({ planned }) => !planned.atOnce);
    await new Promise((wake) => setTimeout(wake, options.pauseMs));
  }
  await actOn(options, waiting);
  await striker.over();
  return recorded;
}

async function placeBurst(options: SaleOptions, burst: PlannedOrder[]): Promise<Placed[]> {
  const { control, mischief } = options;
  const late = burst.filter(({ createdLate }) => createdLate);
  if (late.length > 0) await control.planWebhooks({ ...mischief, late: { rate: 1, delayMs: createdLateMs } });
  const first = await place(options, late);
  if (late.length > 0) await control.planWebhooks(mischief);
  return [...first, ...(await place(options, burst.filter(({ createdLate }) => !createdLate)))];
}

async function place(options: SaleOptions, burst: PlannedOrder[]): Promise<Placed[]> {
  if (burst.length === 0) return [];
  const answers = await options.control.placeOrders(options.catalogue.shop, burst.map((planned) => orderInput(options.catalogue, planned)));
  return answers.flatMap((answer, index): Placed[] => {
    const planned = burst[index];
    return planned === undefined || "refused" in answer ? [] : [{ planned, recorded: record(planned, answer) }];
  });
}

function orderInput(catalogue: Catalogue, planned: PlannedOrder): OrderInput {
  const lines = planned.lines.map(({ product, index, quantity }) => {
    const item = (product === "plain" ? catalogue.plain : catalogue.bundles)[index];
    if (item === undefined) throw new Error(`the catalogue has no ${product} ${index}`);
    return { variantId: item.variantId, quantity };
  });
  return planned.kind === "bypassed" ? { channel: "api", sourceName: channel, inventoryBehaviour: "BYPASS", lines } : { channel: "web", lines };
}

function record(planned: PlannedOrder, placed: PlacedOrder): RecordedOrder {
  const bypassed = planned.kind === "bypassed";
  const lines = placed.lines.map(({ lineItemId, variantId, inventoryItemId, locationId, quantity }): RecordedLine => ({ lineItemId, variantId, inventoryItemId, locationId, quantity, refunds: [] }));
  return { orderId: placed.orderId, sourceName: bypassed ? channel : "web", bypassed, cancelled: null, lines };
}

async function actOn(options: SaleOptions, orders: Placed[]): Promise<void> {
  const queue = orders.filter(({ planned }) => planned.later.length > 0);
  const work = async () => {
    for (let order = queue.shift(); order !== undefined; order = queue.shift()) {
      for (const later of order.planned.later) await act(options, order.recorded, later);
    }
  };
  await Promise.all(Array.from({ length: actsAtOnce }, work));
}

async function act({ control, catalogue: { shop } }: SaleOptions, order: RecordedOrder, later: LaterAct): Promise<void> {
  const [line] = order.lines;
  if (line === undefined) throw new Error(`${order.orderId} was placed without lines`);
  switch (later.act) {
    case "edit":
      await control.editOrder(shop, order.orderId, line.lineItemId, later.quantity);
      line.quantity = later.quantity;
      return;
    case "refund":
      await control.refundOrder(shop, order.orderId, [{ lineItemId: line.lineItemId, quantity: later.units, restockType: later.restockType }]);
      line.refunds.push({ units: later.units, restockType: later.restockType });
      return;
    case "cancel":
      await control.cancelOrder(shop, order.orderId, later.restock);
      order.cancelled = { restock: later.restock };
  }
}
