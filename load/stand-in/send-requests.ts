// The thread behind the stand-in's synchronous requests: sends what it is given at once, and wakes whoever waits.
import { parentPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

interface Order {
  requests: { method: string; url: string; body: string | null; headers: Record<string, string> }[];
  done: Int32Array<SharedArrayBuffer>;
  port: MessagePort;
}

async function send({ method, url, body, headers }: Order["requests"][number]): Promise<{ status: number; body: string }> {
  try {
    const answer = await fetch(url, { method, headers, ...(body === null ? {} : { body }), signal: AbortSignal.timeout(60_000) });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    return { status: 0, body: String(error) };
  }
}

async function serve({ requests, done, port }: Order): Promise<void> {
  const answers = await Promise.all(requests.map(send));
  port.postMessage(answers);
  port.close();
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

parentPort?.on("message", (order: Order) => void serve(order));
