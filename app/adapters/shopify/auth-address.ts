// Looks at the parameters by which an address of ours says where a browser belongs or goes next, before Shopify's library acts on them. Pure.

/** Wider than what Shopify gives out would be somebody else's. The library takes more, and the bounce page of the library takes anything. */
const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i;
/** The admin, old and new. The library takes any host of Shopify's: a shop's own pages among them, which its owner writes. */
const ADMIN = /^(admin\.shopify\.com\/store\/[a-z0-9][a-z0-9_-]*|[a-z0-9][a-z0-9-]*\.myshopify\.com\/admin)$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

export type AuthAddressFault = "shop" | "host" | "shopify-reload";

/**
 * What is wrong with an address that the library is to read; null: nothing.
 *
 * `shop` stands in the header that says who may frame us, `host` is where the library sends a page that is not framed, and App Bridge on
 * the bounce page goes on to `shopify-reload` with a fresh session token in the address. The library fails on a `host` that is no host.
 */
export function faultOfAuthAddress({ searchParams }: URL, appUrl: string): AuthAddressFault | null {
  const [shop, host, reload] = [searchParams.get("shop"), searchParams.get("host"), searchParams.get("shopify-reload")];
  if (shop !== null && !SHOP.test(shop)) return "shop";
  if (host !== null && !isAdmin(host)) return "host";
  if (reload !== null && (!URL.canParse(reload, appUrl) || new URL(reload, appUrl).origin !== new URL(appUrl).origin)) return "shopify-reload";
  return null;
}

function isAdmin(host: string): boolean {
  return BASE64.test(host) && ADMIN.test(Buffer.from(host, "base64").toString("latin1"));
}
