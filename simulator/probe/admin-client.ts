// Asks a shop's Admin API as any app would: one request, everything that came back, and patience where points are short.

export interface AdminClientOptions {
  shop: string;
  token: string;
  apiVersion: string;
  /** Requests for the shop go here instead, with the shop in `X-Forwarded-Host`: a simulator. */
  originOverride?: string | undefined;
  pause(ms: number): Promise<void>;
}

export interface AdminAnswer<Data> {
  status: number;
  data: Data | null;
  errors: { message: string; extensions?: { code?: string } }[];
  cost: { requestedQueryCost: number; throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number } } | null;
}

export interface AdminClient {
  readonly shop: string;
  /** Once, whatever comes back. */
  send<Data>(document: string, variables?: Record<string, unknown>): Promise<AdminAnswer<Data>>;
  /** Waits for points and asks again; anything else that is wrong is thrown. */
  ask<Data>(document: string, variables?: Record<string, unknown>): Promise<Data>;
}

const TIMEOUT_MS = 30_000;
const TRIES_MAX = 20;
const LEAST_PAUSE_MS = 1_000;

export function createAdminClient({ shop, token, apiVersion, originOverride, pause }: AdminClientOptions): AdminClient {
  const url = `${originOverride ?? `https://${shop}`}/admin/api/${apiVersion}/graphql.json`;
  const headers = { "content-type": "application/json", accept: "application/json", "x-shopify-access-token": token, ...(originOverride === undefined ? {} : { "x-forwarded-host": shop }) };

  const send = async <Data>(document: string, variables: Record<string, unknown> = {}): Promise<AdminAnswer<Data>> => {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: document, variables }), signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (response.status === 401 || response.status === 403) throw new Error(`${shop} refuses the token (${response.status}): it is wrong, or of another shop`);
    if (response.status === 404) throw new Error(`${shop} answers 404: there is no such shop, or no API version ${apiVersion}`);
    return { status: response.status, ...readBody<Data>(text, response.status) };
  };

  return {
    shop,
    send,
    async ask<Data>(document: string, variables: Record<string, unknown> = {}): Promise<Data> {
      for (let tries = 1; ; tries += 1) {
        const answer = await send<Data>(document, variables);
        const throttled = answer.status === 429 || answer.errors.some(({ extensions }) => extensions?.code === "THROTTLED");
        if (throttled && tries < TRIES_MAX) {
          await pause(untilEnough(answer));
          continue;
        }
        if (answer.errors.length > 0 || answer.data === null) throw new Error(answer.errors.map(({ message }) => message).join("; ") || `status ${answer.status}`);
        return answer.data;
      }
    },
  };
}

function untilEnough({ cost }: AdminAnswer<unknown>): number {
  if (!cost) return LEAST_PAUSE_MS;
  const missing = cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable;
  return Math.max(LEAST_PAUSE_MS, (missing / cost.throttleStatus.restoreRate) * 1_000);
}

interface RawBody<Data> {
  data?: Data | null;
  /** A text where the request did not get as far as GraphQL. */
  errors?: AdminAnswer<Data>["errors"] | string;
  extensions?: { cost?: AdminAnswer<Data>["cost"] };
}

function readBody<Data>(text: string, status: number): Omit<AdminAnswer<Data>, "status"> {
  let body: RawBody<Data>;
  try {
    body = JSON.parse(text) as RawBody<Data>;
  } catch {
    return { data: null, errors: [{ message: `status ${status}: ${text.slice(0, 200)}` }], cost: null };
  }
  const errors = typeof body.errors === "string" ? [{ message: body.errors }] : (body.errors ?? []);
  return { data: body.data ?? null, errors, cost: body.extensions?.cost ?? null };
}
