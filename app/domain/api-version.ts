// The one place that names the Admin API version; the manifest, the code generator and every call are held against it.

/** Quarterly version of Shopify's Admin API. Raising it: change this line, then let `tests/architecture/shopify-config.test.ts` name the rest. */
export const ADMIN_API_VERSION = "2026-10";
