// A webhook request as acceptance needs it, read whole: the web server hands it over as it came, elsewhere it is read from the Request.

/** Larger bodies are refused; Shopify's largest orders stay well below. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

export interface ReceivedWebhook {
  readonly method: string;
  /** Null when it was not sent. */
  header(name: string): string | null;
  /** Null: larger than `BODY_BYTES_MAX`. */
  readonly body: Uint8Array | null;
}

/** An answer without a body. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext {
    /** What the web server has read; without it (Vite's own server, tests) the request's body is read. */
    readonly webhook?: ReceivedWebhook;
    /**
     * The web server sends this answer in place of the action's once it is there. The action need not wait for the commit then, so that what
     * Remix holds for a request is garbage at once, not copied by the collector for as long as the commit takes. A failure is answered 500.
     */
    readonly answerLater?: (answer: Promise<BareAnswer>) => void;
  }
}

export async function receiveWebhook(request: Request): Promise<ReceivedWebhook> {
  const body = request.method === "POST" ? await readBody(request) : new Uint8Array();
  return { method: request.method, header: (name) => request.headers.get(name), body };
}

/** Null when the body is larger than allowed, whether or not its length was declared. */
async function readBody(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) {
    await request.body?.cancel();
    return null;
  }
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Node streams can be iterated; the DOM type of a body does not say so.
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
