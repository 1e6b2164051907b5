// The buyers of a rush on their way through the checkout: they click, some twice; they click again when nothing answers, and come back when there was none.
import type { RushBuyer } from "./checkout-script.ts";

export interface BuyersAtTheCheckout {
  /** A wave arrives, spread over its time; resolves when all of it has heard an end. */
  arrive(buyers: readonly RushBuyer[], overMs: number): Promise<void>;
  /** Up to `count` of those who were sent away come back; resolves with how many did. */
  comeBack(count: number): Promise<number>;
  /** The last thing each buyer heard; "sold" is never forgotten. */
  told(): ReadonlyMap<string, string>;
  soldCount(): number;
  /** Buyers whose connection broke while they waited. */
  cutOffCount(): number;
}

export interface BuyersOptions {
  /** The checkout's processes; a buyer stays with one. */
  readonly origins: readonly string[];
  readonly variantId: string;
}

const CLICK_AGAIN_MS = 250;
/** A buyer who hears nothing for so long goes away. */
const PATIENCE_MS = 90_000;
/** After these a buyer may ask for another purchase: nothing was bought and nothing is owed. */
const SENT_AWAY: ReadonlySet<string> = new Set(["sold_out", "lapsed", "refunded", "failed"]);

export function buyersAtTheCheckout({ origins, variantId }: BuyersOptions): BuyersAtTheCheckout {
  const told = new Map<string, string>();
  const cutOff = new Set<string>();
  const asked = new Map<string, number>();
  const waiting: RushBuyer[] = [];

  /** Null: nothing answered. */
  const click = async (buyer: RushBuyer, clientToken: string): Promise<string | null> => {
    const origin = origins[indexOf(buyer) % origins.length] ?? "";
    const { name, card, pays } = buyer;
    const body = JSON.stringify({ clientToken, buyer: name, items: [{ variantId, quantity: 1 }], card, pays });
    try {
      const response = await fetch(`${origin}/checkout`, { method: "POST", headers: { "content-type": "application/json" }, body, signal: AbortSignal.timeout(PATIENCE_MS) });
      const { kind } = (await response.json()) as { kind?: string };
      return kind ?? null;
    } catch {
      return null;
    }
  };
  const clickUntilAnswered = async (buyer: RushBuyer, clientToken: string): Promise<void> => {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const heard = await click(buyer, clientToken);
      if (heard !== null) return hear(buyer, heard);
      cutOff.add(buyer.name);
      if (performance.now() > until) return;
      await pause(CLICK_AGAIN_MS);
    }
  };
  const hear = ({ name }: RushBuyer, kind: string): void => {
    if (told.get(name) !== "sold") told.set(name, kind);
  };
  const buy = async (buyer: RushBuyer): Promise<void> => {
    const times = (asked.get(buyer.name) ?? 0) + 1;
    asked.set(buyer.name, times);
    const clientToken = `${buyer.name}/${times}`;
    await Promise.all([clickUntilAnswered(buyer, clientToken), ...(buyer.clicksTwice ? [clickUntilAnswered(buyer, clientToken)] : [])]);
    if (SENT_AWAY.has(told.get(buyer.name) ?? "") && times <= buyer.comebacks) waiting.push(buyer);
  };

  return {
    async arrive(buyers, overMs) {
      await Promise.all(
        buyers.map(async (buyer, index) => {
          await pause((index * overMs) / buyers.length);
          await buy(buyer);
        }),
      );
    },
    async comeBack(count) {
      const back = waiting.splice(0, count);
      await Promise.all(back.map(buy));
      return back.length;
    },
    told: () => told,
    soldCount: () => [...told.values()].filter((kind) => kind === "sold").length,
    cutOffCount: () => cutOff.size,
  };
}

/** Neighbours in the script go to different processes. */
function indexOf({ name }: RushBuyer): number {
  return Number(name.split("-").at(-1));
}

async function pause(ms: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, ms));
}
