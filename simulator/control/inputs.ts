// What the control API accepts: one schema per action, with the defaults of the contract.
import { z } from "zod";
import { RequestError } from "../http/router.ts";
import { recordedRequests } from "../webhooks/recording.ts";
import { PLANS, WRITE_KINDS } from "../world/state.ts";

const id = z.string().min(1);
const units = z.int();
const positive = z.int().positive();

/** Left out: yes, yes, no. */
const locationFlags = { fulfillsOnlineOrders: z.boolean().optional(), shipsInventory: z.boolean().optional(), fulfilmentService: z.boolean().optional() };

export const shopInput = z.object({
  shop: z.string().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, "must be <name>.myshopify.com"),
  plan: z.enum(PLANS).default("standard"),
  locations: z.array(z.object({ name: z.string().min(1), ...locationFlags })).min(1).default([{ name: "Main warehouse" }]),
  timezone: z.string().default("America/New_York"),
  currency: z.string().length(3).default("USD"),
  /** Ids beyond 2^53. */
  bigIds: z.boolean().default(false),
});

export const installInput = z.object({ scopes: z.array(z.string()).default([]), flowTriggers: z.array(z.string()).optional() });
export const scopesInput = z.object({ granted: z.array(z.string()) });
export const staffInput = z.object({ id: z.string().regex(/^\d+$/), accountOwner: z.boolean().default(false), scopes: z.array(z.string()) });
export const sessionTokenInput = z.object({ staff: z.string().regex(/^\d+$/).optional() });

export const productInput = z.object({
  title: z.string().min(1),
  /** It was made this long ago, and its stock stood since then as it does. */
  agoMs: z.int().nonnegative().default(0),
  giftCard: z.boolean().default(false),
  /** Plans by which the product may be bought. */
  sellingPlans: z
    .array(z.object({ name: z.string().min(1), category: z.enum(["OTHER", "PRE_ORDER", "SUBSCRIPTION", "TRY_BEFORE_YOU_BUY"]), reserve: z.enum(["ON_SALE", "ON_FULFILLMENT"]).default("ON_SALE") }))
    .default([]),
  variants: z
    .array(
      z.object({
        sku: z.string(),
        title: z.string().default("Default Title"),
        price: z.string().default("20.00"),
        tracked: z.boolean().default(true),
        requiresShipping: z.boolean().default(true),
        inventoryPolicy: z.enum(["DENY", "CONTINUE"]).default("DENY"),
        requiresComponents: z.boolean().default(false),
        components: z.array(z.object({ variantId: id, quantity: positive })).default([]),
        levels: z.array(z.object({ locationId: id, available: units })).default([]),
      }),
    )
    .min(1),
});

export const itemUpdateInput = z.object({ inventoryItemId: id, tracked: z.boolean().optional(), sku: z.string().optional() });
const writing = { writer: z.string().min(1), kind: z.enum(WRITE_KINDS).optional(), seenSeq: z.int().nonnegative().optional() };
export const levelSetInput = z.object({ inventoryItemId: id, locationId: id, available: units, ...writing });
export const levelAdjustInput = z.object({ inventoryItemId: id, locationId: id, delta: units, ...writing });
export const levelInput = z.object({ inventoryItemId: id, locationId: id });
export const locationInput = z.object({ locationId: id });
export const locationUpdateInput = z.object({ locationId: id, active: z.boolean().optional(), fulfillsOnlineOrders: z.boolean().optional(), shipsInventory: z.boolean().optional() });

export const orderInput = z.object({
  channel: z.enum(["web", "pos", "draft", "subscription", "api"]),
  sourceName: z.string().optional(),
  appId: z.string().regex(/^\d+$/).optional(),
  inventoryBehaviour: z.enum(["BYPASS", "DECREMENT_IGNORING_POLICY", "DECREMENT_OBEYING_POLICY"]).default("BYPASS"),
  lines: z.array(
    z.object({ variantId: id, quantity: positive, properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]), sellingPlanId: id.optional() }),
  ),
  locationId: id.optional(),
  paid: z.boolean().default(true),
  test: z.boolean().default(false),
  createdAt: z.iso.datetime({ offset: true }).optional(),
  /** In the past with channel `pos`: the till was offline, and the sale is not refused for stock. */
  processedAt: z.iso.datetime({ offset: true }).optional(),
  pickedUp: z.boolean().default(false),
  /** What the checkout wrote on the order: `note_attributes` of its webhooks. */
  attributes: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  note: z.string().optional(),
});
export const offlineSaleInput = z.object({
  lines: orderInput.shape.lines,
  locationId: id.optional(),
  /** Simulated time from the sale until the till is online again. */
  forMs: z.number().nonnegative().default(3_600_000),
  pickedUp: z.boolean().default(true),
});
export const draftInput = z.object({ lines: z.array(z.object({ variantId: id, quantity: positive })).min(1), reserveForMs: z.number().positive().optional() });
export const completeDraftInput = z.object({ paid: z.boolean().default(true) });
export const bulkOrdersInput = z.object({ orders: z.array(orderInput).max(10_000) });

