// Port of Shopify's privacy requests: answered from what is stored, which is no customer data.

export interface Compliance {
  /** Completes up to `limit` open requests; returns how many. `shop/redact` deletes every row of the shop's ended installs. */
  completeOpen(limit: number): Promise<number>;
}
