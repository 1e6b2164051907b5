// A process that makes load and nothing else: takes its plan as its argument, prints its figures as one line of JSON.
import { randomBytes } from "node:crypto";
import process from "node:process";

import { type HttpConnection, openConnection } from "./http-connection.ts";
import { Latencies } from "./latencies.ts";
import type { LoadFigures, LoadPlan } from "./load-plan.ts";
import { createSignedOrders } from "./signed-orders.ts";

/** How long answers to what was sent are waited for at the end. */
const LAST_ANSWERS_MS = 15_000;
/** A warm-up by count is looked at so often, and ends after this at the latest. */
const WARM_UP_STEP_MS = 100;
const WARM_UP_MS_MAX = 30_000;
/** Pause before a connection that was lost sends again. */
const LOST_PAUSE_MS = 50;

const plan = JSON.parse(process.argv[2] ?? "{}") as LoadPlan;
const figures = plan.kind === "closed" ? await sendClosed(plan) : await sendOpen(plan);
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));

/** The next request, prepared or signed now. */
function requests({ url, shop, secret, bodyBytes, sourceName, appId, variantIds, prepared, firstNumber }: LoadPlan): () => Buffer {
  const { host, pathname } = new URL(url);
  const sender = randomBytes(4).toString("hex");
  const lists = variantIds ?? [undefined];
  const writers = lists.map((list) =>
    createSignedOrders({ host, path: pathname, shop, secret, bodyBytes, sender, ...(sourceName === undefined ? {} : { sourceName }), ...(appId === undefined ? {} : { appId }), ...(list === undefined ? {} : { variantIds: list }) }),
  );
  const writerOf = (number: number) => {
    const writer = writers[number % writers.length];
    if (writer === undefined) throw new Error("there is nobody to write orders");
    return writer;
  };
  const kept = Array.from({ length: prepared }, (_, index) => writerOf(firstNumber + index).write(firstNumber + index));
  // Now, and not while answers are waited for: what this process pauses for is no latency of theirs.
  globalThis.gc?.();
  let index = 0;
  return () => {
    const number = firstNumber + index;
    const again = kept[index % Math.max(1, kept.length)];
    const isNew = index < kept.length;
    index += 1;
    if (again === undefined) return writerOf(number).write(number);
    if (!isNew) writerOf(number).renew(again, number);
    return again;
  };
}

function targetOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

async function sendClosed(closed: LoadPlan): Promise<LoadFigures> {
  const next = requests(closed);
  const startedMs = performance.now();
  const fromMs = startedMs + closed.warmUpMs;
  const latencies = new Latencies(fromMs, fromMs + closed.measureMs);
  const begin = (): void => {
    const isCold = latencies.acknowledged < (closed.warmUpCount ?? 0) && performance.now() - startedMs < WARM_UP_MS_MAX;
    if (!isCold) return latencies.start();
    latencies.startLater(WARM_UP_STEP_MS);
    setTimeout(begin, WARM_UP_STEP_MS);
  };
  setTimeout(begin, closed.warmUpMs);
  let sent = 0;
  const client = () =>
    new Promise<void>((done) => {
      let sentMs = 0;
      const send = (connection: HttpConnection): void => {
        sentMs = performance.now();
        if (latencies.isOver(sentMs) || sent >= (closed.requests ?? Number.POSITIVE_INFINITY)) {
          connection.close();
          return done();
        }
        sent += 1;
        connection.send(next());
      };
      const connection = openConnection(
        targetOf(closed.url),
        (status) => {
          const nowMs = performance.now();
          latencies.answered(status, nowMs - sentMs, nowMs);
          send(connection);
        },
        () => {
          latencies.lost();
          setTimeout(() => send(connection), LOST_PAUSE_MS);
        },
      );
      send(connection);
    });
  await Promise.all(Array.from({ length: closed.connections }, client));
  return latencies.figures(sent);
}

/** A request that finds no connection free waits for one; the wait counts, because the sender of a webhook would wait too. */
async function sendOpen(open: LoadPlan): Promise<LoadFigures> {
  const next = requests(open);
  const perMs = (open.perSecond ?? 1) / 1_000;
  const total = Math.round((open.warmUpMs + open.measureMs) * perMs);
  const startedMs = performance.now();
  const fromMs = startedMs + open.warmUpMs;
  const latencies = new Latencies(fromMs, fromMs + open.measureMs);
  const idle: ((plannedMs: number) => void)[] = [];
  const late: number[] = [];
  let connections = 0;
  let sent = 0;
  let settled = 0;
  let behindMsMax = 0;

  return await new Promise<LoadFigures>((tell) => {
    const done = () => tell({ ...latencies.figures(sent), behindMsMax });
    const settle = (): void => {
      settled += 1;
      if (settled === total) done();
    };
    const openOne = (): ((plannedMs: number) => void) => {
      connections += 1;
      let plannedMs = 0;
      const becomeFree = (): void => {
        const waitingSince = late.shift();
        if (waitingSince === undefined) idle.push(start);
        else start(waitingSince);
      };
      const connection = openConnection(
        targetOf(open.url),
        (status) => {
          latencies.answered(status, performance.now() - plannedMs, plannedMs);
          settle();
          becomeFree();
        },
        () => {
          latencies.lost();
          settle();
          becomeFree();
        },
      );
      const start = (planned: number): void => {
        plannedMs = planned;
        connection.send(next());
      };
      return start;
    };
    const sendDue = (): void => {
      const due = Math.min(total, Math.floor((performance.now() - startedMs) * perMs) + 1);
      for (; sent < due; sent += 1) {
        const plannedMs = startedMs + sent / perMs;
        if (plannedMs >= fromMs) behindMsMax = Math.max(behindMsMax, performance.now() - plannedMs);
        const free = idle.pop() ?? (connections < open.connections ? openOne() : undefined);
        if (free === undefined) late.push(plannedMs);
        else free(plannedMs);
      }
      if (sent < total) setTimeout(sendDue, 1);
      else setTimeout(done, LAST_ANSWERS_MS);
    };
    setTimeout(() => latencies.start(), open.warmUpMs);
    sendDue();
  });
}
