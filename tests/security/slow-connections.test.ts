// Goal: who sends slowly, nothing, or does not read, holds a connection for a bounded time, and not more of them than there are for all.
// Method: the web process's own server with bounds of milliseconds beside one without any; the same attack on both at the same time. Nothing is
// waited for but what the guarded server does: when it has ended the attack, the other still bears it.
import { type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { CONNECTION_BOUNDS, type ConnectionBounds, createBoundedServer } from "../../web/bounded-server.ts";
import { receiveByAction, sendBare } from "../../web/receive-webhook.ts";

const QUICK: ConnectionBounds = { ...CONNECTION_BOUNDS, headersMs: 40, requestMs: 80, silenceMs: 120, checkEveryMs: 10 };
const NONE: ConnectionBounds = { ...CONNECTION_BOUNDS, headersMs: 0, requestMs: 0, silenceMs: 0, checkEveryMs: 10 };
/** More than a socket's buffers take from a server whose client does not read. */
const LARGE_BYTES = 64 * 1_024 * 1_024;
const DRIP_MS = 5;

const servers: Server[] = [];
const sockets: Socket[] = [];
const dripping = new Set<NodeJS.Timeout>();
afterEach(async () => {
  for (const timer of dripping) clearInterval(timer);
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise<void>((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  })));
});

async function listening(bounds: ConnectionBounds, listener: RequestListener): Promise<number> {
  const server = createBoundedServer(listener, bounds);
  servers.push(server);
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  return (server.address() as AddressInfo).port;
}

interface Attacker {
  /** All that came back, once the connection is over. */
  readonly over: Promise<string>;
  isOver(): boolean;
}

/** @param drip sent again and again, a few bytes at a time; none: nothing follows. */
async function attack(port: number, beginning: string, { drip, reads = true }: { readonly drip?: string; readonly reads?: boolean } = {}): Promise<Attacker> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  await new Promise<void>((up) => socket.once("connect", up));
  const chunks: Buffer[] = [];
  if (reads) socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = Promise.withResolvers<string>();
  let over = false;
  const end = () => {
    over = true;
    ended.resolve(Buffer.concat(chunks).toString("latin1"));
  };
  socket.on("error", end).once("close", end).once("end", end);
  if (beginning !== "") socket.write(beginning);
  if (drip !== undefined) {
    const timer = setInterval(() => void (over || socket.write(drip)), DRIP_MS);
    dripping.add(timer);
    void ended.promise.then(() => clearInterval(timer));
  }
  return { over: ended.promise, isOver: () => over };
}

/** What webhooks are read by; `onGone`: its sender went before it was whole. */
function webhooks(seen: { handled: number; gone: number }): RequestListener {
  return (incoming, outgoing) => {
    void receiveByAction(incoming, async () => {
      seen.handled += 1;
      return new Response(null, { status: 200 });
    }, "http://127.0.0.1/webhooks").then((response) => {
      if (response !== null) return sendBare(response, incoming, outgoing, {});
      seen.gone += 1;
      outgoing.destroy();
    });
  };
}

describe("a sender that is slow on purpose", () => {
  const attacks: readonly (readonly [string, string, string | undefined])[] = [
    ["says nothing at all", "", undefined],
    ["begins a request and leaves it", "POST /webhooks HTTP/1.1\r\nHost: a\r\nX-A: ", undefined],
    ["sends headers that never end, line by line", "POST /webhooks HTTP/1.1\r\nHost: a\r\n", "X-A: b\r\n"],
    ["sends a body that drips", "POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n{", " "],
    ["sends chunks that never end", "POST /webhooks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"],
    ["answers no continue", "POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n", undefined],
  ];

  it.each(attacks)("who %s, loses the connection; without bounds it is held", async (_, beginning, drip) => {
    const seen = { handled: 0, gone: 0 };
    const [guarded, open] = [await listening(QUICK, webhooks(seen)), await listening(NONE, webhooks({ handled: 0, gone: 0 }))];
    const held = await attack(open, beginning, drip === undefined ? {} : { drip });
    const ended = await attack(guarded, beginning, drip === undefined ? {} : { drip });
    const answer = await ended.over;
    expect(answer).toMatch(/^$|^HTTP\/1\.1 (408|100) /);
    expect(held.isOver()).toBe(false);
    expect(seen.handled).toBe(0);
  });

  it("is forgotten by those who read its body: nothing waits for the rest of it", async () => {
    const seen = { handled: 0, gone: 0 };
    const gone = Promise.withResolvers<void>();
    const take = webhooks(seen);
    const port = await listening(QUICK, (incoming, outgoing) => {
      incoming.once("close", gone.resolve);
      take(incoming, outgoing);
    });
    await (await attack(port, "POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n{", { drip: " " })).over;
    await gone.promise;
    await Promise.resolve();
    expect(seen).toEqual({ handled: 0, gone: 1 });
  });

  it("and one that does not read what it asked for loses the connection; without bounds it is held", async () => {
    const closed: Promise<void>[] = [];
    const large: RequestListener = (_incoming, outgoing) => {
      closed.push(new Promise((done) => outgoing.once("close", () => done())));
      outgoing.writeHead(200).end(Buffer.alloc(LARGE_BYTES));
    };
    const [guarded, open] = [await listening(QUICK, large), await listening(NONE, large)];
    const begun = "GET /exports/changes.csv HTTP/1.1\r\nHost: a\r\n\r\n";
    await attack(guarded, begun, { reads: false });
    const server = servers[1];
    await attack(open, begun, { reads: false });
    await expect.poll(() => closed.length).toBe(2);
    await closed[0];
    expect(await new Promise<number>((counted) => server?.getConnections((_error, count) => counted(count)))).toBe(1);
  });

  it("keeps nobody else waiting: who is quick is answered meanwhile", async () => {
    const seen = { handled: 0, gone: 0 };
    const port = await listening(QUICK, webhooks(seen));
    const slow = await Promise.all(Array.from({ length: 50 }, () => attack(port, "POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", { drip: "" })));
    expect((await fetch(`http://127.0.0.1:${port}/webhooks`, { method: "POST", body: "{}" })).status).toBe(200);
    await Promise.all(slow.map(({ over }) => over));
    expect(seen.handled).toBe(1);
  });
});

describe("connections without end", () => {
  const idle = (port: number, count: number) => Promise.all(Array.from({ length: count }, () => attack(port, "")));

  it("stop at a number; those beyond it are closed as they come, those within stay; without it all are held", async () => {
    const answer: RequestListener = (_incoming, outgoing) => void outgoing.end("ok");
    const [guarded, open] = [await listening({ ...CONNECTION_BOUNDS, connectionsMax: 5 }, answer), await listening({ ...CONNECTION_BOUNDS, connectionsMax: Number.POSITIVE_INFINITY }, answer)];
    const kept = await idle(guarded, 5);
    const more = await idle(guarded, 5);
    await Promise.all(more.map(({ over }) => over));
    expect(kept.filter((one) => one.isOver())).toEqual([]);
    const all = await idle(open, 10);
    expect((await fetch(`http://127.0.0.1:${open}/`)).status).toBe(200);
    expect(all.filter((one) => one.isOver())).toEqual([]);
  });

  it("are bounded in the web process itself", async () => {
    const server = createBoundedServer(() => undefined);
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = server;
    expect([headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections].every((bound) => bound > 0 && Number.isFinite(bound))).toBe(true);
    // A whole body of 4 MiB within the time, at 70 KB/s; Shopify gives up after 5 s.
    expect(requestTimeout).toBeGreaterThanOrEqual(60_000);
    server.close();
  });
});
