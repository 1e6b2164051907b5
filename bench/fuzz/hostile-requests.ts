// Makes malformed requests, byte by byte, for every public route: each follows from the seed and its number, so one that does harm can be sent again.
import { createHmac } from "node:crypto";
import { type SeededRandom, seededRandom } from "#tests/setup/seeded-random.ts";
import { apiDocument, FIELDS, INTENTS, type Known, PARAMETERS, topics, webhookDocument } from "./documents.ts";
import { hostileBody, hostileText, spoiled } from "./hostile-values.ts";
import { oddWire } from "./odd-wire.ts";
import type { PublicRoute } from "./read-routes.ts";

export interface Credentials {
  readonly apiSecret: string;
  readonly apiToken: string;
  /** Of a person of the shop; good for a minute. */
  readonly sessionToken: () => string;
}

export interface HostileRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** It is whole, so there must be an answer; otherwise the server may also just close. */
  readonly isWhole: boolean;
}

export interface Attack {
  readonly routes: readonly PublicRoute[];
  readonly known: Known;
  readonly credentials: Credentials;
  /** Of the server, as a client would write it. */
  readonly host: string;
}

const METHODS = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "SEARCH"] as const;
const CONTENT_TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "application/json; charset=utf-16", "application/xml", "", "image/png", "application/graphql"] as const;
/** Shopify's library answers programs otherwise than browsers. */
const AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "curl/8", "Googlebot/2.1", ""] as const;

export function hostileRequest(seed: number, number: number, attack: Attack): HostileRequest {
  const random = seededRandom(seed * 1_000_003 + number);
  const route = random.pick(attack.routes);
  const roll = random.fraction();
  if (roll < 0.12) return oddWire(random, addressOf(random, route), attack.host);
  if (roll < 0.42) return webhook(random, attack, number);
  if (roll < 0.66) return api(random, pick(random, attack.routes, "api"), attack);
  if (roll < 0.86) return embedded(random, pick(random, attack.routes, "embedded"), attack);
  return anything(random, route, attack);
}

function pick(random: SeededRandom, routes: readonly PublicRoute[], kind: PublicRoute["kind"]): PublicRoute {
  return random.pick(routes.filter((route) => route.kind === kind));
}

function webhook(random: SeededRandom, { known, credentials, host }: Attack, number: number): HostileRequest {
  const topic = random.pick(topics());
  const document = webhookDocument(topic, known, number);
  const body = random.chance(0.12) ? hostileBody(random) : Buffer.from(spoiled(random, document));
  const isSigned = random.chance(0.6);
  const secret = isSigned ? credentials.apiSecret : random.pick(["forged", "", credentials.apiSecret.toUpperCase()]);
  const headers: Record<string, string> = {
    "Content-Type": random.chance(0.8) ? "application/json" : random.pick(CONTENT_TYPES),
    "X-Shopify-Topic": random.chance(0.95) ? topic : hostileText(random),
    "X-Shopify-Shop-Domain": random.chance(0.85) ? known.shop : random.pick(["nobody.myshopify.com", "evil.example", "x.myshopify.com.evil.example", hostileText(random)]),
    "X-Shopify-API-Version": random.chance(0.95) ? "2026-10" : hostileText(random),
    "X-Shopify-Webhook-Id": random.chance(0.9) ? `fuzz-${number}` : hostileText(random),
    "X-Shopify-Event-Id": random.chance(0.9) ? `event-${number}` : hostileText(random),
    "X-Shopify-Triggered-At": random.chance(0.9) ? "2026-11-01T10:00:00Z" : hostileText(random),
    "X-Shopify-Hmac-Sha256": random.chance(0.97) ? createHmac("sha256", secret).update(body).digest("base64") : hostileText(random),
  };
  for (const name of Object.keys(headers)) if (random.chance(0.02)) delete headers[name];
  return { kind: isSigned ? "webhook, signed" : "webhook, forged", bytes: written(random, { method: random.chance(0.96) ? "POST" : random.pick(METHODS), target: "/webhooks", headers, body, host }), isWhole: true };
}

function api(random: SeededRandom, route: PublicRoute, { known, credentials, host }: Attack): HostileRequest {
  const isKnown = random.chance(0.8);
  const token = isKnown ? credentials.apiToken : random.pick([`hf_${"A".repeat(43)}`, "hf_", "", hostileText(random), `${credentials.apiToken}x`]);
  const method = random.pick(METHODS);
  const body = method === "GET" || method === "HEAD" ? null : random.chance(0.7) ? Buffer.from(spoiled(random, apiDocument(route.path, known))) : hostileBody(random);
  const headers = { Authorization: random.chance(0.95) ? `Bearer ${token}` : hostileText(random), "Content-Type": random.chance(0.7) ? "application/json" : random.pick(CONTENT_TYPES) };
  return { kind: isKnown ? "api, with a token" : "api, without", bytes: written(random, { method, target: addressOf(random, route), headers, body, host }), isWhole: true };
}

