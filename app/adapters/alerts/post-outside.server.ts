// One POST to an address that a merchant entered: https, to the public internet only, no redirect followed, bounded in time and size.

import { Agent, request } from "undici";

import { ADDRESS_REFUSED, isPublicAddress, literalAddress, publicLookup } from "#app/adapters/external/public-addresses.ts";

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

/** Failures of setting up a connection: what follows the set-up was never written. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

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
  if (!URL.canParse(text)) return "it is not an address";
  const url = new URL(text);
  if (allowPrivate) return url.protocol === "https:" || url.protocol === "http:" ? null : "it is not an http address";
  if (url.protocol !== "https:") return "it is not an https address";
  if (url.username !== "" || url.password !== "") return "it carries a password";
  const literal = literalAddress(url);
  return literal !== null && !isPublicAddress(literal) ? `${literal} is not on the public internet` : null;
}

async function post(agent: Agent, { url, headers, body, signal }: OutsidePost): Promise<OutsideOutcome> {
  try {
    const answer = await request(url, { dispatcher: agent, method: "POST", headers: { "content-type": "application/json", "user-agent": "Holdfast", ...headers }, body, signal });
    const text = await readBounded(answer.body, signal);
    return { kind: "answered", status: answer.statusCode, retryAfterMs: readRetryAfter(answer.headers["retry-after"]), text };
  } catch (error) {
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
    if (code === ADDRESS_REFUSED) return { kind: "forbidden", error: error instanceof Error ? error.message : ADDRESS_REFUSED };
    const notSent = (code !== null && NOT_SENT_CODES.has(code)) || (error instanceof Error && "syscall" in error && error.syscall === "connect");
    const said = signal.aborted ? "no answer in time" : (code ?? "the connection failed");
    return { kind: "unanswered", sent: !notSent, error: said };
  }
}

/** The status has been heard by then: an answer that is cut short, slow or too long still counts. */
async function readBounded(body: AsyncIterable<unknown> & { destroy(): unknown }, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX || signal.aborted) break;
    }
  } catch {
    // What was read is enough.
  }
  body.destroy();
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString("utf8");
}

/** Seconds or a date; null when it says neither. */
function readRetryAfter(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
