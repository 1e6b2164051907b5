// Holds how every shape of answer that Shopify's Admin API is known to give is understood; a wrong reading would double or lose stock.
import { describe, expect, it } from "vitest";

import { readAdminAnswer } from "./admin-answer.ts";

function answered(status: number, body: unknown, headers: Record<string, string> = {}) {
  return readAdminAnswer({ status, text: typeof body === "string" ? body : JSON.stringify(body), header: (name) => headers[name] ?? null });
}

const COST = { requestedQueryCost: 752, actualQueryCost: null, throttleStatus: { maximumAvailable: 1000, currentlyAvailable: 666, restoreRate: 50 } };

describe("an answer of the Admin API", () => {
  it("with data is ok and tells what it cost", () => {
    const result = answered(200, { data: { shop: { name: "x" } }, extensions: { cost: { ...COST, actualQueryCost: 2 } } });
    expect(result).toEqual({
      kind: "ok",
      data: { shop: { name: "x" } },
      faults: [],
      cost: { requested: 752, actual: 2, throttleStatus: COST.throttleStatus },
    });
  });

  it("with errors beside data keeps both", () => {
    const result = answered(200, { data: { a: { b: 1 }, c: null }, errors: [{ message: "no", path: ["c", 0], extensions: { code: "ACCESS_DENIED" } }] });
    expect(result).toMatchObject({ kind: "ok", faults: [{ message: "no", code: "ACCESS_DENIED", path: "c.0" }] });
  });

  it.each([
    ["the bucket's own, without data and without a cost charged", 200, { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: { cost: COST } }, "no"],
    ["Shopify's 429", 429, { errors: "Exceeded the rate limit for api client." }, "no"],
    ["Shopify's 430", 430, { errors: "Shopify Security Rejection" }, "no"],
    ["a gateway's 429", 429, "<html>Too Many Requests</html>", "unclear"],
    ["one beside a field that was begun", 200, { data: { x: null }, errors: [{ message: "Throttled", path: ["x"], extensions: { code: "THROTTLED" } }] }, "unclear"],
    ["one that was charged for", 200, { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: { cost: { ...COST, actualQueryCost: 10 } } }, "unclear"],
  ])("that is throttled says whether anything ran: %s", (_name, status, body, ran) => {
    expect(answered(status, body)).toMatchObject({ kind: "throttled", ran });
  });

  it("that is throttled waits until the missing points are restored, at least a second", () => {
    const throttled = { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: { cost: COST } };
    // (752 − 666) points at 50 a second
    expect(answered(200, throttled)).toMatchObject({ kind: "throttled", waitMs: 1720, cost: { requested: 752, actual: null } });
    expect(answered(200, { errors: throttled.errors })).toMatchObject({ kind: "throttled", waitMs: 1000, cost: null });
    expect(answered(200, { ...throttled, data: null })).toMatchObject({ kind: "throttled" });
  });

  it.each([
    ["2.0", 2000],
    ["4", 4000],
    ["0.2", 1000],
    ["99999", 60_000],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 1000],
  ])("429 with Retry-After %s seconds waits %i ms", (retryAfter, waitMs) => {
    expect(answered(429, "Too Many Requests", { "retry-after": retryAfter })).toMatchObject({ kind: "throttled", waitMs });
  });

  it("430 waits long, because Shopify suspects the client", () => {
    expect(answered(430, "")).toMatchObject({ kind: "throttled", waitMs: 30_000 });
  });

  it.each([
    [401, { errors: "[API] Invalid API key or access token" }, "unauthorized", /Invalid API key/],
    [402, { errors: "This shop's plan does not have access to this feature" }, "shop_inactive", /402/],
    [403, { errors: "[API] This action requires merchant approval" }, "access_denied", /merchant approval/],
    [404, { errors: "Not Found" }, "shop_inactive", /404/],
    [423, { errors: "This shop is locked" }, "shop_inactive", /locked/],
    [400, { errors: { query: "Required parameter missing or invalid" } }, "invalid_query", /Required parameter/],
    [302, "", "shop_inactive", /redirected to https:\/\/elsewhere/],
  ])("with status %i is a refusal: nothing was done", (status, body, reason, message) => {
    expect(answered(status, body, { location: "https://elsewhere" })).toEqual({ kind: "refused", reason, message: expect.stringMatching(message) });
  });

  it.each([
    ["ACCESS_DENIED", "access_denied"],
    ["MAX_COST_EXCEEDED", "max_cost"],
    ["SHOP_INACTIVE", "shop_inactive"],
  ])("without data and with code %s is a refusal", (code, reason) => {
    expect(answered(200, { data: null, errors: [{ message: "m", extensions: { code } }] })).toMatchObject({ kind: "refused", reason });
    expect(answered(200, { data: { field: null }, errors: [{ message: "m", path: ["field"], extensions: { code } }] })).toMatchObject({ kind: "refused", reason });
  });

  it.each([
    { message: "Field 'x' doesn't exist on type 'Order'", path: ["query Q", "order", "x"], locations: [{}], extensions: { code: "undefinedField", typeName: "Order" } },
    { message: "Variable $id of type ID! was provided invalid value", locations: [{}], extensions: { code: "INVALID_VARIABLE", problems: [] } },
    { message: "syntax error, unexpected end of file", locations: [{ line: 1, column: 1 }] },
  ])("that faults the query's text is a refusal: $message", (fault) => {
    expect(answered(200, { errors: [fault] })).toMatchObject({ kind: "refused", reason: "invalid_query" });
  });

  it.each([
    ["an internal error", 200, { errors: [{ message: "Internal error. Request ID: 1", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }],
    ["an internal error without a code", 200, { errors: [{ message: "Internal error. Looks like something went wrong on our end." }] }],
    ["an error inside the mutation", 200, { data: { adjust: null }, errors: [{ message: "timeout", path: ["adjust"], extensions: { code: "TIMEOUT" } }] }],
    ["a refusal below a mutation that may have run", 200, { data: { adjust: null }, errors: [{ message: "no", path: ["adjust", "group", "app"], extensions: { code: "ACCESS_DENIED" } }] }],
    ["status 500", 500, { errors: "Internal Server Error" }],
    ["status 502 with a page", 502, "<html><body>Bad Gateway</body></html>"],
    ["status 503 that names a time", 503, ""],
    ["status 504", 504, ""],
    ["a proxy's page with status 403", 403, "<html><body>Access denied by the firewall</body></html>"],
    ["a proxy's page with status 401", 401, "<html><body>Sign in to the proxy</body></html>"],
    ["an empty status 403", 403, ""],
    ["another service's JSON with status 403", 403, { message: "Forbidden" }],
    ["a code that is not one of Shopify's", 200, { data: null, errors: [{ message: "m", extensions: { code: "FORBIDDEN" } }] }],
    ["a page with status 200", 200, "<!DOCTYPE html><html>Something went wrong</html>"],
    ["half a body", 200, '{"data":{"inventoryAdjustQuantities":{"inventoryAdj'],
    ["an empty body", 200, ""],
    ["a body that is no object", 200, "[]"],
    ["neither data nor errors", 200, {}],
  ])("with %s leaves the outcome unknown: it may have been carried out", (_name, status, body) => {
    expect(answered(status, body, { "retry-after": "3" })).toMatchObject({ kind: "unknown", stage: "sent" });
  });

  it("without errors may say that there is nothing", () => {
    expect(answered(200, { data: { order: null } })).toMatchObject({ kind: "ok", data: { order: null } });
  });

  it("quotes a foreign page shortly", () => {
    const result = answered(500, `<html>${"x".repeat(10_000)}</html>`);
    expect(result.kind === "unknown" ? result.cause.length : 0).toBeLessThan(300);
  });
});
