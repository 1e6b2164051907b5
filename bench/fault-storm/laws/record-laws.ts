// The laws about what is on record: webhooks, calls before they arrive, decisions, shops, audit, and what is parked.
import type { Evidence } from "../evidence.ts";
import { tail } from "../gate.ts";

/** Law 1. An id with something behind a # is the same webhook, stored a second time under another name. */
export function judgeWebhooks({ sent, deliveries }: Evidence): string[] {
  const stored = new Map<string, number>();
  for (const { shop, webhook_id: id } of deliveries) {
    const name = `${shop} ${id.split("#")[0] ?? id}`;
    stored.set(name, (stored.get(name) ?? 0) + 1);
  }
  const answered = new Map(sent.filter(({ status }) => typeof status === "number" && status >= 200 && status < 300).map((each) => [`${each.shop} ${each.webhookId}`, each.topic]));
  return [
    ...[...answered].flatMap(([name, topic]) => (stored.has(name) ? [] : [`answered 2xx and not durable: ${topic} ${name}`])),
    ...[...stored].flatMap(([name, count]) => (count > 1 ? [`worked on ${count} times: ${name}`] : [])),
  ];
}

/** Law 3. */
export function judgeDurableCalls({ calls }: Evidence): string[] {
  return calls.filter(({ durable }) => durable === "no").map(({ key, sender }) => `${key} of ${sender} arrived before it was durable`);
}

/**
 * Law 4. Every decision that a process reports must have been committed while its attempt was the newest; the database noted, with each
 * decision, which one was. A decision without a match was made for an attempt that had been taken over.
 */
export function judgeDecisions({ decisions, decided }: Evidence): string[] {
  const noted = new Map<string, number>();
  for (const { mutation_id: id, newest_attempt: attempt } of decided) noted.set(attemptName(id, attempt), (noted.get(attemptName(id, attempt)) ?? 0) + 1);
  return decisions.flatMap(({ mutationId, attempt, as, by }) => {
    const name = attemptName(mutationId, attempt);
    const left = noted.get(name) ?? 0;
    noted.set(name, left - 1);
    return left > 0 ? [] : [`${by} decided "${as}" on ${name} when it was no longer the newest`];
  });
}

function attemptName(mutationId: string, attempt: number): string {
  return `${mutationId} attempt ${attempt}`;
}

/** Law 7. Ids are given out once for all shops, so one that is met elsewhere has strayed. */
export function judgeShops({ shops, truth, orders, changes, entries, misplaced, redisKeys, calls }: Evidence): string[] {
  const homes = new Map<string, string>();
  for (const { shop, catalogue } of shops) {
    for (const { inventoryItemId } of [...catalogue.plain, ...catalogue.bundles]) homes.set(tail(inventoryItemId), shop);
    for (const location of catalogue.locations) homes.set(tail(location), shop);
    for (const { orderId } of orders.get(shop) ?? []) homes.set(tail(orderId), shop);
  }
  const strays = (where: string, shop: string, ids: readonly (string | null)[]) =>
    ids.flatMap((id) => {
      const home = id === null ? shop : (homes.get(tail(id)) ?? shop);
      return home === shop ? [] : [`${where} of ${shop} names ${id} of ${home}`];
    });
  return [
    ...misplaced,
    ...changes.flatMap((row) => strays("a change", row.shop, [row.order_id, row.inventory_item_id, row.location_id])),
    ...entries.flatMap((row) => strays("a call", row.shop, [row.inventory_item_id, row.location_id])),
    ...calls.flatMap((call) => call.entries.flatMap((entry) => strays("a request", call.shop, [entry.inventoryItemId, entry.locationId]))),
    ...[...truth].flatMap(([shop, written]) => written.flatMap((entry) => strays("the truth", shop, [entry.inventoryItemId, entry.locationId]))),
    ...redisKeys.flatMap((key) => strays("a key", /\{([^}]+\.myshopify\.com)\}/.exec(key)?.[1] ?? "", /stock\/(\d+)\/(\d+)/.exec(key)?.slice(1) ?? [])),
  ];
}

/** Every applied change has one entry of the audit trail with its delta, every parked one at least one that says so. */
export function judgeAudit({ changes, audit }: Evidence): string[] {
  const told = Map.groupBy(audit, ({ change_id: id }) => id);
  return changes.flatMap(({ id, state, delta }) => {
    const applied = (told.get(id) ?? []).filter(({ kind }) => kind === "change_applied");
    const wanted = state === "applied" ? 1 : 0;
    if (applied.length !== wanted) return [`change ${id} is ${state} and told as applied ${applied.length} times`];
    if (applied.some((entry) => entry.delta !== delta)) return [`change ${id} moved ${delta} and is told with another number`];
    const silent = state === "parked" && !(told.get(id) ?? []).some(({ kind }) => kind === "change_parked");
    return silent ? [`change ${id} is parked and the audit trail does not say so`] : [];
  });
}

/** A change may be parked when Shopify refused its call; nothing else in a storm needs a person. */
export function judgeParked({ changes, calls }: Evidence): string[] {
  const refused = new Set(calls.filter(({ fault }) => fault === "user_error").map(({ key }) => key));
  return changes
    .filter(({ state, key, outcome_unknown: unknown }) => state === "parked" && (unknown || key === null || !refused.has(key)))
    .map(({ id, reason, order_id: order, key }) => `change ${id} of order ${order ?? "-"} is parked: ${reason ?? "no reason"} (call ${key ?? "none"})`);
}
