// The accept path behind a bare HTTP server, for tests that need webhooks to arrive but no pages.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

import { ACCEPT_STATUS, acceptWebhook, type AcceptDependencies } from "#app/pipeline/accept/accept-webhook.server.ts";

export async function startAcceptServer(dependencies: AcceptDependencies): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const headers = new Headers(Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as [string, string]] : [])));
    const request = new Request(`http://127.0.0.1${incoming.url ?? "/"}`, {
      method: incoming.method ?? "GET",
      headers,
      ...(incoming.method === "POST" ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {}),
    });
    void acceptWebhook(request, dependencies).then(({ outcome }) => outgoing.writeHead(ACCEPT_STATUS[outcome]).end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
