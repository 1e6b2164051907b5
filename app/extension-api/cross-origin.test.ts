import { describe, expect, it } from "vitest";

import { allowOtherOrigins, preflightResponse } from "./cross-origin.ts";

describe("an answer to a block in the admin", () => {
  it("may be read from Shopify's origin for extensions, refusals too", () => {
    const { headers, status } = allowOtherOrigins(new Response("{}", { status: 404 }));
    expect(status).toBe(404);
    expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  it("is preceded by leave to send the session token", () => {
    const { headers, status, body } = preflightResponse();
    expect({ status, body }).toEqual({ status: 204, body: null });
    expect(headers.get("Access-Control-Allow-Headers")?.split(", ")).toContain("Authorization");
  });
});
