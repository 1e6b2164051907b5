import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { protectiveHeaders } from "./protective-headers.ts";
import { bodyBytesMax, CLIENT_HEADER, readRequest, type RequestReading } from "./read-request.ts";

const ORIGIN = "https://holdfast.example";
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A server that reads its first request as the web process does. */
async function listen(): Promise<{ port: number; reading: Promise<{ reading: RequestReading; text: string | null; aborted: boolean }> }> {
  const { promise, resolve } = Promise.withResolvers<{ reading: RequestReading; text: string | null; aborted: boolean }>();
  const server = createServer((incoming, outgoing) => void (async () => {
    const controller = new AbortController();
    const reading = readRequest(incoming, { origin: ORIGIN, controller });
    const text = reading.kind === "request" ? await reading.request.text().catch(() => null) : null;
    outgoing.end();
    resolve({ reading, text, aborted: controller.signal.aborted });
  })());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  open.push(() => new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  }));
  return { port: (server.address() as AddressInfo).port, reading: promise };
}

/** As it goes over the wire, past every client that would put it right. */
async function raw(text: string): Promise<{ reading: RequestReading; text: string | null; aborted: boolean }> {
  const { port, reading } = await listen();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  open.push(async () => socket.destroy());
  socket.write(text);
  return reading;
}

const urlOf = ({ reading }: { reading: RequestReading }) => (reading.kind === "request" ? reading.request.url : reading.status);
const get = (target: string, headers = "") => raw(`GET ${target} HTTP/1.1\r\nHost: elsewhere.example\r\n${headers}\r\n`);

