import { describe, expect, it } from "vitest";

import { faultOfAuthAddress } from "./auth-address.ts";

const APP = "https://holdfast.example";
const encoded = (host: string) => Buffer.from(host).toString("base64");
const fault = (parameters: Record<string, string>) => faultOfAuthAddress(new URL(`/auth/session-token?${new URLSearchParams(parameters)}`, APP), APP);

describe("an address that says where the browser belongs", () => {
  it("is good as Shopify writes it", () => {
    const parameters = { shop: "quiet-harbour.myshopify.com", embedded: "1", locale: "en" };
    expect(fault({ ...parameters, host: encoded("admin.shopify.com/store/quiet-harbour"), "shopify-reload": `${APP}/app?shop=quiet-harbour.myshopify.com` })).toBeNull();
    expect(fault({ ...parameters, host: encoded("quiet-harbour.myshopify.com/admin").replaceAll("=", "") })).toBeNull();
    expect(fault({})).toBeNull();
  });

  it.each(["evil.example", "x.myshopify.com.evil.example", "x.myshopify.com; script-src *", "x.myshopify.com\r\nSet-Cookie: a=b", "x.myshopify.com/..", "ä.myshopify.com", ""])("names no shop as %j: it would stand in who may frame us", (shop) => {
    expect(fault({ shop })).toBe("shop");
  });

  it.each([
    encoded("evil.example"), encoded("admin.shopify.com@evil.example"), encoded("evil.example/x.shopify.com"), encoded("evil.example#.shopify.com"), encoded("attacker.myshopify.com/pages/gift"),
    encoded("attacker.myshopify.com"), encoded("a b:c]["), "AAAA", "%%%", "",
  ])("leads to no admin by the host %j", (host) => {
    expect(fault({ host })).toBe("host");
  });

  it.each(["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://holdfast.example.evil.example", "https://holdfast.example@evil.example", "http://[", "https:\\\\evil.example"])("hands no session token to %j", (reload) => {
    expect(fault({ "shopify-reload": reload })).toBe("shopify-reload");
  });
});
