// Posts to an address that a merchant named: https to public addresses, no redirects, bounded in time and size; the answer's words are not read.

import { Agent, request } from "undici";

import { firstHeader } from "#app/adapters/http/request-outcome.ts";
import type { ExternalReceiver, ReceiverAnswer, ReceiverRequest } from "#app/ports/external-receiver.ts";
import { ADDRESS_REFUSED, faultOfAddress, publicLookup } from "./public-addresses.ts";

export interface ReceiverClientOptions {
  /** Development and tests: plain http and addresses of this machine are allowed. */
  readonly privateAddressesAllowed: boolean;
}

export interface ReceiverClient extends ExternalReceiver {
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Per receiver and process. */
const CONNECTIONS_MAX = 8;
/** An answer's body is thrown away; a longer one ends the connection. */
const ANSWER_BYTES_MAX = 64 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;

export function createReceiverClient({ privateAddressesAllowed }: ReceiverClientOptions): ReceiverClient {
  const connect = privateAddressesAllowed ? { timeout: CONNECT_TIMEOUT_MS } : { timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup() };
  const agent = new Agent({ connect, connections: CONNECTIONS_MAX, maxHeaderSize: HEADER_BYTES_MAX, headersTimeout: 0, bodyTimeout: 0 });
  return {
    async post(wanted) {
      const refusal = privateAddressesAllowed ? null : faultOfAddress(wanted.url);
      return refusal === null ? post(agent, wanted) : { kind: "address_refused", cause: refusal };
    },
    close: () => agent.close(),
  };
}

async function post(agent: Agent, { url, headers, body, signal }: ReceiverRequest): Promise<ReceiverAnswer> {
  try {
    // Without a redirect interceptor a 3xx is an answer like any other.
    const answer = await request(url, { dispatcher: agent, method: "POST", headers, body, signal });
    await answer.body.dump({ limit: ANSWER_BYTES_MAX, signal });
    return { kind: "answered", status: answer.statusCode, retryAfter: firstHeader(answer.headers["retry-after"]) };
  } catch (error) {
    const cause = codeOf(error);
    if (cause === ADDRESS_REFUSED) return { kind: "address_refused", cause: "not_public" };
    return { kind: "unanswered", cause: signal.aborted ? "timed_out" : cause };
  }
}

/** A code, never a message: what the other side says could be anything. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && "code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,60}$/.test(error.code)) return error.code;
  return "connection_failed";
}
