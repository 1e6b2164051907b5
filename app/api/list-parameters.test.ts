// What the API's lists take as limit, cursor and filter, and how they refuse the rest.
import { describe, expect, it } from "vitest";

import { encodeCursor } from "#app/dashboard/queries/keyset-page.ts";

import { readChangeParameters } from "./list-parameters.ts";

const read = (query: string) => readChangeParameters(new URLSearchParams(query));

async function refusal(query: string): Promise<{ status: number; code: string; parameter: string }> {
  const reading = read(query);
  if (reading.kind !== "refused") throw new Error(`not refused: ${query}`);
  const body = (await reading.response.json()) as { error: { code: string; details: { parameter: string } } };
  return { status: reading.response.status, code: body.error.code, parameter: body.error.details.parameter };
}

describe("readChangeParameters", () => {
  it("lists the newest fifty without parameters", () => {
    expect(read("")).toEqual({ kind: "ok", value: { filter: {}, format: "json", page: { direction: "newest", limit: 50 } } });
  });

  it("reads ids as numbers and as URL-encoded gids", () => {
    const encoded = encodeURIComponent("gid://shopify/Order/271878346596884015");
    expect(read(`orderId=${encoded}&inventoryItemId=7`)).toMatchObject({ value: { filter: { orderId: "271878346596884015", inventoryItemId: "7" } } });
    expect(read(`orderId=${encodeURIComponent(encoded)}`)).toMatchObject({ value: { filter: { orderId: "271878346596884015" } } });
  });

  it("reads several states", () => {
    expect(read("state=parked,waiting")).toMatchObject({ value: { filter: { states: ["waiting", "parked"] } } });
  });

  it("goes on after a cursor", () => {
    expect(read(`cursor=${encodeCursor(12n)}&limit=250`)).toMatchObject({ value: { page: { direction: "older", cursor: 12n, limit: 250 } } });
  });

  it.each([
    ["limit=0", "invalid_parameter", "limit"],
    ["limit=251", "invalid_parameter", "limit"],
    ["limit=-1", "invalid_parameter", "limit"],
    ["limit=1e1", "invalid_parameter", "limit"],
    ["cursor=zzz", "invalid_cursor", "cursor"],
    ["cursor=aTk5OTk5OTk5OTk5OTk5OTk5OTk", "invalid_cursor", "cursor"],
    ["state=done", "invalid_parameter", "state"],
    ["orderId=abc", "invalid_parameter", "orderId"],
    ["orderId=1;DROP%20TABLE%20changes", "invalid_parameter", "orderId"],
    ["orderId=gid://shopify/Product/1", "invalid_parameter", "orderId"],
    ["traceId=%00", "invalid_parameter", "traceId"],
    ["orderID=1", "invalid_parameter", "orderID"],
    ["state=applied&state=parked", "invalid_parameter", "state"],
  ])("answers %s with 400", async (query, code, parameter) => {
    expect(await refusal(query)).toEqual({ status: 400, code, parameter });
  });

  it("takes bytes that are no character for text that matches nothing", () => {
    expect(read("webhookId=%ED%A0%80").kind).toBe("ok");
  });
});