export const editInput = z.object({
  setQuantities: z.array(z.object({ lineItemId: id, quantity: z.int().nonnegative(), restock: z.boolean().default(true) })).default([]),
  add: z.array(z.object({ variantId: id, quantity: positive })).default([]),
});
export const cancelInput = z.object({ restock: z.boolean().default(true) });
export const refundInput = z.object({
  lines: z.array(z.object({ lineItemId: id, quantity: positive, restockType: z.enum(["no_restock", "cancel", "return"]) })).min(1),
  locationId: id.optional(),
});
export const fulfilInput = z.object({ lines: z.array(z.object({ lineItemId: id, quantity: positive })).optional() });
export const moveInput = z.object({ locationId: id });

const rate = z.number().min(0).max(1);
export const webhookPlanInput = z.object({
  seed: z.int().default(1),
  /** `copies`: how many times more the same delivery is sent. */
  duplicates: z.object({ rate, copies: z.int().min(1).max(20) }).optional(),
  late: z.object({ rate, delayMs: z.number().nonnegative() }).optional(),
  reorder: z.object({ rate, withinMs: z.number().nonnegative() }).optional(),
  loss: z.object({ rate }).optional(),
});

export const handMadeWebhookInput = z.object({
  shop: z.string(),
  topic: z.string(),
  payload: z.unknown().optional(),
  /** Sent byte for byte instead of `payload`. */
  rawBody: z.string().optional(),
  /** Sent after decoding, for bytes that are no text. */
  rawBodyBase64: z.string().optional(),
  /** Replace the usual headers by name; null leaves one out. */
  headers: z.record(z.string(), z.string().nullable()).default({}),
  secret: z.string().optional(),
  path: z.string().optional(),
  method: z.string().default("POST"),
});
export const routeInput = z.object({ url: z.url().nullable() });
export const appInput = z.object({ url: z.url() });
export const replayInput = z
  .object({
    /** As they were recorded, or the text of a recording. */
    requests: recordedRequests.optional(),
    recording: z.string().optional(),
    order: z.enum(["recorded", "triggered", "reversed", "shuffled"]).default("recorded"),
    speed: z.number().nonnegative().max(100_000).default(0),
    concurrency: z.int().min(1).max(200).default(10),
    copies: z.int().min(1).max(20).default(1),
    seed: z.int().default(1),
    shop: z.string().optional(),
    path: z.string().optional(),
    secret: z.string().optional(),
  })
  .refine(({ requests, recording }) => (requests === undefined) !== (recording === undefined), "either requests or recording");
export const drainInput = z.object({
  /** Jump the clock to the next waiting delivery whenever nothing else is to do. */
  skipAhead: z.boolean().default(false),
});

export const FAULT_KINDS = [
  "before_commit",
  "after_commit",
  "slow",
  "silent",
  "held",
  "http_429",
  "throttled",
  "http_5xx",
  "http_status",
  "html",
  "half_body",
  "cut",
  "token_revoked",
  "user_error",
  "errors_beside",
  "bulk_fails",
  "bulk_never_ends",
  "bulk_expires",
] as const;
export const faultInput = z.object({
  boundary: z.string().min(1),
  kind: z.enum(FAULT_KINDS),
  times: z.int().positive().default(1),
  /** Real milliseconds. */
  delayMs: z.number().nonnegative().default(1_000),
  shop: z.string().optional(),
  /** user_error: the code; http_5xx and http_status: the status. */
  code: z.union([z.string(), z.number()]).optional(),
  /** user_error: the entry blamed; null blames none. */
  index: z.int().nonnegative().nullable().default(0),
  /** Whether the operation takes effect before the fault shows; the kind's own default otherwise. */
  committed: z.boolean().optional(),
});

export const bulkSettingsInput = z.object({
  startAfterMs: z.number().nonnegative().optional(),
  objectsPerSecond: z.number().positive().optional(),
  cancelAfterMs: z.number().nonnegative().optional(),
});
export const heldInput = z.object({ shop: z.string().optional() });
export const latencyInput = z.object({ graphqlMs: z.number().nonnegative() });
export const clockInput = z.object({ scale: z.number().positive().max(100_000).optional(), advanceMs: z.number().nonnegative().optional() });
export const assumptionsInput = z.record(z.string(), z.unknown());
export const restoreInput = z.object({ id: z.string() });
export const complianceInput = z.object({ topic: z.enum(["customers/data_request", "customers/redact", "shop/redact"]) });

/** Reads an input with its defaults; what does not fit is refused with the place and the reason. */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const message = result.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`).join("; ");
  throw new RequestError(422, "invalid_input", message);
}
