// What the network does to a delivery on its way: copies, delay, reordering and loss, drawn from a seed alone.
import { randomFor } from "../world/random.ts";

export interface WebhookPlan {
  seed: number;
  /** `copies` more sends of the same delivery, each with a draw of its own for delay. */
  duplicates?: { rate: number; copies: number } | undefined;
  late?: { rate: number; delayMs: number } | undefined;
  reorder?: { rate: number; withinMs: number } | undefined;
  loss?: { rate: number } | undefined;
}

export const NO_MISCHIEF: WebhookPlan = { seed: 1 };

/** The delays of the sends a delivery makes, first one first; an empty list is a lost delivery. */
export function drawSends(plan: WebhookPlan, deliveryIndex: number): number[] {
  const random = randomFor(plan.seed, deliveryIndex);
  if (random.next() < (plan.loss?.rate ?? 0)) return [];
  const copies = random.next() < (plan.duplicates?.rate ?? 0) ? (plan.duplicates?.copies ?? 0) : 0;
  return Array.from({ length: 1 + copies }, () => {
    const late = random.next() < (plan.late?.rate ?? 0) ? (plan.late?.delayMs ?? 0) : 0;
    const swapped = random.next() < (plan.reorder?.rate ?? 0) ? random.next() * (plan.reorder?.withinMs ?? 0) : 0;
    return late + swapped;
  });
}
