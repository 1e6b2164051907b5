// Reads a request's JSON within the size limit of the API, without losing digits of ids beyond 2^53.

export const BODY_BYTES_MAX = 64 * 1024;

export type BodyReading = { readonly kind: "json"; readonly value: unknown } | { readonly kind: "too_large" } | { readonly kind: "invalid_json" };

/** `emptyAs`: what no bytes at all stand for, whether the request says so or, like curl without data, sends neither a length nor a body; without it they are no JSON. */
export async function readJsonBody(request: Request, bytesMax = BODY_BYTES_MAX, emptyAs?: unknown): Promise<BodyReading> {
  if (Number(request.headers.get("Content-Length") ?? 0) > bytesMax) return { kind: "too_large" };
  const bytes = await readAtMost(request, bytesMax);
  if (bytes === null) return { kind: "too_large" };
  if (bytes.byteLength === 0 && emptyAs !== undefined) return { kind: "json", value: emptyAs };
  try {
    return { kind: "json", value: parseLosslessly(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    // Not UTF-8, not JSON, or nested deeper than the stack: all the same to the sender.
    return { kind: "invalid_json" };
  }
}

/** JSON.parse, but a whole number that a double cannot hold becomes its text: `271878346596884015` → `"271878346596884015"`. */
export function parseLosslessly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    return context?.source !== undefined && /^-?[0-9]+$/.test(context.source) ? context.source : value;
  });
}

/** The declared length may be missing or wrong, so the bytes are counted as they come. */
async function readAtMost(request: Request, bytesMax: number): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    byteCount += value.byteLength;
    if (byteCount > bytesMax) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}
