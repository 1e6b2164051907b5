// Over real connections, kept open as a proxy keeps them.
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeClock } from "#tests/setup/fake-clock.ts";
import { createDrain, type Drain } from "./drain.ts";

let server: Server;
let drain: Drain;
let clock: FakeClock;
let proxy: Agent;
let arrived: PromiseWithResolvers<ServerResponse>;

beforeEach(async () => {
  clock = new FakeClock();
  proxy = new Agent({ keepAlive: true });
  arrived = Promise.withResolvers();
  server = createServer((incoming, outgoing) => {
    drain.take(outgoing);
    if (incoming.url === "/slow") arrived.resolve(outgoing);
    else outgoing.end("ok");
  });
  server.keepAliveTimeout = 75_000;
  drain = createDrain(server, clock);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterEach(() => {
  proxy.destroy();
  server.closeAllConnections();
  server.close();
});

function ask(path: string, port = (server.address() as AddressInfo).port): Promise<{ connection: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const read = async (response: IncomingMessage) => {
      let body = "";
      for await (const piece of response) body += String(piece);
      resolve({ connection: response.headers.connection, body });
    };
    get({ port, path, agent: proxy, host: "127.0.0.1" }, (response) => void read(response).catch(reject)).on("error", reject);
  });
}

const LIMITS = { delayMs: 0, limitMs: 10_000 };

describe("a web process that is asked to stop", () => {
  it("answers the request that is under way, and closes the connection it came on", async () => {
    const answer = ask("/slow");
    const outgoing = await arrived.promise;
    const stopped = drain.stop(LIMITS);
    expect(drain.isStopping()).toBe(true);
    outgoing.end("at last");
    expect(await answer).toEqual({ connection: "close", body: "at last" });
    expect(await stopped).toBe("answered");
  });

  it("closes the connection of an answer that had begun with the promise to keep it", async () => {
    const answer = ask("/slow");
    const outgoing = await arrived.promise;
    outgoing.writeHead(200).write("a long ");
    const stopped = drain.stop(LIMITS);
    outgoing.end("export");
    expect(await answer).toEqual({ connection: "keep-alive", body: "a long export" });
    expect(await stopped).toBe("answered");
  });

  it("goes on taking requests for the time that a load balancer needs to notice, each on a connection that ends with it", async () => {
    const { port } = server.address() as AddressInfo;
    expect(await ask("/", port)).toEqual({ connection: "keep-alive", body: "ok" });
    const stopped = drain.stop({ delayMs: 5_000, limitMs: 10_000 });
    expect(await ask("/", port)).toEqual({ connection: "close", body: "ok" });
    await clock.advance(5_000);
    expect(await stopped).toBe("answered");
    await expect(ask("/", port)).rejects.toThrow("ECONNREFUSED");
  });

  it("cuts who is still not done when the limit is over", async () => {
    const answer = ask("/slow").catch((error: unknown) => String(error));
    await arrived.promise;
    const stopped = drain.stop(LIMITS);
    await clock.advance(10_000);
    expect(await stopped).toBe("cut");
    expect(await answer).toContain("socket hang up");
  });
});
