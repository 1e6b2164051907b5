// The verdict of a rush on a custom checkout: from Shopify's truth, the payment provider's books and what each buyer was told; nothing the app says counts.

/** The fields of a truth entry that the verdict rests on. */
export interface StockEntry {
  readonly inventoryItemId: string;
  readonly name: string;
  readonly delta: number;
  readonly after: number;
}

export interface RushFacts {
  readonly scenario: string;
  readonly seed: number;
  readonly naive: boolean;
  readonly units: number;
  readonly inventoryItemId: string;
  readonly buyers: readonly string[];
  readonly script: { readonly declined: number; readonly doubleClicks: number; readonly leaving: number };
  /** Every order in Shopify, and whose it is; null: nobody knows. */
  readonly orders: readonly { readonly orderId: string; readonly units: number; readonly buyer: string | null }[];
  readonly truth: readonly StockEntry[];
  readonly charges: readonly { readonly chargeId: string; readonly buyer: string }[];
  readonly refunds: readonly { readonly chargeId: string }[];
  readonly mishaps: Readonly<Record<string, number>>;
  /** The last thing each buyer heard, by buyer; who heard nothing to the end is missing. */
  readonly told: ReadonlyMap<string, string>;
  /** Buyers whose connection was cut by a process that was killed. */
  readonly cutOff: number;
  readonly cutOffWanted: number;
  readonly strikes: Readonly<Record<string, number>>;
  /** Purchases that no checkout has finished or undone. */
  readonly unfinished: number;
  readonly seconds: number;
}

export interface RushVerdict {
  scenario: string;
  seed: number;
  naive: boolean;
  buyers: number;
  units: number;
  /** Orders in Shopify, and units in them. */
  orders: number;
  sold: number;
  oversold: number;
  charged: number;
  refunded: number;
  /** Money kept from buyers who got no unit for it. */
  chargedWithoutUnit: number;
  /** Units that went to buyers who paid nothing for them. */
  soldWithoutCharge: number;
  /** Buyers from whom more than one charge was kept. */
  chargedTwice: number;
  /** Buyers who heard another end than the one their money and order tell of. */
  toldWrong: number;
  available: number;
  reserved: number;
  committed: number;
  /** available + reserved + committed is what the shop had. */
  addUp: boolean;
  unfinished: number;
  declined: number;
  doubleClicks: number;
  leaving: number;
  cutOff: number;
  strikes: Readonly<Record<string, number>>;
  payments: Readonly<Record<string, number>>;
  seconds: number;
  ok: boolean;
  faults: string[];
}

export function judgeRush(facts: RushFacts): RushVerdict {
  const kept = keptCharges(facts);
  const bought = countBy(facts.orders.map(({ buyer, units }) => ({ name: buyer ?? "nobody", count: units })));
  const everybody = [...new Set([...facts.buyers, ...kept.keys(), ...bought.keys()])];
  const sold = facts.orders.reduce((sum, { units }) => sum + units, 0);
  const [available, reserved, committed] = ["available", "reserved", "committed"].map((name) => standing(facts, name));
  const over = (more: ReadonlyMap<string, number>, less: ReadonlyMap<string, number>) =>
    everybody.reduce((sum, name) => sum + Math.max(0, (more.get(name) ?? 0) - (less.get(name) ?? 0)), 0);
  const verdict: RushVerdict = {
    scenario: facts.scenario,
    seed: facts.seed,
    naive: facts.naive,
    buyers: facts.buyers.length,
    units: facts.units,
    orders: facts.orders.length,
    sold,
    oversold: Math.max(0, sold - facts.units),
    charged: facts.charges.length,
    refunded: facts.refunds.length,
    chargedWithoutUnit: over(kept, bought),
    soldWithoutCharge: over(bought, kept),
    chargedTwice: [...kept.values()].filter((count) => count > 1).length,
    toldWrong: facts.buyers.filter((name) => (facts.told.get(name) === "sold") !== bought.has(name)).length,
    available: available ?? 0,
    reserved: reserved ?? 0,
    committed: committed ?? 0,
    addUp: (available ?? 0) + (reserved ?? 0) + (committed ?? 0) === facts.units,
    unfinished: facts.unfinished,
    ...facts.script,
    cutOff: facts.cutOff,
    strikes: facts.strikes,
    payments: facts.mishaps,
    seconds: facts.seconds,
    ok: false,
    faults: [],
  };
  const faults = faultsOf(verdict, facts);
  return { ...verdict, ok: faults.length === 0, faults };
}

/** Charges that were not given back, by buyer. A charge given back twice is money lost: it counts against the buyer's other ones. */
function keptCharges({ charges, refunds }: RushFacts): Map<string, number> {
  const refunded = countBy(refunds.map(({ chargeId }) => ({ name: chargeId, count: 1 })));
  return countBy(charges.map(({ chargeId, buyer }) => ({ name: buyer, count: 1 - (refunded.get(chargeId) ?? 0) })));
}

function countBy(entries: readonly { name: string; count: number }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, count } of entries) counts.set(name, (counts.get(name) ?? 0) + count);
  return counts;
}

function standing({ truth, inventoryItemId }: RushFacts, name: string): number {
  return truth.filter((entry) => entry.inventoryItemId === inventoryItemId && entry.name === name).reduce((sum, { delta }) => sum + delta, 0);
}

function faultsOf(verdict: RushVerdict, { cutOffWanted }: RushFacts): string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  check(verdict.sold === verdict.units, `${verdict.sold} units were sold of ${verdict.units}`);
  check(verdict.committed === verdict.sold, `${verdict.committed} units are committed in Shopify, its orders have ${verdict.sold}`);
  check(verdict.chargedWithoutUnit === 0, `${verdict.chargedWithoutUnit} charges were kept from buyers who got nothing for them`);
  check(verdict.soldWithoutCharge === 0, `${verdict.soldWithoutCharge} units went to buyers who paid nothing for them`);
  check(verdict.chargedTwice === 0, `${verdict.chargedTwice} buyers paid more than once`);
  check(verdict.toldWrong === 0, `${verdict.toldWrong} buyers heard another end than what happened`);
  check(verdict.reserved === 0, `${verdict.reserved} units are stranded in reserved`);
  check(verdict.addUp, `available ${verdict.available} + reserved ${verdict.reserved} + committed ${verdict.committed} is not ${verdict.units}`);
  check(verdict.unfinished === 0, `${verdict.unfinished} purchases were neither finished nor undone`);
  // A rush in which nothing went wrong proves nothing.
  check(verdict.cutOff >= cutOffWanted, `only ${verdict.cutOff} buyers were cut off by a killed process, ${cutOffWanted} were wanted`);
  return faults;
}
