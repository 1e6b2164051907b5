// How the HTTP API answers: JSON always, never cached, errors in one shape.

/** Every error code of /api/v1 so far; docs/reference/api.md explains each. */
export type ApiErrorCode =
  | "unauthorized"
  | "not_found"
  | "method_not_allowed"
  | "payload_too_large"
  | "invalid_json"
  | "invalid_parameter"
  | "invalid_cursor"
  | "invalid_settings"
  | "settings_conflict"
  | "rate_limited"
  | "shopify_unavailable"
  | ReservationErrorCode
  | "busy"
  | "internal_error";

export type ReservationErrorCode =
  | "invalid_request"
  | "unknown_item"
  | "sku_ambiguous"
  | "bundle_refused"
  | "unknown_location"
  | "location_inactive"
  | "location_needed"
  | "insufficient_stock"
  | "idempotency_key_reuse"
  | "limit_exceeded"
  | "stock_unconfirmed"
  | "try_again"
  | "reservation_committed"
  | "reservation_released"
  | "reservation_expired"
  | "order_not_allowed"
  | "order_refused"
  | "order_not_sent";

const STATUS: Readonly<Record<ApiErrorCode, number>> = {
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  invalid_json: 400,
  invalid_parameter: 400,
  invalid_cursor: 400,
  invalid_settings: 422,
  settings_conflict: 409,
  rate_limited: 429,
  shopify_unavailable: 503,
  invalid_request: 422,
  unknown_item: 422,
  sku_ambiguous: 422,
  bundle_refused: 422,
  unknown_location: 422,
  location_inactive: 422,
  location_needed: 422,
  insufficient_stock: 409,
  idempotency_key_reuse: 409,
  limit_exceeded: 409,
  stock_unconfirmed: 503,
  try_again: 503,
  reservation_committed: 409,
  reservation_released: 409,
  reservation_expired: 409,
  order_not_allowed: 409,
  order_refused: 422,
  order_not_sent: 503,
  busy: 503,
  internal_error: 500,
};

const HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

/** 64-bit integers must be turned into strings before they get here; a stray one throws. */
export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: HEADERS });
}

export function errorResponse(
  code: ApiErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ error: { code, message, details } }), { status: STATUS[code], headers: { ...HEADERS, ...headers } });
}
