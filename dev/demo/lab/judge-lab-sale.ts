// Says in units what a sale of the race lab did wrong, from the simulator's truth and from what buyers were told; imports nothing of the app.
import { effectKey } from "#simulator/verdict/effects.ts";
import type { Effect } from "#simulator/verdict/effects.ts";
import { judge } from "#simulator/verdict/judge.ts";
import type { LedgerChange, TruthEntry } from "#simulator/verdict/judge.ts";
import type { Stock } from "./lab-shopify.ts";
import { EFFECT_SCHEME } from "./take-line.ts";

export type PlacedLine = { orderId: string; lineItemId: string; stock: Stock; quantity: number };

/** What became of one line, for the picture. */
export type LineOutcome = { wanted: number; taken: number };

export type Damage = {
  /** Units that were sold and are still on sale. */
  lost: number;
  /** Units that were taken beyond what was sold. */
  doublyApplied: number;
  /** Buyers who were told that a unit is theirs, beyond the units there were. */
  oversold: number;
  /** The channel's lines, in the order they were placed. */
  lines: LineOutcome[];
};

export type LabFacts = {
  truth: readonly TruthEntry[];
  /** Whose units each call moved. */
  ledger: readonly LedgerChange[];
  lines: readonly PlacedLine[];
  counter: { stock: Stock; available: number; sold: number };
};

export function judgeLabSale({ truth, ledger, lines, counter }: LabFacts): Damage {
  // The counter is judged by its sum below: which of its buyers is one too many, nobody can say.
  const elsewhere = (place: { inventoryItemId: string | null }) => place.inventoryItemId !== counter.stock.inventoryItemId;
  const expected = new Map(lines.map((line) => [keyOf(line), effectOf(line)]));
  const ofChannel = ledger.filter(elsewhere);
  const { lost, doublyApplied } = judge(expected, truth.filter(elsewhere), ofChannel);
  const moved = truth.filter((entry) => !elsewhere(entry) && entry.name === "available").reduce((sum, { delta }) => sum + delta, 0);
  const missing = moved + counter.sold;
  return {
    lost: lost + Math.max(0, missing),
    doublyApplied: doublyApplied + Math.max(0, -missing),
    oversold: Math.max(0, counter.sold - counter.available),
    lines: lines.map((line) => ({ wanted: line.quantity, taken: takenBy(line, ofChannel) })),
  };
}

/** The lab's handler names the effect in each call; what Shopify then moved is what it did, whatever it believes. */
export function ledgerFromTruth(truth: readonly TruthEntry[]): LedgerChange[] {
  return truth.flatMap(({ cause, name, delta, inventoryItemId, locationId }): LedgerChange[] => {
    const reference = cause.referenceDocumentUri ?? "";
    if (cause.kind !== "app" || name !== "available" || !reference.startsWith(EFFECT_SCHEME)) return [];
    const [order = "", line = ""] = reference.slice(EFFECT_SCHEME.length).split("/");
    return [{ orderId: `gid://shopify/Order/${order}`, lineId: `gid://shopify/LineItem/${line}`, inventoryItemId, locationId, delta, state: "applied", mutationKey: cause.idempotencyKey ?? reference }];
  });
}

function effectOf({ orderId, lineItemId, stock, quantity }: PlacedLine): Effect {
  return { orderId, lineItemId, ...stock, units: -quantity };
}

function keyOf(line: PlacedLine): string {
  return effectKey(effectOf(line));
}

function takenBy({ orderId, lineItemId }: PlacedLine, ledger: readonly LedgerChange[]): number {
  const deltas = ledger.filter((change) => change.orderId === orderId && change.lineId === lineItemId && change.state === "applied").map(({ delta }) => -delta);
  return deltas.reduce((sum, units) => sum + units, 0);
}
