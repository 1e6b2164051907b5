// Node's HTTP server with the bounds that keep slow or silent senders from holding what others need.

import { createServer, type RequestListener, type Server } from "node:http";

export interface ConnectionBounds {
  /** An idle connection is kept so long after an answer. */
  readonly keepAliveMs: number;
  /** From a request's first byte, or a connection's beginning, to the last byte of its headers. */
  readonly headersMs: number;
  /** The same to the last byte of its body. */
  readonly requestMs: number;
  /** No byte passes in either direction for so long: a reader that does not read. */
  readonly silenceMs: number;
  /** How often headers and bodies are looked at: each may last this much longer. */
  readonly checkEveryMs: number;
  /** Open at a time; one more is closed as it comes. */
  readonly connectionsMax: number;
}

export const CONNECTION_BOUNDS: ConnectionBounds = {
  // Longer than any proxy in front keeps them, so that none is closed under a webhook.
  keepAliveMs: 75_000,
  headersMs: 30_000,
  requestMs: 60_000,
  // An answer is made within 30 s; an export's next page too.
  silenceMs: 120_000,
  checkEveryMs: 10_000,
  // Beside the 5,000 webhooks that may wait for their insert. Idle ones cost some 10 KB each.
  connectionsMax: 10_000,
};

export function createBoundedServer(listener: RequestListener, bounds: ConnectionBounds = CONNECTION_BOUNDS): Server {
  const { keepAliveMs, headersMs, requestMs, silenceMs, checkEveryMs, connectionsMax } = bounds;
  const server = createServer({ keepAliveTimeout: keepAliveMs, headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkEveryMs }, listener);
  server.timeout = silenceMs;
  server.maxConnections = connectionsMax;
  return server;
}
