// Where a shop's requests go: to the shop itself, or to the simulator that stands in for all shops.

const SHOP_PATTERN = /^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$/;

/** Whether the text is a shop's permanent domain in lower case; everything that becomes part of an address is checked with it. */
export function isShopDomain(text: string): boolean {
  return SHOP_PATTERN.test(text);
}

export interface ShopAddress {
  url: URL;
  /** Names the shop where the address no longer does. */
  headers: Readonly<Record<string, string>>;
}

/** `originOverride`: as in the environment; null = Shopify. Throws on anything that is no shop, because a token would travel there. */
export function addressInShop(shop: string, path: string, originOverride: string | null): ShopAddress {
  if (!isShopDomain(shop)) throw new TypeError(`not a shop's domain: ${JSON.stringify(shop)}`);
  return originOverride === null
    ? { url: new URL(path, `https://${shop}`), headers: {} }
    : { url: new URL(path, originOverride), headers: { "x-forwarded-host": shop } };
}

/** The same for a URL that somebody else built; one that does not lead to a shop is left as it is. */
export function redirectedAddress(url: URL, originOverride: string | null): ShopAddress {
  if (originOverride === null || !isShopDomain(url.hostname)) return { url, headers: {} };
  return { url: new URL(url.pathname + url.search, originOverride), headers: { "x-forwarded-host": url.hostname } };
}
