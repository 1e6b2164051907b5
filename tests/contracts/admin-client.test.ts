// The Admin client against a server that misbehaves in every way the network and Shopify are known to: what it may conclude is the contract.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { createServer as createTcpServer, type AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createAdminClient } from "#app/adapters/shopify/admin-client.server.ts";
import { createShopifyTransport, type ShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import type { AccessTokenOutcome, AccessTokens } from "#app/ports/access-tokens.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";

const SHOP = "contract.myshopify.com";
const REQUEST = { shop: SHOP, document: "query Q { shop { name } }", variables: { a: 1 } };

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let origin: string;
let answer: Answer;
let received: { request: IncomingMessage; body: string }[];
let transports: ShopifyTransport[];

beforeEach(async () => {
  received = [];
  transports = [];
  answer = (_request, response) => respond(response, 200, { data: { shop: { name: "x" } } });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ request, body });
      answer(request, response, body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = originOf(server);
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(transports.map((transport) => transport.close()));
});

function originOf(listening: { address(): AddressInfo | string | null }): string {
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return `http://127.0.0.1:${address.port}`;
}

function respond(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
}

function tokensOf(outcome: AccessTokenOutcome = { kind: "token", accessToken: "the-token" }): AccessTokens & { refused: string[] } {
  const refused: string[] = [];
  return {
    refused,
    offlineToken: () => Promise.resolve(outcome),
    reportRefused: (_shop, accessToken) => Promise.resolve(void refused.push(accessToken)),
  };
}

function clientOf(options: { origin?: string; totalTimeoutMs?: number; connectTimeoutMs?: number; accessTokens?: AccessTokens } = {}): AdminApi {
  const transport = createShopifyTransport({ originOverride: options.origin ?? origin, totalTimeoutMs: options.totalTimeoutMs ?? 10_000, connectTimeoutMs: options.connectTimeoutMs ?? 5_000 });
  transports.push(transport);
  return createAdminClient({ transport, accessTokens: options.accessTokens ?? tokensOf() });
}

describe("a request of the Admin client", () => {
  it("carries token, version, trace id and, where the shop is not the address, the shop", async () => {
    const result = await clientOf().send({ ...REQUEST, traceId: "trace-1" });
    expect(result).toMatchObject({ kind: "ok", data: { shop: { name: "x" } } });
    const [sent] = received;
    expect(sent?.request.url).toBe(`/admin/api/${ADMIN_API_VERSION}/graphql.json`);
    expect(sent?.request.headers).toMatchObject({ "x-shopify-access-token": "the-token", "x-forwarded-host": SHOP, "x-request-id": "trace-1" });
    expect(JSON.parse(sent?.body ?? "")).toEqual({ query: REQUEST.document, variables: REQUEST.variables });
  });

  it.each(["evil.example", "x.myshopify.com.evil.example", "X.myshopify.com", "a b.myshopify.com", "", "x.myshopify.com/../.."])("is never sent to %j, which is no shop", async (shop) => {
    await expect(clientOf().send({ ...REQUEST, shop })).rejects.toThrow("not a shop's domain");
    expect(received).toEqual([]);
  });

  it("is not made without a usable token", async () => {
    const outcomes: [AccessTokenOutcome, object][] = [
      [{ kind: "none" }, { kind: "refused", reason: "unauthorized" }],
      [{ kind: "revoked" }, { kind: "refused", reason: "unauthorized" }],
      [{ kind: "unavailable", cause: "HTTP 503" }, { kind: "unknown", stage: "not_sent" }],
    ];
    for (const [outcome, expected] of outcomes) expect(await clientOf({ accessTokens: tokensOf(outcome) }).send(REQUEST)).toMatchObject(expected);
    expect(received).toEqual([]);
  });

  it("reports a token that was refused, and only then", async () => {
    const accessTokens = tokensOf();
    const client = clientOf({ accessTokens });
    await client.send(REQUEST);
    expect(accessTokens.refused).toEqual([]);
    answer = (_request, response) => respond(response, 401, { errors: "[API] Invalid API key or access token" });
    expect(await client.send(REQUEST)).toMatchObject({ kind: "refused", reason: "unauthorized" });
    expect(accessTokens.refused).toEqual(["the-token"]);
  });
});

describe("a request that certainly never left", () => {
  it("is one that nobody listened to", async () => {
    const closed = createTcpServer();
    closed.listen(0, "127.0.0.1");
    await once(closed, "listening");
    const nobody = originOf(closed);
    closed.close();
    await once(closed, "close");
    expect(await clientOf({ origin: nobody }).send(REQUEST)).toMatchObject({ kind: "unknown", stage: "not_sent", cause: expect.stringContaining("ECONNREFUSED") });
  });

  it("is one to a name that does not exist", async () => {
    expect(await clientOf({ origin: "http://nowhere.invalid" }).send(REQUEST)).toMatchObject({ kind: "unknown", stage: "not_sent" });
  });

  it("is one that was given up before it was made", async () => {
    expect(await clientOf().send({ ...REQUEST, signal: AbortSignal.abort() })).toMatchObject({ kind: "unknown", stage: "not_sent" });
    expect(received).toEqual([]);
  });
});

describe("a request whose outcome nobody knows", () => {
  it.each<[string, Answer]>([
    ["was cut off before any answer", (request) => request.socket.destroy()],
    ["was reset", (request) => request.socket.resetAndDestroy()],
    [
      "got half a body",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"data":{"shop":', () => response.destroy());
      },
    ],
    ["got JSON that ends early", (_request, response) => respond(response, 200, '{"data":{"shop":{"na')],
    ["got a page instead of JSON", (_request, response) => respond(response, 200, "<html>Something went wrong</html>", { "content-type": "text/html" })],
    ["got 500", (_request, response) => respond(response, 500, { errors: "Internal Server Error" })],
    ["got 502 with a page", (_request, response) => respond(response, 502, "<html>Bad Gateway</html>")],
    ["got 503", (_request, response) => respond(response, 503, "", { "retry-after": "2" })],
    ["got an internal error", (_request, response) => respond(response, 200, { errors: [{ message: "Internal error", extensions: { code: "INTERNAL_SERVER_ERROR" } }] })],
    ["got an answer without end", (_request, response) => respond(response, 200, `{"data":"${"x".repeat(9 * 1024 * 1024)}"}`)],
  ])("%s", async (_name, misbehaviour) => {
    answer = misbehaviour;
    expect(await clientOf().send(REQUEST)).toMatchObject({ kind: "unknown", stage: "sent" });
    expect(received).toHaveLength(1);
  });

  it("was not answered in time, and is not sent a second time", async () => {
    answer = () => undefined;
    expect(await clientOf({ totalTimeoutMs: 50 }).send(REQUEST)).toMatchObject({ kind: "unknown", stage: "sent", cause: expect.stringContaining("50 ms") });
    expect(received).toHaveLength(1);
  });

  it("was given up while it was on its way", async () => {
    const giveUp = new AbortController();
    answer = () => giveUp.abort();
    expect(await clientOf().send({ ...REQUEST, signal: giveUp.signal })).toMatchObject({ kind: "unknown", stage: "sent" });
  });
});

describe("a request that was throttled", () => {
  it("tells how long to wait and is not repeated by the client", async () => {
    answer = (_request, response) => respond(response, 429, { errors: "Exceeded 2 calls per second" }, { "retry-after": "2.0" });
    expect(await clientOf().send(REQUEST)).toMatchObject({ kind: "throttled", waitMs: 2_000 });
    expect(received).toHaveLength(1);
  });
});
