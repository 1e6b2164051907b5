// What the lab's handler does with one sold line, and at the counter with one buyer: the work that four of the five switches protect.
import { randomUUID } from "node:crypto";
import type { LabLife } from "./lab-life.ts";
import type { LabLock } from "./lab-lock.ts";
import type { LabShopify, Stock } from "./lab-shopify.ts";
import type { CallContent, LabStore } from "./lab-store.ts";
import type { Switches } from "./switches.ts";

/** Points of the work at which the lab lets something happen: the interleavings are forced, not hoped for. */
export type Moment = "waits" | "looked" | "before_write" | "written";
export type Moments = (moment: Moment, stock: Stock) => Promise<void>;

export type LabWork = { switches: Switches; store: LabStore; lock: LabLock; shopify: LabShopify; life: LabLife; moments: Moments };
/** `effectKey` is what the line means for the stock, whichever notification brings it. */
export type SoldLine = { effectKey: string; stock: Stock; quantity: number };

export const EFFECT_SCHEME = "race-lab:";

export async function takeLine(work: LabWork, { effectKey, stock, quantity }: SoldLine): Promise<void> {
  const { switches, store, life } = work;
  if (!switches.idempotency) return await underLock(work, stock, () => writeStock(work, { stock, effectKey, quantity, shopifyKey: null, known: null }));
  const { state, shopifyKey } = await life.step(() => store.begin(effectKey));
  if (state === "done") return;
  // Somebody began and did not finish. With the queue it was us, before a restart. Without it nobody can tell a copy that is being
  // worked on from one whose process died, and the usual answer is "seen before".
  if (state === "begun" && !switches.queue) return;
  await underLock(work, stock, async () => {
    if (await life.step(() => store.isDone(effectKey))) return;
    await writeStock(work, { stock, effectKey, quantity, shopifyKey, known: null });
  });
}

/** The checkout of the last unit: is there one? Then it is sold and taken. */
export async function sellAtCounter(work: LabWork, { effectKey, stock, quantity }: SoldLine): Promise<"sold" | "sold_out"> {
  const { switches, store, shopify, life, moments } = work;
  return await underLock(work, stock, async () => {
    const known = await shopify.readAvailable(stock);
    await life.step(() => moments("looked", stock));
    if (known < quantity) return "sold_out";
    const shopifyKey = switches.idempotency ? (await life.step(() => store.begin(effectKey))).shopifyKey : null;
    await writeStock(work, { stock, effectKey, quantity, shopifyKey, known });
    return "sold";
  });
}

type StockWrite = SoldLine & {
  /** Null: nothing is remembered, every sending has a key of its own. */
  shopifyKey: string | null;
  /** What was read a moment ago, if anything. */
  known: number | null;
};

async function writeStock(work: LabWork, { stock, effectKey, quantity, shopifyKey, known }: StockWrite): Promise<void> {
  const { switches, store, shopify, life, moments } = work;
  const fresh: CallContent = switches.atomic ? { kind: "adjust", delta: -quantity } : { kind: "set", quantity: (known ?? (await shopify.readAvailable(stock))) - quantity };
  const content = shopifyKey === null ? fresh : await life.step(() => store.freeze(effectKey, fresh));
  await life.step(() => moments("before_write", stock));
  await shopify.write({ stock, content, reference: `${EFFECT_SCHEME}${effectKey}`, nextKey: () => shopifyKey ?? randomUUID() });
  await life.step(() => moments("written", stock));
  if (shopifyKey !== null) await life.step(() => store.finish(effectKey));
}

async function underLock<Result>({ switches, lock, moments }: LabWork, stock: Stock, work: () => Promise<Result>): Promise<Result> {
  if (!switches.lock) return await work();
  return await lock(stock.inventoryItemId, work, () => void moments("waits", stock));
}
