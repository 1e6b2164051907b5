// Checks a webhook's signature: base64 HMAC-SHA256 of the raw body, under the current or the previous secret.

import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Shopify may sign with the old secret for up to an hour after a rotation, so both are accepted while both are configured.
 * Constant-time; an empty header never matches.
 */
export function isSignedBy(body: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature, "base64");
  return secrets.some((secret) => {
    const expected = createHmac("sha256", secret).update(body).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
