// The first look at a request: what Node received becomes the Request that the app answers, or is refused before any of the app's code sees it.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

export type RequestReading =
  | { readonly kind: "request"; readonly request: Request; isTooLarge(): boolean }
  | { readonly kind: "refused"; readonly status: RefusalStatus };

export type RefusalStatus = 400 | 403 | 405 | 413 | 415;

export interface RequestReadingOptions {
  /** The app's own: what the sender calls our host decides nothing, so that no answer can be made to lead or point elsewhere by it. */
  readonly origin: string;
  /** Aborted when the sender has gone. */
  readonly controller: AbortController;
}

/** Who asks, as far as it can be known; written by this server and by nobody else. */
export const CLIENT_HEADER = "X-Holdfast-Client";

/** TRACE and CONNECT are no requests to an app, and the standard's Request takes neither. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
export const ALLOWED_METHODS = [...METHODS].join(", ");

const KIB = 1_024;
/** An imported settings document of 3 million characters, each of which a form may write as three bytes. */
const EMBEDDED_BYTES_MAX = 10 * KIB * KIB;
/** A shop's address and nothing else. */
const OTHER_BYTES_MAX = 64 * KIB;

/** What pages send. Their data comes by other addresses in this house, and asking by this parameter would write a line of the log each time. */
const FORM = /^application\/x-www-form-urlencoded *(;|$)/i;
const PAGE_DATA_PARAMETER = "_data";

/** Programs and Shopify send there what they like; the routes say what they take, and know who it is by token or signature. */
function isForPrograms(path: string): boolean {
  return path === "/webhooks" || path.startsWith("/api/");
}

/** `app/routes/extension.*`. By name: Remix asks forms of any other address, one that no route has among them, for their origin, and fails. */
const OF_EXTENSIONS = /^\/extension\/(orders|variants)\/[^/]+(?<!\.data)$/;

/** Blocks in Shopify's admin have an origin of Shopify's; who it is their session token says, and no cookie of ours. */
function isForExtensions(path: string): boolean {
  return OF_EXTENSIONS.test(path);
}

/** Bytes that a body may have; null: the route counts them itself, and answers in the order that its contract states. */
export function bodyBytesMax(path: string): number | null {
  if (path === "/webhooks" || path.startsWith("/api/")) return null;
  return /^\/app(\/|\.data$|$)/.test(path) ? EMBEDDED_BYTES_MAX : OTHER_BYTES_MAX;
}

export function readRequest(incoming: IncomingMessage, { origin, controller }: RequestReadingOptions): RequestReading {
  const method = incoming.method ?? "GET";
  if (!METHODS.has(method)) return { kind: "refused", status: 405 };
  const url = addressOf(incoming.url ?? "/", origin);
  if (url === null || url.searchParams.has(PAGE_DATA_PARAMETER)) return { kind: "refused", status: 400 };
  const sends = method !== "GET" && method !== "HEAD";
  const bytesMax = bodyBytesMax(url.pathname);
  if (bytesMax !== null && Number(incoming.headers["content-length"] ?? 0) > bytesMax) return { kind: "refused", status: 413 };
  const refusal = sends && !isForPrograms(url.pathname) ? refusalOfForm(incoming, url) : null;
  if (refusal !== null) return { kind: "refused", status: refusal };
  const headers = headersOf(incoming, url.host);
  if (headers === null) return { kind: "refused", status: 400 };

  let tooLarge = false;
  const onTooLarge = () => {
    tooLarge = true;
    // What the app makes of the broken body is not an error of ours to log.
    controller.abort();
  };
  const body = sends ? bodyOf(incoming, bytesMax, onTooLarge) : null;
  const request = new Request(url, { method, headers, signal: controller.signal, ...(body === null ? {} : { body, duplex: "half" }) });
  return { kind: "request", request, isTooLarge: () => tooLarge };
}

/** A form of a page of another origin is sent by nobody of ours (Remix refuses it, too, as an error of its own); a body that is no form would be an error while it is read. */
function refusalOfForm({ headers }: IncomingMessage, { pathname, host }: URL): 403 | 415 | null {
  const { origin, "content-type": type } = headers;
  if (origin !== undefined && !isForExtensions(pathname) && !(URL.canParse(origin) && new URL(origin).host === host)) return 403;
  return type === undefined || FORM.test(type) ? null : 415;
}

/**
 * The path behind our own origin. Several slashes at its beginning become one: `//elsewhere.example` would be an address of another host
 * for whoever reads it as relative.
 */
function addressOf(target: string, origin: string): URL | null {
  const path = target.startsWith("/") || target.startsWith("\\") ? target : pathOfAbsolute(target);
  const address = path === null ? null : `${origin}${path.replace(/^[/\\]+/, "/")}`;
  return address !== null && URL.canParse(address) ? new URL(address) : null;
}

/** A proxy may pass the whole address on; its host is as little believed as the Host header. */
function pathOfAbsolute(target: string): string | null {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return null;
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/** With our own host in place of what the sender calls it: nothing behind here has to know better. */
function headersOf(incoming: IncomingMessage, host: string): Headers | null {
  const headers = new Headers();
  try {
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  } catch {
    // Bytes that Node takes and the standard does not.
    return null;
  }
  headers.set(CLIENT_HEADER, clientOf(incoming));
  headers.set("Host", host);
  headers.delete("X-Forwarded-Host");
  return headers;
}

/** Addresses that only a machine of the operator's own network has: a proxy of theirs. */
const OWN_NETWORK = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80:)/i;

/**
 * The peer's address; behind a proxy of the operator's own network the last entry of X-Forwarded-For, which that proxy wrote. Entries
 * before it, and the header of a peer from outside, are the sender's own invention.
 */
function clientOf(incoming: IncomingMessage): string {
  const peer = (incoming.socket.remoteAddress ?? "unknown").replace(/^::ffff:/i, "");
  if (!OWN_NETWORK.test(peer)) return peer;
  const forwarded = incoming.headers["x-forwarded-for"];
  const last = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",").at(-1)?.trim() ?? "";
  return /^[0-9a-f.:]{2,45}$/i.test(last) ? last : peer;
}

function bodyOf(incoming: IncomingMessage, bytesMax: number | null, onTooLarge: () => void): ReadableStream<Uint8Array> {
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  if (bytesMax === null) return body;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= bytesMax) return controller.enqueue(chunk);
      onTooLarge();
      controller.error(new RangeError(`the body has more than ${bytesMax} bytes`));
    },
  });
  return body.pipeThrough(counted);
}
