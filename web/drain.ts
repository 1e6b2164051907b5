// How the web process stops: it says that it is going, takes what still comes for a while, answers what is under way, and lets no connection
// stay on which another request could come.

import type { Server, ServerResponse } from "node:http";

import type { Clock } from "#app/ports/clock.ts";

export interface Drain {
  /** True from the moment that the process was asked to stop: /readyz then says so, and whoever spreads requests sends them elsewhere. */
  isStopping(): boolean;
  /** Each request passes here before it is answered. */
  take(outgoing: ServerResponse): void;
  /**
   * @param delayMs so long it goes on listening, for those who spread requests to notice
   * @param limitMs from then on; connections that are still open are cut
   */
  stop(times: { readonly delayMs: number; readonly limitMs: number }): Promise<"answered" | "cut">;
}

/**
 * Node's `server.close()` ends the connections that are idle at that moment. One with a request under way is promised to be kept
 * (`Connection: keep-alive`, 75 s) and stays: the proxy sends its next webhook on it, and the process that waits for the connection is
 * ended over that webhook when its time is up. So from the stop on each answer closes its connection.
 */
export function createDrain(server: Server, clock: Pick<Clock, "setTimer">): Drain {
  const underWay = new Set<ServerResponse>();
  let stopping = false;

  const wait = (ms: number): Promise<void> => (ms === 0 ? Promise.resolve() : new Promise((passed) => clock.setTimer(ms, passed)));

  return {
    isStopping: () => stopping,
    take(outgoing) {
      underWay.add(outgoing);
      if (stopping) closeAfter(outgoing);
      outgoing.once("close", () => {
        underWay.delete(outgoing);
        if (stopping && !server.listening) server.closeIdleConnections();
      });
    },
    async stop({ delayMs, limitMs }) {
      stopping = true;
      for (const outgoing of underWay) closeAfter(outgoing);
      await wait(delayMs);
      const closed = new Promise<"answered">((resolve) => server.close(() => resolve("answered")));
      server.closeIdleConnections();
      const limit = Promise.withResolvers<"cut">();
      const timer = clock.setTimer(limitMs, () => limit.resolve("cut"));
      const how = await Promise.race([closed, limit.promise]);
      timer.cancel();
      if (how === "cut") server.closeAllConnections();
      return how;
    },
  };
}

/** Where the headers have left already, the promise to keep the connection has too: it is closed when it is idle. */
function closeAfter(outgoing: ServerResponse): void {
  if (!outgoing.headersSent) outgoing.shouldKeepAlive = false;
}
