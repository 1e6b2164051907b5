// The way of a webhook through the web process: read whole from the socket and handed to its Remix action beside an empty Request.

import type { IncomingMessage, ServerResponse } from "node:http";

import { type BareAnswer, BODY_BYTES_MAX, type ReceivedWebhook } from "#app/pipeline/accept/received-webhook.ts";

import type { Handle } from "./route-tables.ts";

/** `app/routes/webhooks.tsx`. */
export const WEBHOOK_PATH = "/webhooks";

/** What a Headers object would take; anything else counts as not sent. */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isWebhook(incoming: IncomingMessage): boolean {
  return incoming.url === WEBHOOK_PATH && incoming.method === "POST";
}

/**
 * The action gets method, headers and body as Node read them. Making a Request with them, which Remix copies twice with its headers, its
 * signal and its stream, costs 90 µs; all that acceptance does with them costs less.
 *
 * @returns the answer that the action asked to be waited for, or its own; null when the sender went before the body was whole: then there is nobody to answer.
 */
export async function receiveByAction(incoming: IncomingMessage, handle: Handle, address: string): Promise<BareAnswer | null> {
  const body = await readBody(incoming);
  if (body === "gone") return null;
  const webhook: ReceivedWebhook = { method: "POST", header: (name) => headerOf(incoming, name), body };
  let later: Promise<BareAnswer> | null = null;
  const answerLater = (answer: Promise<BareAnswer>): void => {
    // It may fail before it is waited for.
    answer.catch(() => undefined);
    later = answer;
  };
  const { status, headers } = await handle(new Request(address, { method: "POST" }), { webhook, answerLater });
  return later ?? { status, headers: Object.fromEntries(headers) };
}

function headerOf(incoming: IncomingMessage, name: string): string | null {
  const value = incoming.headers[name];
  return typeof value === "string" && HEADER_TEXT.test(value) ? value : null;
}

/** Null: too large; what is left of it is not read. */
function readBody(incoming: IncomingMessage): Promise<Uint8Array | null | "gone"> {
  if (Number(incoming.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return Promise.resolve(null);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > BODY_BYTES_MAX) {
        incoming.pause();
        chunks.length = 0;
        return resolve(null);
      }
      chunks.push(chunk);
    });
    incoming.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    incoming.once("close", () => resolve("gone"));
    incoming.once("error", () => resolve("gone"));
  });
}

/** An answer without a body, in one write. What was not read of a request goes with its connection. */
export function sendBare(answer: BareAnswer, incoming: IncomingMessage, outgoing: ServerResponse, protection: Readonly<Record<string, string>>): void {
  const headers: Record<string, string | number> = { ...protection, "Content-Length": 0, ...answer.headers };
  if (!incoming.complete) headers["Connection"] = "close";
  outgoing.writeHead(answer.status, headers).end();
}
