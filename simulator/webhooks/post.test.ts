import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createPoster } from "./post.ts";

describe("one webhook request", () => {
  const servers: Server[] = [];
  const poster = createPoster(4);
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const post = (url: string, totalMs = 10_000) => poster.post({ url, method: "POST", headers: {}, body: Buffer.from("{}") }, { connectMs: 1_000, totalMs });

  it("brings the status and the body back", async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(503).end("busy");
    });
    expect(await post(url)).toEqual({ kind: "answered", status: 503, body: "busy" });
  });

  it("gives up when the whole request takes longer than its time, though the answer has begun", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200);
      response.write("slow");
    });
    expect(await post(url, 40)).toEqual({ kind: "failed", reason: "timeout" });
  });

  it("reports a refused connection, and one that is cut before the answer", async () => {
    const url = await serve((request) => {
      request.socket.destroy();
    });
    expect(await post(url)).toEqual({ kind: "failed", reason: "connection" });
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    expect(await post(url)).toEqual({ kind: "failed", reason: "connection" });
  });
});