describe("the address of a request", () => {
  it("is ours, whatever Host and forwarded headers say", async () => {
    expect(urlOf(await get("/app?a=1", "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript\r\n"))).toBe(`${ORIGIN}/app?a=1`);
    expect(urlOf(await raw("GET /app HTTP/1.1\r\nHost: evil.example:99999:7/@\r\n\r\n"))).toBe(`${ORIGIN}/app`);
  });

  it.each([["//evil.example/app", `${ORIGIN}/evil.example/app`], ["/\\evil.example", `${ORIGIN}/evil.example`], ["http://evil.example/app?x", `${ORIGIN}/app?x`]])("is a path of ours when it reads %s", async (target, url) => {
    expect(urlOf(await get(target))).toBe(url);
  });

  it.each(["*", "http://[::1"])("is refused when it reads %s", async (target) => {
    expect(urlOf(await raw(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\n\r\n`))).toBe(400);
  });

  it("is refused with the parameter by which older pages asked for their data", async () => {
    expect(urlOf(await get("/app?_data=routes%2Fapp"))).toBe(400);
  });

  it("is refused for a method that no app has", async () => {
    expect(urlOf(await raw("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe(405);
    expect(urlOf(await raw("PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe(405);
  });
});

describe("a form", () => {
  const post = (path: string, headers: string) => raw(`POST ${path} HTTP/1.1\r\nHost: holdfast.example\r\nContent-Length: 3\r\n${headers}\r\na=1`);
  const FORM = "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n";

  it("comes from a page of ours, or from no page at all", async () => {
    expect(urlOf(await post("/app/holds.data", `${FORM}Origin: ${ORIGIN}\r\n`))).toBe(`${ORIGIN}/app/holds.data`);
    expect(urlOf(await post("/auth/login", FORM))).toBe(`${ORIGIN}/auth/login`);
  });

  it.each(["https://evil.example", "null", "NaN", "https://holdfast.example.evil.example"])("is refused when it comes from %s, whatever host the sender names", async (origin) => {
    expect(urlOf(await post("/app/holds", `${FORM}Origin: ${origin}\r\nX-Forwarded-Host: evil.example\r\n`))).toBe(403);
  });

  it.each(["multipart/form-data", "multipart/form-data; boundary=x", "application/json", "image/png", "application/x-www-form-urlencodedx"])("is not %s", async (type) => {
    expect(urlOf(await post("/app/holds", `Content-Type: ${type}\r\n`))).toBe(415);
  });

  it("is not what programs send: those say themselves what they take", async () => {
    for (const path of ["/webhooks", "/api/v1/settings"]) expect(urlOf(await post(path, "Content-Type: application/json\r\nOrigin: https://extensions.shopifycdn.com\r\n"))).toBe(ORIGIN + path);
  });
});

describe("a form of a block in Shopify's admin", () => {
  it("comes from Shopify's origin, and is a form all the same", async () => {
    const post = (type: string) => raw(`POST /extension/orders/1 HTTP/1.1\r\nHost: x\r\nOrigin: https://extensions.shopifycdn.com\r\nContent-Type: ${type}\r\nContent-Length: 0\r\n\r\n`);
    expect(urlOf(await post("application/x-www-form-urlencoded"))).toBe(`${ORIGIN}/extension/orders/1`);
    expect(urlOf(await post("multipart/form-data"))).toBe(415);
    for (const path of ["/extension/orders/", "/extension/orders/1.data", "/extension/else/1"]) expect(urlOf(await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nOrigin: https://extensions.shopifycdn.com\r\nContent-Length: 0\r\n\r\n`))).toBe(403);
  });
});

describe("the body of a request", () => {
  it("may be as large as an import on embedded pages, small on pages that anybody may ask for, and is counted by the routes that promise an answer", () => {
    expect(["/app/settings/transfer.data", "/app.data", "/app"].map(bodyBytesMax)).toEqual([10_485_760, 10_485_760, 10_485_760]);
    expect(["/auth/login", "/", "/application"].map(bodyBytesMax)).toEqual([65_536, 65_536, 65_536]);
    expect(["/webhooks", "/api/v1/settings"].map(bodyBytesMax)).toEqual([null, null]);
  });

  it("is not begun when its length is declared and too large", async () => {
    expect(urlOf(await raw("POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"))).toBe(413);
  });

  it("is broken off at the byte that is too many when no length was declared", async () => {
    const chunk = "a".repeat(40_000);
    const part = `9c40\r\n${chunk}\r\n`;
    const whole = await raw(`POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${part}0\r\n\r\n`);
    expect([whole.text?.length, whole.aborted]).toEqual([40_000, false]);
    const cut = await raw(`POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${part}${part}${part}`);
    expect([cut.text, cut.aborted, cut.reading.kind === "request" && cut.reading.isTooLarge()]).toEqual([null, true, true]);
  });
});

describe("who asks", () => {
  const clientOf = (headers: string) => get("/", headers).then(({ reading }) => (reading.kind === "request" ? reading.request.headers.get(CLIENT_HEADER) : null));

  it("is the peer, or whom a proxy of our own network names last; what the sender writes himself counts for nothing", async () => {
    expect(await clientOf("")).toBe("127.0.0.1");
    expect(await clientOf("X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n")).toBe("203.0.113.9");
    expect(await clientOf(`X-Forwarded-For: nonsense\r\n${CLIENT_HEADER}: 8.8.8.8\r\n`)).toBe("127.0.0.1");
  });

  it("is the peer when the peer is no proxy of ours, whatever it forwards", () => {
    // A peer from outside cannot be had on loopback: only what is read of it stands here.
    const incoming = { method: "GET", url: "/", rawHeaders: [], headers: { "x-forwarded-for": "6.6.6.6" }, socket: { remoteAddress: "203.0.113.9" } };
    const reading = readRequest(incoming as unknown as IncomingMessage, { origin: ORIGIN, controller: new AbortController() });
    expect(reading.kind === "request" && reading.request.headers.get(CLIENT_HEADER)).toBe("203.0.113.9");
  });
});

describe("what an answer tells the browser", () => {
  it("is to guess no type, to tell no other origin the address, to come by https only, and to frame nothing", () => {
    expect(protectiveHeaders(new Headers(), "application/json", { isHttps: true })).toEqual({
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "strict-origin-when-cross-origin",
      "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
      "Strict-Transport-Security": "max-age=31536000",
    });
  });

  it("leaves a page what it says itself", () => {
    const own = new Headers({ "Content-Security-Policy": "frame-ancestors https://admin.shopify.com;", "Referrer-Policy": "no-referrer" });
    expect(protectiveHeaders(own, "text/html; charset=utf-8", { isHttps: false })).toEqual({ "X-Content-Type-Options": "nosniff" });
    expect(protectiveHeaders(new Headers(), "text/html", { isHttps: false })["Content-Security-Policy"]).toBe("frame-ancestors 'none'");
  });
});
