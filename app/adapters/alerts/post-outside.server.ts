// One POST to an address that a merchant entered: https, to the public internet only, no redirect followed, bounded in time and size.

import { Agent, request } from "undici";

import { ADDRESS_REFUSED, type AddressFault, faultOfAddress, publicLookup } from "#app/adapters/external/public-addresses.ts";
import { errorCode, firstHeader, neverLeft, readBounded } from "#app/adapters/http/request-outcome.ts";
import { readRetryAfterMs } from "#app/domain/retry-after.ts";

export interface OutsidePost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export type OutsideOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfterMs: number | null; readonly text: string }
  /** The address may not be called. */
  | { readonly kind: "forbidden"; readonly error: string }
  /** `sent`: the request may have arrived. */
  | { readonly kind: "unanswered"; readonly sent: boolean; readonly error: string };

export interface OutsidePoster {
  /** Never throws for what the other side or the network does. */
  post(wanted: OutsidePost): Promise<OutsideOutcome>;
  close(): Promise<void>;
}

export interface OutsidePosterOptions {
  /** Development and tests: plain http and addresses of this machine's own network too. */
  readonly allowPrivate: boolean;
}

/** Enough for an error message; the rest is not read. */
const ANSWER_BYTES_MAX = 16 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4;

export function createOutsidePoster({ allowPrivate }: OutsidePosterOptions): OutsidePoster {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(allowPrivate ? {} : { lookup: publicLookup() }) },
    connections: CONNECTIONS_MAX,
    // A repeat must never be the client's own idea.
    pipelining: 1,
  });
  return {
    post(wanted) {
      const fault = faultOf(wanted.url, allowPrivate);
      return fault === null ? post(agent, wanted) : Promise.resolve({ kind: "forbidden", error: fault });
    },
    close: () => agent.close(),
  };
}

function faultOf(text: string, allowPrivate: boolean): string | null {
  if (allowPrivate && URL.canParse(text)) return /^https?:$/.test(new URL(text).protocol) ? null : "it is not an http address";
  const fault = faultOfAddress(text);
  return fault === null ? null : FAULT_WORDS[fault];
}

const FAULT_WORDS: Readonly<Record<AddressFault, string>> = {
  not_a_url: "it is not an address",
  not_https: "it is not an https address",
  credentials_in_url: "it carries a password",
  not_public: "it is not on the public internet",
};

async function post(agent: Agent, { url, headers, body, signal }: OutsidePost): Promise<OutsideOutcome> {
  try {
    const answer = await request(url, { dispatcher: agent, method: "POST", headers: { "content-type": "application/json", "user-agent": "Holdfast", ...headers }, body, signal });
    // The status has been heard by then: an answer that is cut short, slow or too long still counts.
    const { text } = await readBounded(answer.body, ANSWER_BYTES_MAX);
    return { kind: "answered", status: answer.statusCode, retryAfterMs: readRetryAfterMs(firstHeader(answer.headers["retry-after"]), new Date()), text };
  } catch (error) {
    const code = errorCode(error);
    if (code === ADDRESS_REFUSED) return { kind: "forbidden", error: error instanceof Error ? error.message : ADDRESS_REFUSED };
    const said = signal.aborted ? "no answer in time" : (code ?? "the connection failed");
    return { kind: "unanswered", sent: !neverLeft(error), error: said };
  }
}
