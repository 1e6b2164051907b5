// What every answer of the web process tells browsers, whichever part of the app made it: guess no types, leak no addresses, frame nothing unasked.

export interface ProtectiveHeadersOptions {
  /** The app's public address begins with https: browsers are told to come by nothing else. */
  readonly isHttps: boolean;
}

/** A year. */
const HTTPS_ONLY = "max-age=31536000";

/**
 * Headers that an answer lacks. Pages name those who may frame them themselves (app/adapters/shopify/document-headers.server.ts); what is
 * no page is framed by nobody and runs nothing.
 */
export function protectiveHeaders(present: { has(name: string): boolean }, contentType: string | null, { isHttps }: ProtectiveHeadersOptions): Readonly<Record<string, string>> {
  const isPage = contentType?.toLowerCase().startsWith("text/html") === true;
  const wanted: Record<string, string> = {
    "X-Content-Type-Options": "nosniff",
    // Embedded pages have a session token in their address: another origin is told ours, and nothing behind it.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": isPage ? "frame-ancestors 'none'" : "default-src 'none'; frame-ancestors 'none'",
    ...(isHttps ? { "Strict-Transport-Security": HTTPS_ONLY } : {}),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !present.has(name)));
}
