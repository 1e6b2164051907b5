// One request's way through the web process: a static file, or what the Remix build answers, with the headers that every answer has.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

import type { ServerBuild } from "@remix-run/node";

import { redactSecrets } from "#app/adapters/telemetry/redact-secrets.ts";

import { chooseEncoding, createCompressor, type Encoding, isWorthCompressing } from "./compress.ts";
import { protectiveHeaders, type ProtectiveHeadersOptions } from "./protective-headers.ts";
import { ALLOWED_METHODS, readRequest, type RefusalStatus } from "./read-request.ts";
import { isWebhook, receiveByAction, sendBare, WEBHOOK_PATH } from "./receive-webhook.ts";
import { createHandlers, type Handle } from "./route-tables.ts";
import { createAssetSender, type SendAsset } from "./send-asset.ts";

export interface AnsweringOptions {
  readonly build: ServerBuild;
  readonly mode: "production" | "development";
  /** The app's public address, without a path. */
  readonly origin: string;
  /** The client build. */
  readonly assetFolder: string;
}

export type AnswerRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

interface Answering {
  readonly origin: string;
  readonly protection: ProtectiveHeadersOptions;
  /** What the answer to a program that shows nothing lacks. */
  readonly bareHeaders: Readonly<Record<string, string>>;
  /** Who answers requests for a path. */
  readonly handlerOf: (path: string) => Handle;
  readonly sendAsset: SendAsset;
}

/** Answers whatever comes; it never rejects. */
export function createAnswer({ build, mode, origin, assetFolder }: AnsweringOptions): AnswerRequest {
  const protection = { isHttps: origin.startsWith("https:") };
  const answering: Answering = { origin, protection, bareHeaders: protectiveHeaders(new Headers(), null, protection), handlerOf: createHandlers(build, mode), sendAsset: createAssetSender(assetFolder) };
  return (incoming, outgoing) => answer(incoming, outgoing, answering);
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, { origin, protection, bareHeaders, handlerOf, sendAsset }: Answering): Promise<void> {
  try {
    if (isWebhook(incoming)) {
      const bare = await receiveByAction(incoming, handlerOf(WEBHOOK_PATH), `${origin}${WEBHOOK_PATH}`);
      return bare === null ? void outgoing.destroy() : sendBare(bare, incoming, outgoing, bareHeaders);
    }
    if (await sendAsset(incoming, outgoing)) return;
    const controller = new AbortController();
    outgoing.once("close", () => controller.abort());
    const reading = readRequest(incoming, { origin, controller });
    if (reading.kind === "refused") return refuse(outgoing, reading.status, protection);
    const handle = handlerOf(new URL(reading.request.url).pathname);
    const response = await handle(reading.request).catch((error: unknown) => {
      if (reading.isTooLarge()) return null;
      throw error;
    });
    if (response === null || reading.isTooLarge()) return refuse(outgoing, 413, protection);
    await sendResponse(response, incoming, outgoing, protection);
  } catch (error) {
    process.stderr.write(`${JSON.stringify({ level: "error", service: "web", msg: "request failed", error: redactSecrets(String(error instanceof Error ? error.stack : error)) })}\n`);
    if (!outgoing.headersSent) outgoing.writeHead(500, bareHeaders);
    outgoing.end();
  }
}

/** Nothing of such a request is read on: its connection ends with the answer. */
function refuse(outgoing: ServerResponse, status: RefusalStatus, protection: ProtectiveHeadersOptions): void {
  const allow = status === 405 ? { Allow: ALLOWED_METHODS } : {};
  outgoing.writeHead(status, { ...protectiveHeaders(new Headers(), null, protection), ...allow, Connection: "close" }).end();
}

async function sendResponse(response: Response, incoming: IncomingMessage, outgoing: ServerResponse, protection: ProtectiveHeadersOptions): Promise<void> {
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  const missing = protectiveHeaders(response.headers, response.headers.get("content-type"), protection);
  for (const [name, value] of Object.entries(missing)) outgoing.setHeader(name, value);
  const isCompressible = response.body !== null && !response.headers.has("content-encoding") && isWorthCompressing(response.headers.get("content-type"), response.headers.get("content-length"));
  if (isCompressible) outgoing.appendHeader("vary", "Accept-Encoding");
  const encoding = isCompressible ? chooseEncoding(incoming.headers["accept-encoding"]) : null;
  if (encoding !== null) {
    outgoing.setHeader("content-encoding", encoding);
    outgoing.removeHeader("content-length");
  }
  outgoing.writeHead(response.status, response.statusText);
  if (response.body && incoming.method !== "HEAD") return sendBody(response.body, outgoing, encoding);
  outgoing.end();
  // What is asked for without its body is made all the same: whoever makes it is told that nobody reads it.
  await response.body?.cancel();
}

/**
 * As fast as the browser takes it: Remix's own writer does not wait, so that a long export to a slow browser would lie in memory whole.
 * A browser that goes away ends the reading.
 */
async function sendBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, encoding: Encoding | null): Promise<void> {
  // It went away while the answer was made: nothing can be piped into what is closed.
  if (outgoing.destroyed) return body.cancel();
  const source = Readable.fromWeb(body as NodeReadableStream<Uint8Array>);
  try {
    await (encoding === null ? pipeline(source, outgoing) : pipeline(source, createCompressor(encoding), outgoing));
  } catch (error) {
    const browserLeft = error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!browserLeft) throw error;
  }
}
