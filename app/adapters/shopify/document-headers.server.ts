// Corrects the headers that Shopify's library puts on pages where it allows no override: the preloaded App Bridge and who may frame us.
export interface DocumentHeaderOptions {
  /** Null: Shopify's App Bridge, which the library's headers are right for. */
  appBridgeUrl: string | null;
  /** The simulated admin that frames the app; null: Shopify's admin only. */
  originOverride: string | null;
}

const FRAME_POLICY = "Content-Security-Policy";
const PRELOAD = "Link";

/** Changes `headers` in place. Call it after the library had its turn, and on the Responses that it throws. */
export function correctDocumentHeaders(headers: Headers, { appBridgeUrl, originOverride }: DocumentHeaderOptions): void {
  if (appBridgeUrl !== null && headers.has(PRELOAD)) headers.set(PRELOAD, `<${appBridgeUrl}>; rel="preload"; as="script";`);
  const policy = headers.get(FRAME_POLICY);
  // A page that names no shop is no embedded page: nobody frames it.
  if (policy === null) headers.set(FRAME_POLICY, "frame-ancestors 'none';");
  else if (originOverride !== null && !policy.includes("'none'")) headers.set(FRAME_POLICY, policy.replace("frame-ancestors ", `frame-ancestors ${originOverride} `));
}
