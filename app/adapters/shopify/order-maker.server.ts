// Creates an order for a reservation, and looks for one whose answer was lost. Nothing of an order's content is kept, logged or read back.
import { z } from "zod";

import { buildOrder } from "#app/domain/reservations/order-input.ts";
import type { AdminApi, AdminFailure, RequestCost } from "#app/ports/admin-api.ts";
import type { FindOrderResult, MakeOrderRequest, MakeOrderResult, OrderMaker } from "#app/ports/order-maker.ts";
import type { ReadContext } from "#app/ports/shopify-orders.ts";

import { classifyFaults } from "./admin-answer.ts";
import { CREATE_ORDER, DEFINE_RESERVATION, FIND_ORDER, RESERVATION_DEFINITION, RESERVATION_METAFIELD } from "./documents/order-maker.ts";
import { gidOf } from "./gid-schema.ts";
import { addCost, sendRead } from "./read-request.server.ts";

/** Shopify's price of a mutation; at first use the definition is made, or looked at, before it. */
const MUTATION_COST = 10;
const DEFINITION_COST = 3;
const FIND_COST = 2;
/** What Shopify cannot do now is asked again after this. */
const LATER_MS = 5_000;

const definedSchema = z.object({
  metafieldDefinitionCreate: z.object({ createdDefinition: z.object({ id: z.string() }).nullable(), userErrors: z.array(z.object({ code: z.string().nullable(), message: z.string() })) }),
});
const definitionSchema = z.object({
  metafieldDefinition: z.object({ type: z.object({ name: z.string() }), capabilities: z.object({ uniqueValues: z.object({ enabled: z.boolean() }) }) }).nullable(),
});
const createdSchema = z.object({
  orderCreate: z.object({
    order: z.object({ id: gidOf("Order") }).nullable(),
    userErrors: z.array(z.object({ code: z.string().nullable(), field: z.array(z.string()).nullable(), message: z.string() })),
  }).nullable(),
});
const foundSchema = z.object({ orderByIdentifier: z.object({ id: gidOf("Order") }).nullable() });

type UserErrors = Extract<MakeOrderResult, { kind: "refused" }>["errors"];
type Defined = { readonly kind: "defined"; readonly cost: RequestCost | null } | Extract<MakeOrderResult, { kind: "refused" | "not_sent" }>;

export function createOrderMaker(admin: AdminApi): OrderMaker {
  /** Lives of the app in which uniqueness was seen. It is asked for again by each process, which costs one call, and by each new life. */
  const defined = new Set<bigint>();
  return {
    limits: { createCost: 2 * MUTATION_COST + DEFINITION_COST, findCost: FIND_COST },
    async create(context, request) {
      const built = buildOrder({ reservationId: request.reservationId, held: request.lines, wanted: request.order, metafield: RESERVATION_METAFIELD });
      if (built.kind === "faults") return { kind: "refused", errors: built.faults, cost: null };
      if (defined.has(request.installId)) return send(admin, context, request, built, null);
      // Without unique values nothing would keep a second order out: first them, then the order.
      const definition = await defineOnce(admin, context);
      if (definition.kind !== "defined") return definition;
      defined.add(request.installId);
      return send(admin, context, request, built, definition.cost);
    },
    find: (context, reservationId) => find(admin, context, reservationId),
  };
}

async function defineOnce(admin: AdminApi, context: ReadContext): Promise<Defined> {
  const definition = { ...RESERVATION_METAFIELD, name: "Holdfast reservation", description: "The reservation that this order's units were held for.", ownerType: "ORDER", capabilities: { uniqueValues: { enabled: true } } };
  const made = await sendRead(admin, context, { document: DEFINE_RESERVATION, variables: { definition }, schema: definedSchema });
  if (made.kind !== "ok") return nothingCreated(made);
  const { createdDefinition, userErrors } = made.value.metafieldDefinitionCreate;
  if (createdDefinition !== null) return { kind: "defined", cost: made.cost };
  const [error] = userErrors;
  if (error?.code !== "TAKEN") return notSent(`the metafield's definition was refused: ${error?.code ?? "UNKNOWN"}`);
  const { namespace, key } = RESERVATION_METAFIELD;
  const standing = await sendRead(admin, context, { document: RESERVATION_DEFINITION, variables: { identifier: { ownerType: "ORDER", namespace, key } }, schema: definitionSchema });
  if (standing.kind !== "ok") return nothingCreated(standing);
  const unique = standing.value.metafieldDefinition;
  if (unique?.type.name !== RESERVATION_METAFIELD.type || !unique.capabilities.uniqueValues.enabled) return notSent("the metafield's definition has no unique values");
  return { kind: "defined", cost: addCost(made.cost, standing.cost) };
}

