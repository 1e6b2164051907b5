// Sends a number of hostile requests at a running web process, some dozens at a time, and sums up what came back.
import type { FuzzHouse } from "./fuzz-house.ts";
import { type Attack, type HostileRequest, hostileRequest } from "./hostile-requests.ts";
import { type KeptMemory, keptMemory } from "./kept-memory.ts";
import { judgeHouse } from "./judge-house.ts";
import { readPublicRoutes } from "./read-routes.ts";
import { type RawAnswer, sendRaw } from "./send-raw.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Told now and then how many were sent. */
  onProgress?(sent: number): void;
}

export interface FuzzRun {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly routes: number;
  /** Per kind of request, how often each status came; "none": the connection was closed without an answer. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** At first, after the first fifth, at the end. */
  readonly memory: { readonly start: KeptMemory; readonly warm: KeptMemory; readonly end: KeptMemory };
  /** What should not be; empty when all held. */
  readonly faults: readonly string[];
}

/** The process has loaded and compiled what it needs after so many; what it holds from then on is what it keeps. */
const WARM_SHARE = 0.2;
/** What it keeps beyond that, after the first fifth, is a leak and no cache: heap and what its objects hold outside of it, after a collection. */
const KEPT_GROWTH_MB_MAX = 32;
const FAULTS_MAX = 25;
const PROGRESS_EVERY = 5_000;

export async function runFuzz(fuzzed: FuzzHouse, { seed, requests, connections, signal, onProgress }: FuzzOptions): Promise<FuzzRun> {
  const routes = await readPublicRoutes();
  const attack: Attack = { routes, known: fuzzed.known, credentials: fuzzed.credentials, host: `127.0.0.1:${fuzzed.web.port}` };
  const answers: Record<string, Record<string, number>> = {};
  const faults: string[] = [];
  const start = await keptMemory(fuzzed.web.inspectorPort);
  let warm = start;
  let next = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (next < requests && !signal.aborted && fuzzed.web.ended() === null) {
      const number = (next += 1);
      const request = hostileRequest(seed, number, attack);
      const answer = await sendRaw(fuzzed.web.port, request.bytes, request.isWhole);
      const counted = (answers[request.kind] ??= {});
      for (const status of answer.statuses.length === 0 ? ["none"] : answer.statuses) counted[status] = (counted[status] ?? 0) + 1;
      const fault = faultOf(request, answer);
      if (fault !== null && faults.length < FAULTS_MAX) faults.push(`request ${number} of seed ${seed} (${request.kind}): ${fault}\n    ${shown(request)}\n    ${answer.beginning.slice(0, 300).replaceAll("\r\n", " | ")}`);
      if (number === Math.floor(requests * WARM_SHARE)) warm = await keptMemory(fuzzed.web.inspectorPort);
      if (number % PROGRESS_EVERY === 0) onProgress?.(number);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - began) / 1_000;
  const end = fuzzed.web.ended() === null ? await keptMemory(fuzzed.web.inspectorPort) : warm;
  if (kept(end) - kept(warm) > KEPT_GROWTH_MB_MAX) faults.push(`the process keeps ${kept(end).toFixed(0)} MB, and kept ${kept(warm).toFixed(0)} MB after the first fifth`);
  faults.push(...(await judgeHouse(fuzzed)));
  return { seed, requests: Math.min(next, requests), seconds, routes: routes.length, answers: sorted(answers), memory: { start, warm, end }, faults };
}

const kept = ({ heapMb, externalMb }: KeptMemory) => heapMb + externalMb;

/** 503 says "not now", which is how every part of the house says that it is overrun; any other 5xx is a failure of ours. */
function faultOf({ isWhole }: HostileRequest, { statuses, end }: RawAnswer): string | null {
  const failed = statuses.find((status) => status >= 500 && status !== 503);
  if (failed !== undefined) return `answered ${failed}`;
  return isWhole && statuses.length === 0 ? `not answered (${end})` : null;
}

function shown({ bytes }: HostileRequest): string {
  return JSON.stringify(bytes.toString("latin1").slice(0, 700));
}

function sorted(answers: Record<string, Record<string, number>>): FuzzRun["answers"] {
  return Object.fromEntries(Object.entries(answers).toSorted(([one], [other]) => one.localeCompare(other)));
}
