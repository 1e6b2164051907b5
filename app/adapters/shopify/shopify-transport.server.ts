// One HTTP request to a shop with limits on time and size; tells "it certainly never left" from "nobody knows what happened".
import { Agent, request } from "undici";

import { errorCode, firstHeader, neverLeft, readBounded } from "#app/adapters/http/request-outcome.ts";
import { addressInShop } from "./shop-address.ts";

export interface TransportRequest {
  shop: string;
  /** Absolute path, like /admin/api/2026-10/graphql.json. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal?: AbortSignal | undefined;
  /** Asked at the last moment; see `AdminRequest`. */
  mayStillSend?: (() => boolean) | undefined;
}

export type TransportOutcome =
  | { kind: "answered"; status: number; header(name: string): string | null; text: string }
  /** `not_sent`: no byte of the request can have reached the other side. */
  | { kind: "unanswered"; stage: "not_sent" | "sent"; cause: string };

export interface ShopifyTransport {
  /** Never throws for what the network does. */
  post(request: TransportRequest): Promise<TransportOutcome>;
  close(): Promise<void>;
}

export interface TransportOptions {
  originOverride: string | null;
  /** Until the connection stands, name look-up and TLS included. */
  connectTimeoutMs?: number;
  /** From the first byte of the request to the last of the answer. */
  totalTimeoutMs: number;
}

/** A connection that takes longer fails; nothing was sent then, so trying again is free. */
export const CONNECT_TIMEOUT_MS = 3_000;
/** The largest answer asked for (250 adjusted entries) is about 120 KB. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** Per origin and process; Shopify's budget per shop ends long before. */
const CONNECTIONS_MAX = 64;

export function createShopifyTransport(options: TransportOptions): ShopifyTransport {
  const agent = new Agent({ connect: { timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS }, connections: CONNECTIONS_MAX, headersTimeout: 0, bodyTimeout: 0 });
  return {
    post: (wanted) => post(agent, options.originOverride, options.totalTimeoutMs, wanted),
    close: () => agent.close(),
  };
}

async function post(agent: Agent, originOverride: string | null, totalTimeoutMs: number, wanted: TransportRequest): Promise<TransportOutcome> {
  if (wanted.mayStillSend?.() === false) return { kind: "unanswered", stage: "not_sent", cause: "it had become another's to send" };
  if (wanted.signal?.aborted === true) return { kind: "unanswered", stage: "not_sent", cause: "given up before sending" };
  const address = addressInShop(wanted.shop, wanted.path, originOverride);
  const timeout = AbortSignal.timeout(totalTimeoutMs);
  const signal = wanted.signal === undefined ? timeout : AbortSignal.any([timeout, wanted.signal]);
  try {
    const answer = await request(address.url, {
      dispatcher: agent,
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json", ...wanted.headers, ...address.headers },
      body: wanted.body,
      signal,
    });
    const { text, end } = await readBounded(answer.body, ANSWER_BYTES_MAX);
    if (end.kind === "broke_off") throw end.error;
    if (end.kind === "too_long") return { kind: "unanswered", stage: "sent", cause: `the answer is larger than ${ANSWER_BYTES_MAX} bytes` };
    return { kind: "answered", status: answer.statusCode, header: (name) => firstHeader(answer.headers[name]), text };
  } catch (error) {
    if (timeout.aborted) return { kind: "unanswered", stage: stageOf(error), cause: `no complete answer within ${totalTimeoutMs} ms` };
    return { kind: "unanswered", stage: stageOf(error), cause: causeOf(error) };
  }
}

function stageOf(error: unknown): "not_sent" | "sent" {
  return neverLeft(error) ? "not_sent" : "sent";
}

function causeOf(error: unknown): string {
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return code === null || message.includes(code) ? message : `${code}: ${message}`;
}
