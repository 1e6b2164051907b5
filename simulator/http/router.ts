// The HTTP vocabulary of the simulator: every part of it mounts its handlers on a Router, and the server answers what they return.
import type { IncomingHttpHeaders } from "node:http";

export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Named parts of the route's path (`:shop`), URL-decoded; a trailing `*rest` holds what is left, without its leading slash. */
  readonly params: Readonly<Record<string, string>>;
  /** The shop a request was meant for: `X-Forwarded-Host`, else `Host`, when it names a shop; otherwise null. */
  readonly shop: string | null;
  readonly body: Buffer;
  /** Settles when the client is no longer waiting: its answer is written, or its connection is gone. */
  readonly closed: Promise<void>;
  /** The body as JSON; an empty body is `{}`. Throws RequestError 400 when it is not JSON. */
  json(): unknown;
}

export interface SimResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Faults: `before_answer` destroys the socket without a byte; `half_body` sends the head and half of the body, then destroys it. */
  cut?: "before_answer" | "half_body";
}

export type Handler = (request: SimRequest) => SimResponse | Promise<SimResponse>;

/** Where a part of the simulator hangs its routes. Patterns are `/a/:name/b` and `/a/*rest`; the first match in order of mounting wins. */
export interface Router {
  get(pattern: string, handler: Handler): void;
  post(pattern: string, handler: Handler): void;
  put(pattern: string, handler: Handler): void;
  delete(pattern: string, handler: Handler): void;
}

export interface RouteMatch {
  handler: Handler;
  params: Record<string, string>;
}

export interface RouteTable extends Router {
  match(method: string, path: string): RouteMatch | null;
}

/** A refusal with a stable code, answered as `{ "error": { "code", "message" } }`. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
  }
}

export function json(value: unknown, status = 200): SimResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

export function html(body: string, status = 200, headers: Record<string, string> = {}): SimResponse {
  return { status, headers: { "content-type": "text/html; charset=utf-8", ...headers }, body };
}

export function createRouteTable(): RouteTable {
  const routes: { method: string; parts: string[]; handler: Handler }[] = [];
  const add = (method: string) => (pattern: string, handler: Handler) => {
    routes.push({ method, parts: splitPath(pattern), handler });
  };
  return {
    get: add("GET"),
    post: add("POST"),
    put: add("PUT"),
    delete: add("DELETE"),
    match(method, path) {
      const parts = splitPath(path);
      for (const route of routes) {
        if (route.method !== method) continue;
        const params = matchParts(route.parts, parts);
        if (params) return { handler: route.handler, params };
      }
      return null;
    },
  };
}

function splitPath(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    if (expected.startsWith("*")) {
      params[expected.slice(1)] = parts.slice(index).join("/");
      return params;
    }
    const actual = parts[index];
    if (actual === undefined) return null;
    if (expected.startsWith(":")) params[expected.slice(1)] = decode(actual);
    else if (expected !== actual) return null;
  }
  return pattern.length === parts.length ? params : null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, "malformed_path", "The path is not valid percent-encoding.");
  }
}
