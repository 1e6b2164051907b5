// What every HTTP receiver has in common: an address, the check of the signature, and mischief around the one moment at which a request is taken.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { createRouteTable, json } from "../http/router.ts";
import type { Router, SimRequest, SimResponse } from "../http/router.ts";
import { listen } from "../http/server.ts";
import { Mischief, MISHAPS } from "./mischief.ts";
import type { MischiefPlan, Receivable } from "./mischief.ts";
import { z } from "zod";

export interface ReceiverOptions {
  /** 0: a free port. */
  port?: number;
  host?: string;
  /** With it, a request must carry `X-Holdfast-Signature: sha256=<hex HMAC-SHA256 of the raw body>`. */
  secret?: string;
  mischief?: MischiefPlan;
  /** How long a slow answer takes, in real milliseconds. */
  slowMs?: number;
  /** How slowness waits; tests put a gate here. */
  sleep?: (ms: number) => Promise<void>;
  /** When things arrive; default: the wall clock. */
  nowMs?: () => number;
}

export interface Arrival {
  path: string;
  headers: IncomingHttpHeaders;
  rawBody: string;
  /** The body as JSON; null when it is none. */
  body: Record<string, unknown> | null;
  atMs: number;
}

export interface Receiver {
  readonly origin: string;
  readonly port: number;
  setMischief(plan: MischiefPlan): void;
  close(): Promise<void>;
}

interface Behaviour {
  /** The one moment. What it answers goes to the sender unless mischief strikes. */
  take(arrival: Arrival): SimResponse;
  /** Every signed request, taken or not, from its arrival until its answer leaves. */
  enter?(arrival: Arrival): () => void;
  /** Unsigned or wrongly signed. */
  turnedAway(arrival: Arrival): void;
  /** What `GET /ledger` shows. */
  report(): unknown;
}

const mischiefInput = z.object({
  seed: z.int().optional(),
  rate: z.number().min(0).max(1).optional(),
  kinds: z.array(z.enum(MISHAPS)).min(1).optional(),
  next: z.array(z.enum(MISHAPS)).optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
});

export async function openReceiver(options: ReceiverOptions, behaviour: Behaviour): Promise<Receiver> {
  const mischief = new Mischief();
  mischief.set(options.mischief ?? {});
  const routes = createRouteTable();
  mountInspection(routes, mischief, behaviour);
  routes.post("/*path", (request) => receive(options, mischief, behaviour, request));
  const host = options.host ?? "127.0.0.1";
  const server = await listen(routes, host, options.port ?? 0, () => undefined);
  return {
    origin: `http://${host}:${server.port}`,
    port: server.port,
    setMischief: (plan) => mischief.set(plan),
    close: () => server.close(),
  };
}

function mountInspection(router: Router, mischief: Mischief, behaviour: Behaviour): void {
  router.get("/ledger", () => json(behaviour.report()));
  router.post("/mischief", (request) => {
    const { seed, rate, kinds, next, retryAfterSeconds } = mischiefInput.parse(request.json());
    mischief.set({
      ...(seed === undefined ? {} : { seed }),
      ...(rate === undefined ? {} : { rate }),
      ...(kinds === undefined ? {} : { kinds }),
      ...(next === undefined ? {} : { next }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
    return json({ set: true });
  });
}

async function receive(options: ReceiverOptions, mischief: Mischief, behaviour: Behaviour, request: SimRequest): Promise<SimResponse> {
  const rawBody = request.body.toString("utf8");
  const arrival: Arrival = { path: request.path, headers: request.headers, rawBody, body: parse(rawBody), atMs: (options.nowMs ?? Date.now)() };
  if (options.secret !== undefined && !isSigned(options.secret, request)) {
    behaviour.turnedAway(arrival);
    return json({ error: "bad_signature" }, 401);
  }
  const leave = behaviour.enter?.(arrival);
  try {
    const fate = mischief.draw();
    if (fate.slow) await (options.sleep ?? wait)(options.slowMs ?? 1_000);
    const answer = fate.taken ? behaviour.take(arrival) : null;
    return answerAs(fate, answer, mischief);
  } finally {
    leave?.();
  }
}

function answerAs(fate: Receivable, answer: SimResponse | null, mischief: Mischief): SimResponse {
  if (fate.answer === "ok" && answer) return answer;
  if (fate.answer === "cut") return { status: 0, cut: "before_answer" };
  if (fate.answer === "busy") return { ...json({ error: "busy" }, 429), headers: { "content-type": "application/json", "retry-after": String(mischief.retryAfterSeconds) } };
  return fate.answer === "reject" ? json({ error: "rejected" }, 422) : json({ error: "unavailable" }, 503);
}

function isSigned(secret: string, { headers, body }: SimRequest): boolean {
  const given = Buffer.from(String(headers["x-holdfast-signature"] ?? ""));
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A header as one text; absent is null. */
export function headerOf({ headers }: Arrival, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
