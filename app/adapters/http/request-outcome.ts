// What became of a request that this process sent: whether it can have left, how its answer is read within a limit, what a header says.

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

/** True when no byte of the request can have reached the other side; false when nobody knows. */
export function neverLeft(error: unknown): boolean {
  const code = errorCode(error);
  return (code !== null && NOT_SENT_CODES.has(code)) || (error instanceof Error && "syscall" in error && error.syscall === "connect");
}

export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

export interface BoundedBody {
  /** What was read, cut at the limit. */
  readonly text: string;
  readonly end: { readonly kind: "whole" } | { readonly kind: "too_long" } | { readonly kind: "broke_off"; readonly error: unknown };
}

/** Never throws for what the other side does. The connection of a body that is too long is given up, not drained. */
export async function readBounded(body: AsyncIterable<unknown> & { destroy(): unknown }, bytesMax: number): Promise<BoundedBody> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let end: BoundedBody["end"] = { kind: "whole" };
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= bytesMax) continue;
      end = { kind: "too_long" };
      body.destroy();
      break;
    }
  } catch (error) {
    end = { kind: "broke_off", error };
  }
  return { text: Buffer.concat(chunks).subarray(0, bytesMax).toString("utf8"), end };
}

export function firstHeader(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