function embedded(random: SeededRandom, route: PublicRoute, { known, credentials, host }: Attack): HostileRequest {
  const isKnown = random.chance(0.6);
  const token = isKnown ? credentials.sessionToken() : random.pick(["a.b.c", "eyJhbGciOiJub25lIn0.e30.", hostileText(random), ""]);
  const isForm = random.chance(0.4);
  const form = new URLSearchParams();
  form.set("intent", random.chance(0.7) ? random.pick(INTENTS) : hostileText(random));
  form.set("act", random.pick(INTENTS));
  for (let count = random.between(0, 4); count > 0; count -= 1) form.append(random.pick(FIELDS), random.chance(0.3) ? spoiled(random, apiDocument("settings", known)) : hostileText(random));
  const asData = random.chance(0.5) && !route.path.endsWith("*");
  const target = addressOf(random, asData ? { ...route, path: `${route.path}.data` } : route);
  const headers: Record<string, string> = { "User-Agent": random.chance(0.9) ? AGENTS[0] : random.pick(AGENTS), Accept: "text/html" };
  if (random.chance(0.8)) headers.Authorization = `Bearer ${token}`;
  if (isForm) headers["Content-Type"] = random.chance(0.8) ? "application/x-www-form-urlencoded" : random.pick(CONTENT_TYPES);
  if (random.chance(0.1)) headers.Origin = random.pick(["null", "https://evil.example", hostileText(random)]);
  const body = isForm ? (random.chance(0.85) ? Buffer.from(form.toString()) : hostileBody(random)) : null;
  return { kind: isKnown ? "page, with a session" : "page, without", bytes: written(random, { method: isForm ? "POST" : "GET", target, headers, body, host }), isWhole: true };
}

function anything(random: SeededRandom, route: PublicRoute, { host }: Attack): HostileRequest {
  const method = random.pick(METHODS);
  const body = method === "GET" || method === "HEAD" ? null : hostileBody(random);
  const headers = { "User-Agent": random.pick(AGENTS), "Content-Type": random.pick(CONTENT_TYPES), ...(random.chance(0.3) ? { Cookie: hostileText(random), "X-Forwarded-Host": hostileText(random), "X-Forwarded-Proto": hostileText(random) } : {}) };
  return { kind: `anything, ${route.kind}`, bytes: written(random, { method, target: addressOf(random, route), headers, body, host }), isWhole: true };
}

/** The route's path with something bad in the place of its parameters, and a query. */
function addressOf(random: SeededRandom, { path }: PublicRoute): string {
  const value = () => (random.chance(0.4) ? random.pick(["1", "99999999999999999999", "00000000-0000-0000-0000-000000000000"]) : escaped(random, hostileText(random).slice(0, 200)));
  const filled = path.replaceAll(/:\w+|\*$/g, () => value());
  const pairs = Array.from({ length: random.chance(0.6) ? random.between(1, 4) : 0 }, () => `${random.chance(0.9) ? random.pick(PARAMETERS) : value()}=${random.chance(0.3) ? random.pick(["1", "newest", "250", "parked"]) : value()}`);
  return `${filled}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** Mostly as a client would; else raw, as far as a request line can carry it. */
function escaped(random: SeededRandom, text: string): string {
  if (random.chance(0.7)) return encodeURIComponent(text.toWellFormed());
  return [...text].filter((character) => character > " " && character < "\u007F" && !"#?&".includes(character)).join("");
}

interface Written {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  readonly host: string;
}

/** A header can carry no line end and no NUL: what is sent on purpose with them is in `odd-wire.ts`. Everything else goes as it is, bytes above 127 too. */
function written(random: SeededRandom, { method, target, headers, body, host }: Written): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(/(?!\t)\p{Cc}/gu, "?").slice(0, 3_000)}`);
  const isChunked = body !== null && random.chance(0.15);
  const length = body === null ? [] : isChunked ? ["Transfer-Encoding: chunked"] : [`Content-Length: ${body.byteLength}`];
  const head = Buffer.from([`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines, ...length, "Connection: close", "", ""].join("\r\n"), "latin1");
  if (body === null) return head;
  return isChunked ? Buffer.concat([head, ...(body.byteLength === 0 ? [] : [Buffer.from(`${body.byteLength.toString(16)}\r\n`), body, Buffer.from("\r\n")]), Buffer.from("0\r\n\r\n")]) : Buffer.concat([head, body]);
}