async function send(admin: AdminApi, context: ReadContext, request: MakeOrderRequest, { order, sendReceipt }: { order: Readonly<Record<string, unknown>>; sendReceipt: boolean }, spent: RequestCost | null): Promise<MakeOrderResult> {
  // Shopify takes the units itself, although a stranger may have the last one: the promise was made and paid for.
  const options = { inventoryBehaviour: "DECREMENT_IGNORING_POLICY", sendReceipt };
  let overtaken = false;
  const leaves = async (): Promise<boolean> => {
    overtaken = (await request.leaves?.()) === false;
    return !overtaken;
  };
  const result = await admin.send({ ...context, document: CREATE_ORDER, variables: { order, options }, leaves, mayStillSend: request.mayStillSend });
  if (overtaken) return { kind: "overtaken" };
  if (result.kind !== "ok") return orderFailed(result);
  const cost = addCost(spent, result.cost);
  const parsed = createdSchema.safeParse(result.data);
  if (!parsed.success) return { kind: "unknown", cause: "the answer to orderCreate cannot be read" };
  const payload = parsed.data.orderCreate;
  if (payload === null) return orderFailed(classifyFaults(result.faults, result.cost));
  if (payload.order !== null) return { kind: "created", orderId: payload.order.id, cost };
  if (payload.userErrors.length === 0) return { kind: "unknown", cause: "neither an order nor an error" };
  return isOurMetafield(payload.userErrors) ? { kind: "exists", cost } : { kind: "refused", errors: payload.userErrors, cost };
}

/**
 * How Shopify words that a unique value is taken is not documented. So any complaint about the reservation's own metafield, the first of
 * the order's, is taken for it: the order is then looked for, and not made again, which is the careful side.
 */
function isOurMetafield(errors: UserErrors): boolean {
  return errors.some(({ field }) => {
    const at = field?.indexOf("metafields") ?? -1;
    const index = at === -1 ? undefined : field?.[at + 1];
    return at !== -1 && (index === undefined || !/^[1-9][0-9]*$/.test(index));
  });
}

function orderFailed(failure: AdminFailure): MakeOrderResult {
  switch (failure.kind) {
    case "throttled":
      return failure.ran === "no" ? { kind: "not_sent", cause: "throttled", waitMs: failure.waitMs } : { kind: "unknown", cause: "throttled on the way" };
    case "unknown":
      return failure.stage === "not_sent" ? notSent(failure.cause) : { kind: "unknown", cause: withoutContent(failure.cause) };
    case "refused":
      return refusal(failure);
  }
}

/** The cause is stored and logged, and an answer that is quoted in it may quote what the customer typed: only its status is kept. */
function withoutContent(cause: string): string {
  return /^HTTP [0-9]{3}/.exec(cause)?.[0] ?? "no answer that can be read";
}

/** Of the calls before the order's own: whatever became of them, no order was created. */
function nothingCreated(failure: AdminFailure): Extract<MakeOrderResult, { kind: "refused" | "not_sent" }> {
  switch (failure.kind) {
    case "throttled":
      return { kind: "not_sent", cause: "throttled", waitMs: failure.waitMs };
    case "unknown":
      return notSent(failure.cause);
    case "refused":
      return refusal(failure);
  }
}

function refusal({ reason, message }: Extract<AdminFailure, { kind: "refused" }>): Extract<MakeOrderResult, { kind: "refused" | "not_sent" }> {
  switch (reason) {
    // Sent again as it is, it would be refused again.
    case "access_denied":
    case "invalid_query":
    case "max_cost":
      return { kind: "refused", errors: [{ code: reason.toUpperCase(), field: null, message }], cost: null };
    case "unauthorized":
    case "shop_inactive":
      return notSent(reason);
  }
}

function notSent(cause: string): Extract<MakeOrderResult, { kind: "not_sent" }> {
  return { kind: "not_sent", cause, waitMs: LATER_MS };
}

async function find(admin: AdminApi, context: ReadContext, reservationId: string): Promise<FindOrderResult> {
  const { namespace, key } = RESERVATION_METAFIELD;
  const answer = await sendRead(admin, context, { document: FIND_ORDER, variables: { identifier: { customId: { namespace, key, value: reservationId } } }, schema: foundSchema });
  switch (answer.kind) {
    case "ok": {
      const order = answer.value.orderByIdentifier;
      return order === null ? { kind: "absent", cost: answer.cost } : { kind: "found", orderId: order.id, cost: answer.cost };
    }
    case "throttled":
      return { kind: "unclear", cause: "throttled", waitMs: answer.waitMs };
    case "refused":
      return { kind: "unclear", cause: answer.reason, waitMs: LATER_MS };
    case "unknown":
      return { kind: "unclear", cause: answer.cause, waitMs: LATER_MS };
  }
}
