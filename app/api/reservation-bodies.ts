// Bodies of requests about reservations: checked whole, every fault named, ids turned into decimal strings.

import { z } from "zod";

import { type GidKind, readId } from "#app/domain/gid.ts";

import { BODY_BYTES_MAX, readJsonBody } from "./read-json-body.ts";
import { errorResponse } from "./respond.ts";

export const RESERVATION_LIMITS = {
  linesMax: 100,
  /** Units of one line; a hundred lines of it stay within what PostgreSQL counts. */
  quantityMax: 1_000_000,
  textLengthMax: 255,
  /** Whatever the shop's own limit is. */
  ttlSecondsMax: 86_400,
  faultsMax: 100,
} as const;

/** As stored and compared: no control characters (PostgreSQL refuses NUL), no half characters, 1 to 255. */
const text = z
  .string()
  .min(1)
  .max(RESERVATION_LIMITS.textLengthMax)
  .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), "contains a character that cannot be stored");

function idOf(kind: GidKind) {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    // A number beyond 2^53 was read as its text, so none of its digits is lost.
    const id = readId(kind, String(value));
    if (id !== null) return id;
    context.addIssue({ code: "custom", message: `must be the id of a ${kind}: a number or gid://shopify/${kind}/…` });
    return z.NEVER;
  });
}

const ttlSeconds = z.int().min(1).max(RESERVATION_LIMITS.ttlSecondsMax);

const line = z
  .strictObject({
    inventoryItemId: idOf("InventoryItem").nullish(),
    variantId: idOf("ProductVariant").nullish(),
    sku: text.nullish(),
    locationId: idOf("Location").nullish(),
    quantity: z.int().min(1).max(RESERVATION_LIMITS.quantityMax),
  })
  .transform(({ inventoryItemId = null, variantId = null, sku = null, locationId = null, quantity }, context) => {
    const names = [inventoryItemId, variantId, sku].filter((name) => name !== null);
    if (names.length !== 1) context.addIssue({ code: "custom", message: "must name the item by exactly one of inventoryItemId, variantId and sku" });
    return { inventoryItemId, variantId, sku, locationId, quantity };
  });

export const reserveBody = z.strictObject({
  idempotencyKey: text,
  lines: z.array(line).min(1).max(RESERVATION_LIMITS.linesMax),
  ttlSeconds: ttlSeconds.nullish().transform((value) => value ?? null),
  reference: text.nullish().transform((value) => value ?? null),
});

export const extendBody = z.strictObject({ ttlSeconds });

export const commitBody = z
  .strictObject({
    orderId: idOf("Order").nullish().transform((value) => value ?? null),
    /** Shopify's `OrderCreateOrderInput`; what of it may be set is judged where it is sent. */
    createOrder: z.record(z.string(), z.unknown()).nullish().transform((value) => value ?? null),
    paymentReference: text.nullish().transform((value) => value ?? null),
  })
  .refine(({ orderId, createOrder }) => orderId === null || createOrder === null, { path: ["createOrder"], message: "cannot be given together with orderId: the order is there already" });

export const releaseBody = z.strictObject({});

export type BodyResult<Value> = { readonly kind: "ok"; readonly value: Value } | { readonly kind: "refused"; readonly response: Response };

/** `emptyAs`: what no body at all stands for; without it a body is needed. */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema, emptyAs?: unknown): Promise<BodyResult<z.output<Schema>>> {
  const body = await readJsonBody(request, BODY_BYTES_MAX, emptyAs);
  if (body.kind === "too_large") return { kind: "refused", response: errorResponse("payload_too_large", `The body may have at most ${BODY_BYTES_MAX} bytes.`) };
  if (body.kind === "invalid_json") return { kind: "refused", response: errorResponse("invalid_json", "The body is not valid JSON in UTF-8.") };
  const parsed = schema.safeParse(body.value);
  if (parsed.success) return { kind: "ok", value: parsed.data };
  return { kind: "refused", response: invalidRequest(parsed.error.issues.slice(0, RESERVATION_LIMITS.faultsMax).map(({ path, code, message }) => ({ path: pathText(path), code, message: message.slice(0, RESERVATION_LIMITS.textLengthMax) }))) };
}

export interface RequestFault {
  /** As `lines[0].quantity`; empty for the body itself. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export function invalidRequest(faults: readonly RequestFault[]): Response {
  return errorResponse("invalid_request", "Nothing was done; each fault says where and why.", { faults });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, step) => (typeof step === "number" ? `${whole}[${step}]` : whole === "" ? String(step) : `${whole}.${String(step)}`), "").slice(0, RESERVATION_LIMITS.textLengthMax);
}
