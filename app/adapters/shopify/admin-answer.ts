// Reads one answer of the Admin API, in all the shapes it may have, into the port's union; pure, so that every shape has its test.
import { z } from "zod";

import type { AdminFailure, AdminResult, GraphqlFault, RefusalReason, RequestCost } from "#app/ports/admin-api.ts";

export interface HttpAnswer {
  status: number;
  header(name: string): string | null;
  text: string;
}

/** Shopify's advice is one second; also the least after a refusal that names no time. */
export const THROTTLE_WAIT_MIN_MS = 1_000;
/** A Retry-After beyond this is taken for a mistake. */
const THROTTLE_WAIT_MAX_MS = 60_000;
/** 430 is Shopify's answer to clients it finds suspicious; hammering on makes it worse. */
const SECURITY_WAIT_MS = 30_000;
const QUOTED_CHARS_MAX = 200;

// Ids travel as gid strings and GraphQL's Int has 32 bits, so plain JSON.parse loses nothing here; the webhooks' REST bodies are another matter.
const bodySchema = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  // REST-shaped refusals carry a string or an object here.
  errors: z.unknown().optional(),
  error: z.unknown().optional(),
  extensions: z.looseObject({ cost: z.unknown().optional() }).nullish(),
});

const faultsSchema = z.array(
  z.looseObject({
    message: z.string(),
    locations: z.array(z.unknown()).optional(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
    extensions: z.looseObject({ code: z.string().optional() }).nullish(),
  }),
);

const costSchema = z.looseObject({
  requestedQueryCost: z.number(),
  actualQueryCost: z.number().nullish(),
  throttleStatus: z.looseObject({ maximumAvailable: z.number(), currentlyAvailable: z.number(), restoreRate: z.number() }),
});

const REFUSING_CODES: Readonly<Record<string, RefusalReason>> = {
  ACCESS_DENIED: "access_denied",
  UNAUTHORIZED: "unauthorized",
  SHOP_INACTIVE: "shop_inactive",
  MAX_COST_EXCEEDED: "max_cost",
  GRAPHQL_PARSE_FAILED: "invalid_query",
  GRAPHQL_VALIDATION_FAILED: "invalid_query",
  BAD_USER_INPUT: "invalid_query",
};

const REFUSING_STATUSES: Readonly<Record<number, RefusalReason>> = {
  400: "invalid_query",
  401: "unauthorized",
  402: "shop_inactive",
  403: "access_denied",
  404: "shop_inactive",
  406: "invalid_query",
  413: "invalid_query",
  415: "invalid_query",
  422: "invalid_query",
  423: "shop_inactive",
};

/**
 * Refusals with consequences: 403 switches a shop's protection off, 401 lets a shop's redaction take the app for gone. A proxy or CDN
 * answers with the same numbers, but says nothing about the app's access.
 */
const ACCESS_STATUSES: ReadonlySet<number> = new Set([401, 403]);

export function readAdminAnswer(answer: HttpAnswer): AdminResult {
  const body = parseBody(answer.text);
  const cost = body === null ? null : readCost(body.extensions?.cost);
  // "The request was not accepted": of Shopify's own 429 and 430 only. Whoever stands in between may have passed the request on before.
  const ran = saysErrors(body) ? "no" : "unclear";
  if (answer.status === 429) return { kind: "throttled", ran, waitMs: retryAfterMs(answer.header("retry-after")) ?? waitFromCost(cost), cost };
  if (answer.status === 430) return { kind: "throttled", ran, waitMs: retryAfterMs(answer.header("retry-after")) ?? SECURITY_WAIT_MS, cost };
  if (ACCESS_STATUSES.has(answer.status) && !saysErrors(body)) {
    return { kind: "unknown", stage: "sent", cause: `HTTP ${answer.status} that is not Shopify's: ${quote(answer.text)}` };
  }
  const refusal = REFUSING_STATUSES[answer.status];
  if (refusal !== undefined) return { kind: "refused", reason: refusal, message: `HTTP ${answer.status}: ${saidInBody(body, answer.text)}` };
  // A moved shop is not followed: the token would travel to wherever the answer points.
  if (answer.status >= 300 && answer.status < 400) return { kind: "refused", reason: "shop_inactive", message: `HTTP ${answer.status}: redirected to ${answer.header("location") ?? "nowhere"}` };
  if (answer.status !== 200) return { kind: "unknown", stage: "sent", cause: `HTTP ${answer.status}: ${quote(answer.text)}` };
  if (body === null) return { kind: "unknown", stage: "sent", cause: `not a JSON object: ${quote(answer.text)}` };
  return readGraphql(body, cost);
}

/**
 * What errors without usable data mean for the whole request. Empty `faults`: the answer held neither data nor errors. `began`: false when
 * the answer has no `data` at all, as of a request that was turned away before anything of it ran.
 */
export function classifyFaults(faults: readonly GraphqlFault[], cost: RequestCost | null, began = true): AdminFailure {
  if (faults.some((fault) => fault.code === "THROTTLED")) {
    // A limit of a resource may strike in the midst of a query; the bucket's own names no place and charges nothing.
    const atTheDoor = !began && (cost === null || cost.actual === null) && faults.every((fault) => fault.path === null);
    return { kind: "throttled", ran: atTheDoor ? "no" : "unclear", waitMs: waitFromCost(cost), cost };
  }
  const message = faults.map((fault) => fault.message).join("; ") || "neither data nor errors";
  for (const fault of faults) {
    const reason = fault.code === null ? undefined : REFUSING_CODES[fault.code];
    if (reason !== undefined) return { kind: "refused", reason, message };
  }
  return { kind: "unknown", stage: "sent", cause: message };
}

type Body = z.output<typeof bodySchema>;

function readGraphql(body: Body, cost: RequestCost | null): AdminResult {
  const { faults, inText } = readFaults(body.errors);
  const hasData = body.data !== null && body.data !== undefined && Object.values(body.data).some((value) => value !== null);
  if (hasData && body.data) return { kind: "ok", data: body.data, faults, cost };
  // `{ "data": { "x": null } }` without errors is an answer: there is no x.
  if (body.data && faults.length === 0) return { kind: "ok", data: body.data, faults, cost };
  // Without even a `data` key, faults of the query's text mean that nothing ran.
  if (body.data === undefined && inText) return { kind: "refused", reason: "invalid_query", message: faults.map((fault) => fault.message).join("; ") };
  // A refusal deeper inside says nothing about the field above it: a mutation may have run and only its answer been withheld.
  return classifyFaults(faults.map((fault) => (fault.path?.includes(".") === true ? { ...fault, code: null } : fault)), cost, body.data !== undefined);
}

/** `inText`: every fault is about the query or its variables as written, found before anything ran. */
function readFaults(errors: unknown): { faults: GraphqlFault[]; inText: boolean } {
  if (errors === undefined || errors === null) return { faults: [], inText: false };
  const parsed = faultsSchema.safeParse(errors);
  if (!parsed.success) return { faults: [{ message: quote(typeof errors === "string" ? errors : JSON.stringify(errors)), code: null, path: null }], inText: false };
  const faults = parsed.data.map((fault) => ({ message: fault.message, code: fault.extensions?.code ?? null, path: fault.path?.join(".") ?? null }));
  return { faults, inText: parsed.data.length > 0 && parsed.data.every(isFaultOfText) };
}

/** Shopify's validator names the operation as the first step of the path ("query Name") and uses camel-case codes (undefinedField). */
function isFaultOfText(fault: z.output<typeof faultsSchema>[number]): boolean {
  const code = fault.extensions?.code;
  if (code !== undefined) return code === "INVALID_VARIABLE" || /^[a-z]+([A-Z][a-z]*)+$/.test(code);
  if (fault.path !== undefined) return /^(query|mutation)\b/.test(String(fault.path[0]));
  return fault.locations !== undefined;
}

function readCost(value: unknown): RequestCost | null {
  const parsed = costSchema.safeParse(value);
  if (!parsed.success) return null;
  const { requestedQueryCost, actualQueryCost, throttleStatus } = parsed.data;
  return {
    requested: requestedQueryCost,
    actual: actualQueryCost ?? null,
    throttleStatus: {
      maximumAvailable: throttleStatus.maximumAvailable,
      currentlyAvailable: throttleStatus.currentlyAvailable,
      restoreRate: throttleStatus.restoreRate,
    },
  };
}

function waitFromCost(cost: RequestCost | null): number {
  if (cost === null || cost.throttleStatus.restoreRate <= 0) return THROTTLE_WAIT_MIN_MS;
  const missing = cost.requested - cost.throttleStatus.currentlyAvailable;
  const waitMs = Math.ceil((missing / cost.throttleStatus.restoreRate) * 1_000);
  return Math.min(THROTTLE_WAIT_MAX_MS, Math.max(THROTTLE_WAIT_MIN_MS, waitMs));
}

/** Seconds, with decimals as Shopify writes them ("2.0"). Anything else is ignored. */
function retryAfterMs(value: string | null): number | null {
  if (value === null || !/^[0-9]+(\.[0-9]+)?$/.test(value.trim())) return null;
  return Math.min(THROTTLE_WAIT_MAX_MS, Math.max(THROTTLE_WAIT_MIN_MS, Math.ceil(Number(value) * 1_000)));
}

function parseBody(text: string): Body | null {
  try {
    const parsed = bodySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Shopify's refusals are JSON with `errors`; a page, an empty body or another service's JSON are not. */
function saysErrors(body: Body | null): boolean {
  return body?.errors !== undefined && body.errors !== null;
}

function saidInBody(body: Body | null, text: string): string {
  const said = body?.errors ?? body?.error;
  if (said === undefined || said === null) return quote(text);
  return quote(typeof said === "string" ? said : JSON.stringify(said));
}

function quote(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > QUOTED_CHARS_MAX ? `${flat.slice(0, QUOTED_CHARS_MAX)}…` : flat || "(empty)";
}
