// Stands between Shopify and an app, hands every request on, and keeps the webhooks among them as a recording without people in it.
import { appendFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { writeRecording } from "./recording.ts";
import type { RecordedRequest } from "./recording.ts";

export interface RecorderOptions {
  port?: number;
  /** The app's origin. */
  to: string;
  /** Lines are added to its end. */
  file: string;
  now?: () => Date;
}

export interface Recorder {
  readonly origin: string;
  readonly recorded: number;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const KEPT_HEADER = /^(?:x-shopify-|content-type$|user-agent$)/;
/** Whoever bought is nobody's business in a test: these fields are emptied wherever they stand. */
const PERSONAL_FIELDS: ReadonlySet<string> = new Set([
  "customer", "email", "contact_email", "phone", "billing_address", "shipping_address", "default_address", "destination", "address", "addresses", "browser_ip", "client_details",
  "note", "note_attributes", "properties", "first_name", "last_name", "company", "payment_details", "token", "cart_token", "checkout_token", "order_status_url", "landing_site", "referring_site",
]);

export async function startRecorder({ port = 0, to, file, now = () => new Date() }: RecorderOptions): Promise<Recorder> {
  let recorded = 0;
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const receivedAt = now().toISOString();
    const body = await readBody(incoming);
    if (incoming.headers["x-shopify-webhook-id"] !== undefined) {
      await appendFile(file, writeRecording([recordOf(incoming, body, receivedAt)]));
      recorded += 1;
    }
    const answer = await fetch(new URL(incoming.url ?? "/", to), { method: incoming.method ?? "GET", headers: handedOn(incoming), redirect: "manual", ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) });
    outgoing.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.writeHead(502).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get recorded() {
      return recorded;
    },
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function recordOf(incoming: IncomingMessage, body: Buffer, receivedAt: string): RecordedRequest {
  const headers = Object.fromEntries(Object.entries(incoming.headers).flatMap(([name, value]) => (KEPT_HEADER.test(name) && typeof value === "string" ? [[name, value]] : [])));
  const text = body.toString("utf8");
  const withoutPeople = emptied(text);
  return withoutPeople === null ? { receivedAt, headers, bodyBase64: body.toString("base64") } : { receivedAt, headers, body: withoutPeople };
}

type Source = { source?: string };
const rawJson = (JSON as JSON & { rawJSON(text: string): unknown }).rawJSON;

function withoutPerson(key: string, value: unknown, context?: Source): unknown {
  if (PERSONAL_FIELDS.has(key)) return Array.isArray(value) ? [] : null;
  return typeof value === "number" && context?.source !== undefined ? rawJson(context.source) : value;
}

/** Numbers keep every digit. Null: no JSON, and then nothing is known of what is in it. */
function emptied(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text, withoutPerson));
  } catch {
    return null;
  }
}

/** As it came, for the app to judge: its signature is over these bytes. */
function handedOn(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined || name === "host" || name === "connection" || name === "content-length" || name === "transfer-encoding") continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > BODY_BYTES_MAX) throw new Error("the body is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
