// What to do about a call that did not simply succeed: the closed set of answers, and what each code of Shopify's means for it.

/** One error of Shopify's answer; `index` names the entry, null the whole call. */
export interface RefusalError {
  readonly code: string | null;
  readonly message: string;
  readonly index: number | null;
}

export type RefusalDecision =
  /** The named entries can never succeed as they are; the others go on under a new key. */
  | { readonly kind: "park_entries"; readonly entries: readonly { readonly position: number; readonly reason: string }[] }
  /** Nothing says which entry is at fault: smaller batches will. */
  | { readonly kind: "split"; readonly reason: string }
  /** Shopify's own trouble: the same key again, later. */
  | { readonly kind: "retry"; readonly reason: string };

/** Shopify could not do it now; the content is not at fault. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE"]);

export function decideRefusal(errors: readonly RefusalError[], entryCount: number): RefusalDecision {
  const transient = errors.find((error) => error.code !== null && TRANSIENT_CODES.has(error.code));
  if (transient) return { kind: "retry", reason: reasonOf(transient) };
  const named = new Map<number, string>();
  for (const error of errors) {
    if (error.index !== null && error.index >= 0 && error.index < entryCount) named.set(error.index, reasonOf(error));
  }
  if (named.size > 0) return { kind: "park_entries", entries: [...named].map(([position, reason]) => ({ position, reason })) };
  const reason = errors[0] ? reasonOf(errors[0]) : "refused:unknown";
  if (entryCount === 1) return { kind: "park_entries", entries: [{ position: 0, reason }] };
  return { kind: "split", reason };
}

/** Under which a refused change is parked. */
export function reasonOf(error: Pick<RefusalError, "code">): string {
  return `refused:${error.code ?? "unknown"}`;
}
