// Laws 2 and 5: effect by effect from the buyers' script, Shopify's truth and the ledger, by the verdict that knows nothing of the app.
import { effectKey, expectedEffects } from "#simulator/verdict/effects.ts";
import { judge } from "#simulator/verdict/judge.ts";
import { toLedgerChange, type EntryRow, type Evidence } from "../evidence.ts";
import { tail } from "../gate.ts";

const WORDS = { lost: "lost", doubly_applied: "applied too often", ledger_differs: "the ledger differs" } as const;

export function judgeEffects(evidence: Evidence): { effects: string[]; ledger: string[] } {
  const effects: string[] = evidence.unfinished.map((what) => `unfinished: ${what}`);
  const ledger: string[] = [];
  for (const { shop, rules } of evidence.shops) {
    const changes = evidence.changes.filter((change) => change.shop === shop);
    const expected = expectedEffects(evidence.orders.get(shop) ?? [], rules);
    // What is parked with a reason did not take effect, and is not owed until a person says so.
    for (const change of changes.filter(({ state, outcome_unknown: unknown }) => state === "parked" && !unknown)) {
      const { orderId, lineId, inventoryItemId, locationId } = toLedgerChange(change);
      const place = { orderId: orderId ?? "", lineItemId: lineId ?? "", inventoryItemId: inventoryItemId ?? "", locationId: locationId ?? "" };
      const key = effectKey(place);
      const units = (expected.get(key)?.units ?? 0) - change.delta;
      if (units === 0) expected.delete(key);
      else expected.set(key, { ...place, units });
    }
    const truth = evidence.truth.get(shop) ?? [];
    const judgement = judge(expected, truth, changes.map(toLedgerChange));
    for (const { kind, where, expected: wanted, found } of judgement.findings) {
      (kind === "ledger_differs" ? ledger : effects).push(`${shop}: ${WORDS[kind]}: ${where}: wanted ${wanted}, found ${found}`);
    }
    ledger.push(...compareEntries(shop, truth, evidence.entries));
  }
  return { effects, ledger };
}

/** Each entry of an applied call matches one entry of the truth, and the other way round. */
function compareEntries(shop: string, truth: NonNullable<ReturnType<Evidence["truth"]["get"]>>, entries: readonly EntryRow[]): string[] {
  const left = new Map<string, number>();
  const count = (name: string, by: 1 | -1) => left.set(name, (left.get(name) ?? 0) + by);
  for (const { cause, name, inventoryItemId, locationId, delta } of truth) {
    if (cause.kind === "app" && name === "available") count(entryName(cause.idempotencyKey, inventoryItemId, locationId, delta), 1);
  }
  for (const entry of entries) if (entry.shop === shop && entry.state === "applied") count(entryName(entry.key, entry.inventory_item_id, entry.location_id, entry.delta), -1);
  return [...left].flatMap(([name, balance]) => (balance === 0 ? [] : [`${shop}: ${balance > 0 ? "in Shopify, not in the ledger" : "in the ledger, not in Shopify"}: ${name}`]));
}

function entryName(key: string | undefined, item: string, location: string, delta: number): string {
  return `${key ?? "no key"} ${tail(item)}@${tail(location)} ${delta}`;
}
