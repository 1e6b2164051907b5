// Server time of each page: whole documents with a valid session token over loopback, one at a time, first byte asked to last byte read.

import { request } from "undici";

import { percentile } from "../reservations/buy.ts";
import type { MeasuredPage } from "./pages.ts";
import { BIG, type House } from "./start-house.ts";

export interface ServerTimes {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Of the document, as it is sent. */
  readonly bytes: number;
}

export interface AskInput {
  readonly warmUps: number;
  readonly times: number;
  readonly signal: AbortSignal;
}

export async function askPage(house: House, { path }: MeasuredPage, { warmUps, times, signal }: AskInput): Promise<ServerTimes> {
  const takenMs: number[] = [];
  let bytes = 0;
  for (let turn = 0; turn < warmUps + times && !signal.aborted; turn += 1) {
    const { url, headers } = house.documentRequest(BIG, path);
    const asked = performance.now();
    const answer = await request(url, { headers: { ...headers, "accept-encoding": "gzip" } });
    const body = await answer.body.arrayBuffer();
    const ms = performance.now() - asked;
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`);
    bytes = body.byteLength;
    if (turn >= warmUps) takenMs.push(ms);
  }
  return { p50Ms: percentile(takenMs, 0.5) ?? 0, p95Ms: percentile(takenMs, 0.95) ?? 0, maxMs: Math.max(...takenMs), bytes };
}
