// Stands in for k6's own modules, so that Node can execute the scripts: enough for what they import, one iteration after the other.
import { createHmac } from "node:crypto";
import process from "node:process";
import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";

/** Everything that the scripts reported. */
export const record = {
  checks: new Map<string, { passed: number; failed: number }>(),
  counters: new Map<string, number>(),
  requests: [] as { method: string; url: string; status: number; expected: boolean; tags: Record<string, string> }[],
};
/** Set by whoever runs the script, before each iteration. */
export const where = { vu: 1, iteration: 0 };

Object.assign(globalThis, { __ENV: process.env });

export function check<Value>(value: Value, checks: Record<string, (value: Value) => boolean>): boolean {
  let all = true;
  for (const [name, judge] of Object.entries(checks)) {
    const ok = judge(value);
    const seen = record.checks.get(name) ?? { passed: 0, failed: 0 };
    seen[ok ? "passed" : "failed"] += 1;
    record.checks.set(name, seen);
    all &&= ok;
  }
  return all;
}

/** Nobody is waited for. */
export function sleep(): void {}

export function fail(message: string): never {
  throw new Error(message);
}

export class Counter {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    record.counters.set(name, 0);
  }

  add(value: number): void {
    record.counters.set(this.#name, (record.counters.get(this.#name) ?? 0) + value);
  }
}

export const execution = {
  vu: {
    get idInTest() {
      return where.vu;
    },
    get iterationInInstance() {
      return where.iteration;
    },
  },
};

export const crypto = {
  hmac: (algorithm: string, secret: string, input: string, encoding: "base64" | "hex") => createHmac(algorithm, secret).update(input).digest(encoding),
};

interface Params {
  headers?: Record<string, string>;
  tags?: Record<string, string>;
  responseCallback?: { expected: number[] };
}

interface Response {
  status: number;
  body: string;
}

type Request = { method: string; url: string; body: string | null; params: Params };

const worker = new Worker(new URL("./send-requests.ts", import.meta.url));
worker.unref();

/** k6's requests are synchronous: another thread sends them, at once, while this one sleeps. */
function send(requests: Request[]): Response[] {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  worker.postMessage({ requests: requests.map(({ method, url, body, params }) => ({ method, url, body, headers: params.headers ?? {} })), done, port: port2 }, [port2]);
  Atomics.wait(done, 0, 0);
  const answers = (receiveMessageOnPort(port1)?.message ?? []) as Response[];
  port1.close();
  for (const [index, { status }] of answers.entries()) {
    const { method = "", url = "", params = {} } = requests[index] ?? {};
    const expected = params.responseCallback?.expected.includes(status) ?? (status >= 200 && status < 400);
    record.requests.push({ method, url, status, expected, tags: params.tags ?? {} });
  }
  return answers;
}

const one = (method: string, url: string, body: string | null, params: Params = {}): Response => send([{ method, url, body, params }])[0] ?? { status: 0, body: "" };

export const http = {
  get: (url: string, params?: Params) => one("GET", url, null, params),
  post: (url: string, body: string, params?: Params) => one("POST", url, body, params),
  batch: (requests: [string, string, string | null, Params?][]) => send(requests.map(([method, url, body, params = {}]) => ({ method, url, body, params }))),
  expectedStatuses: (...expected: number[]) => ({ expected }),
};
