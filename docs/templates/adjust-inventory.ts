// Step 2, atomic mutations: stock changes by a delta under a key that was stored before the request left, and a lost answer is asked for again under the same key.
import type { Database } from "./database.ts";

/** What must happen to stock, once, whoever hears of it and how often. `key` says what it means, such as `order 1 line 2`. */
export interface Effect {
  readonly key: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
}

/** `admin.graphql` of `unauthenticated.admin(shop)`. Whatever it throws counts as no answer. */
export type AdminGraphql = (document: string, options: { readonly variables: Record<string, unknown> }) => Promise<{ json(): Promise<unknown> }>;

export type Applied =
  | { readonly kind: "applied" }
  /** Refused for good, or too old to be repeated: a person must look. */
  | { readonly kind: "parked"; readonly reason: string }
  /** Not now, or not known: the same again later, under the same key. */
  | { readonly kind: "later" }
  /** There is nothing to do, or somebody else does it. */
  | { readonly kind: "lost" };

/** Shopify forgets a key after 24 hours; from then on the same request would be a second effect. */
const KEY_LIFE_HOURS = 23;
/** The request may have taken effect, or will be answered when it is asked for again. */
const NOT_NOW = new Set(["IDEMPOTENCY_CONCURRENT_REQUEST", "SERVICE_UNAVAILABLE", "THROTTLED"]);

const ADJUST = `#graphql
  mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup { id }
      userErrors { code message }
    }
  }`;

/** Writes the effects down. What is known by its key already is left as it is: that is what makes a second webhook harmless. */
export async function planEffects(database: Database, shop: string, effects: readonly Effect[]): Promise<void> {
  for (const { key, inventoryItemId, locationId, delta } of effects) {
    await database.query(
      `INSERT INTO stock_effects (shop, effect_key, inventory_item_id, location_id, delta) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop, effect_key) DO NOTHING`,
      [shop, key, inventoryItemId, locationId, delta],
    );
  }
}

/** Sends one effect and books what came back. Safe to call again at any time, from any process. */
export async function applyEffect(database: Database, admin: AdminGraphql, shop: string, effectKey: string): Promise<Applied> {
  // Committed before the request leaves: a process that dies from here on is followed by one that sends the same.
  const [claim] = await database.query<Claim>(
    `UPDATE stock_effects SET attempt = attempt + 1, first_sent_at = coalesce(first_sent_at, now()) WHERE shop = $1 AND effect_key = $2 AND state = 'waiting'
     RETURNING id, attempt, idempotency_key, inventory_item_id, location_id, delta, first_sent_at < now() - make_interval(hours => $3) AS too_old`,
    [shop, effectKey, KEY_LIFE_HOURS],
  );
  if (claim === undefined) return { kind: "lost" };
  if (claim.too_old) return await park(database, claim, "its outcome is unknown, and Shopify may have forgotten its key");
  const answer = await send(admin, claim);
  if (answer.kind === "applied") {
    // A fact: whoever hears of it books it, also one whose lock was lost meanwhile.
    await database.query(`UPDATE stock_effects SET state = 'applied', reason = NULL WHERE id = $1`, [claim.id]);
    return answer;
  }
  return answer.kind === "parked" ? await park(database, claim, answer.reason) : answer;
}

interface Claim {
  readonly id: string;
  readonly attempt: number;
  readonly idempotency_key: string;
  readonly inventory_item_id: string;
  readonly location_id: string;
  readonly delta: number;
  readonly too_old: boolean;
}

/** A decision, so it wants the newest attempt: an older sender's refusal says nothing about what its successor does. */
async function park(database: Database, { id, attempt }: Claim, reason: string): Promise<Applied> {
  const parked = await database.query(`UPDATE stock_effects SET state = 'parked', reason = $3 WHERE id = $1 AND attempt = $2 AND state = 'waiting' RETURNING id`, [id, attempt, reason]);
  return parked.length === 1 ? { kind: "parked", reason } : { kind: "lost" };
}

async function send(admin: AdminGraphql, claim: Claim): Promise<Exclude<Applied, { kind: "lost" }>> {
  // A delta, and on purpose no `changeFromQuantity`: it is right whatever else sells meanwhile. Passing it is required, null says "do not compare".
  const change = { inventoryItemId: claim.inventory_item_id, locationId: claim.location_id, delta: claim.delta, changeFromQuantity: null };
  const input = { name: "available", reason: "correction", referenceDocumentUri: `gid://my-app/StockEffect/${claim.id}`, changes: [change] };
  let body: Answer;
  try {
    body = (await (await admin(ADJUST, { variables: { input, key: claim.idempotency_key } })).json()) as Answer;
  } catch {
    return { kind: "later" };
  }
  const payload = body.data?.inventoryAdjustQuantities;
  if (payload?.inventoryAdjustmentGroup) return { kind: "applied" };
  const codes = (payload?.userErrors ?? []).map(({ code, message }) => code ?? message);
  if (codes.length === 0 || codes.some((code) => NOT_NOW.has(code))) return { kind: "later" };
  return { kind: "parked", reason: codes.join(", ") };
}

interface Answer {
  readonly data?: {
    readonly inventoryAdjustQuantities?: {
      readonly inventoryAdjustmentGroup: { readonly id: string } | null;
      readonly userErrors: readonly { readonly code: string | null; readonly message: string }[];
    } | null;
  } | null;
}
