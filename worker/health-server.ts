// The worker's health and metrics over HTTP, when WORKER_PORT is set.

import { createServer } from "node:http";

import { answerOperation } from "#app/adapters/telemetry/operation-endpoints.server.ts";
import type { Composition } from "#app/composition.server.ts";
import type { RunningService } from "./supervisor.ts";

export async function startHealthServer(composed: Composition): Promise<RunningService> {
  const port = composed.config.workerPort;
  if (port === null) return { stop: async () => undefined };
  const server = createServer((incoming, outgoing) => {
    void answerOperation(composed, { path: (incoming.url ?? "/").split("?")[0] ?? "/", authorization: incoming.headers.authorization ?? null, needsRedis: true }).then(
      (answer) => {
        outgoing.writeHead(answer.status, { "Content-Type": answer.contentType });
        outgoing.end(answer.body);
      },
    );
  });
  await new Promise<void>((listening) => server.listen(port, listening));
  return {
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
