// The file of a bulk operation, line by line as it comes: never whole in memory, and never further ahead than its reader.
import { Agent, request } from "undici";

import { CONNECT_TIMEOUT_MS } from "./shopify-transport.server.ts";

/** Lines handed on together. */
export const LINES_PER_CHUNK = 500;
/** A longer line is no line of ours. */
const LINE_BYTES_MAX = 1024 * 1024;
/** Between two pieces of the file; the reader's own time does not count. */
const SILENCE_MS_MAX = 30_000;

export type LinesEnd = { readonly kind: "end"; readonly lineCount: number } | { readonly kind: "gone" } | { readonly kind: "broken"; readonly cause: string } | { readonly kind: "stopped" };

export interface LinesRequest {
  readonly url: string;
  readonly skipLines: number;
  readonly signal: AbortSignal;
  /** False: stop. `firstLine`: how many lines came before these. */
  take(lines: readonly string[], firstLine: number): Promise<boolean>;
}

/** The address is Shopify's storage, which asks for no token: none is sent. */
export async function readLines({ url, skipLines, signal, take }: LinesRequest): Promise<LinesEnd> {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: SILENCE_MS_MAX, bodyTimeout: SILENCE_MS_MAX });
  try {
    const answer = await request(url, { dispatcher: agent, signal });
    // Storage answers a file that is gone, or an address that has expired, with one of these.
    if ([403, 404, 410].includes(answer.statusCode)) return { kind: "gone" };
    if (answer.statusCode !== 200) return { kind: "broken", cause: `HTTP ${answer.statusCode}` };
    return await handOn(answer.body, skipLines, signal, take);
  } catch (error) {
    if (signal.aborted) return { kind: "stopped" };
    return { kind: "broken", cause: error instanceof Error ? error.message : String(error) };
  } finally {
    await agent.destroy();
  }
}

async function handOn(body: AsyncIterable<unknown>, skipLines: number, signal: AbortSignal, take: LinesRequest["take"]): Promise<LinesEnd> {
  let lineCount = 0;
  let chunk: string[] = [];
  const flush = async () => {
    const lines = chunk;
    chunk = [];
    return lines.length === 0 || (await take(lines, lineCount - lines.length));
  };
  for await (const line of splitLines(body)) {
    if (signal.aborted) return { kind: "stopped" };
    lineCount += 1;
    if (lineCount <= skipLines) continue;
    chunk.push(line);
    if (chunk.length >= LINES_PER_CHUNK && !(await flush())) return { kind: "stopped" };
  }
  return (await flush()) ? { kind: "end", lineCount } : { kind: "stopped" };
}

async function* splitLines(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of body) {
    if (!(piece instanceof Uint8Array)) continue;
    const parts = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > LINE_BYTES_MAX) throw new Error(`a line of more than ${LINE_BYTES_MAX} bytes`);
    yield* parts.filter((line) => line !== "");
  }
  // Every line of a whole file ends; what is left over belongs to one that broke off, or is the last line without its end.
  if (rest !== "") yield rest;
}
