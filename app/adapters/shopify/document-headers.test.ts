// Holds who may frame the app and which App Bridge a page announces, with Shopify and with the simulator.
import { describe, expect, it } from "vitest";

import { correctDocumentHeaders } from "./document-headers.server.ts";

const FROM_LIBRARY = {
  "Content-Security-Policy": "frame-ancestors https://a.myshopify.com https://admin.shopify.com;",
  Link: '<https://cdn.shopify.com/shopifycloud/app-bridge.js>; rel="preload"; as="script";',
};

describe("the headers of a page", () => {
  it("stay the library's when the outside world is Shopify", () => {
    const headers = new Headers(FROM_LIBRARY);
    correctDocumentHeaders(headers, { appBridgeUrl: null, originOverride: null });
    expect(headers.get("Content-Security-Policy")).toBe(FROM_LIBRARY["Content-Security-Policy"]);
    expect(headers.get("Link")).toBe(FROM_LIBRARY.Link);
  });

  it("let the simulated admin frame the app and preload its App Bridge", () => {
    const headers = new Headers(FROM_LIBRARY);
    correctDocumentHeaders(headers, { appBridgeUrl: "http://127.0.0.1:4000/app-bridge.js", originOverride: "http://127.0.0.1:4000" });
    expect(headers.get("Content-Security-Policy")).toBe("frame-ancestors http://127.0.0.1:4000 https://a.myshopify.com https://admin.shopify.com;");
    expect(headers.get("Link")).toBe('<http://127.0.0.1:4000/app-bridge.js>; rel="preload"; as="script";');
  });

  it("forbid framing where no shop is named", () => {
    const headers = new Headers();
    correctDocumentHeaders(headers, { appBridgeUrl: null, originOverride: null });
    expect(headers.get("Content-Security-Policy")).toBe("frame-ancestors 'none';");
    expect(headers.has("Link")).toBe(false);
    // A page that failed passes here twice: nobody who may frame other pages is added to "nobody".
    correctDocumentHeaders(headers, { appBridgeUrl: null, originOverride: "http://127.0.0.1:4000" });
    expect(headers.get("Content-Security-Policy")).toBe("frame-ancestors 'none';");
  });
});
