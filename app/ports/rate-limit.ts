// The rate-limit port: may this bearer make one more request now?

export type RateDecision = { readonly kind: "allowed" } | { readonly kind: "limited"; readonly retryAfterSeconds: number };

export interface RateLimiter {
  take(key: string): RateDecision;
}
