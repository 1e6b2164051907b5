// Shopify's memory of idempotency keys: 24 hours, per app and shop, bound to the parameters of the first request.
import { createHash } from "node:crypto";
import { quantityOf } from "../../world/inventory.ts";
import type { GraphContext, RootCall } from "../context.ts";
import type { InventoryPayload } from "./adjustment-group.ts";

export const KEY_LIFE_MS = 24 * 3_600_000;

export function performOnce(context: GraphContext, call: RootCall, codes: string, perform: () => InventoryPayload): InventoryPayload {
  const { key } = call;
  if (key === null || !context.world.assumptions.keysHonoured) return perform();
  if (call.concurrent) return refuse(context, codes, "IDEMPOTENCY_CONCURRENT_REQUEST");
  const { shop, world } = context;
  const nowMs = world.clock.nowMs();
  const fingerprint = fingerprintOf(call);
  const known = shop.idempotency.get(key);
  if (known && nowMs - known.recordedAtMs < KEY_LIFE_MS) {
    if (known.fingerprint !== fingerprint) return refuse(context, codes, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    if (known.outcome.kind === "failed") return refuse(context, codes, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED");
    return replay(context, known.outcome.payload as InventoryPayload);
  }
  const payload = perform();
  const refused = payload.userErrors.length > 0 && payload.inventoryAdjustmentGroup === null;
  const idle = payload.userErrors.length === 0 && payload.inventoryAdjustmentGroup === null;
  if (idle && !world.assumptions.noOpBindsKey) return payload;
  if (refused && world.assumptions.userErrorsUnderKey === "forgotten") return payload;
  const failed = refused && world.assumptions.userErrorsUnderKey === "previous_attempt_failed";
  shop.idempotency.set(key, { fingerprint, recordedAtMs: nowMs, outcome: failed ? { kind: "failed" } : { kind: "result", payload } });
  return payload;
}

function replay({ shop, world }: GraphContext, payload: InventoryPayload): InventoryPayload {
  const group = payload.inventoryAdjustmentGroup;
  if (group === null || !world.assumptions.replayShowsPresent) return payload;
  const changes = group.changes.map((change) => ({ ...change, after: quantityOf(shop, change.itemId, change.locationId, change.name) }));
  return { ...payload, inventoryAdjustmentGroup: { ...group, changes } };
}

function refuse(context: GraphContext, codes: string, code: string): InventoryPayload {
  return { inventoryAdjustmentGroup: null, userErrors: [{ code, field: null, message: context.admin.errorText(codes, code) }] };
}

function fingerprintOf(call: RootCall): string {
  return createHash("sha256").update(call.fieldName).update(canonical(call.args)).digest("base64");
}

/** The same parameters in another order are the same parameters. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}
