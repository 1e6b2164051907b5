// The external-receiver port: one signed request to an address that a merchant named, and every way it can end.

export interface ReceiverRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export type ReceiverAnswer =
  | { readonly kind: "answered"; readonly status: number; /** The `Retry-After` header, as it came. */ readonly retryAfter: string | null }
  /** Nobody knows whether it arrived; `cause` is a code, never the receiver's words. */
  | { readonly kind: "unanswered"; readonly cause: string }
  /** The address leads to a place that no merchant's receiver is at; nothing was sent. */
  | { readonly kind: "address_refused"; readonly cause: string };

export interface ExternalReceiver {
  /** Never throws for what the network does. */
  post(request: ReceiverRequest): Promise<ReceiverAnswer>;
}
