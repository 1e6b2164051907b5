// Bounds how often one address may come with tokens that open nothing: guessing costs the guesser time, and PostgreSQL nothing.

import { createHash } from "node:crypto";

export interface TokenGuesses {
  /** Seconds after which the address may try again; null: it may now. A token that worked here is never kept waiting for what others of its address tried. */
  mustWaitSeconds(client: string, token: string): number | null;
  failed(client: string): void;
  worked(token: string): void;
}

/** A token has 256 random bits, so no number of guesses finds one; the bound is for the look-ups that guessing costs. */
export const FAILED_GUESSES_MAX = 60;
const WINDOW_MS = 60_000;
/** Kept of each; beyond it the oldest is forgotten, which at worst lets an address begin anew. */
const CLIENTS_MAX = 10_000;
const TOKENS_MAX = 10_000;

/** Within this process: with several web processes the bound is per process, which still bounds each. */
export function createTokenGuesses(monotonicMs: () => number): TokenGuesses {
  const clients = new Map<string, { failedCount: number; sinceMs: number }>();
  const known = new Set<string>();
  const standing = (client: string) => {
    const found = clients.get(client);
    return found === undefined || monotonicMs() - found.sinceMs >= WINDOW_MS ? null : found;
  };
  return {
    mustWaitSeconds(client, token) {
      const tried = standing(client);
      if (tried === null || tried.failedCount < FAILED_GUESSES_MAX || known.has(hashOf(token))) return null;
      return Math.max(1, Math.ceil((tried.sinceMs + WINDOW_MS - monotonicMs()) / 1_000));
    },
    failed(client) {
      const tried = standing(client);
      if (tried !== null) {
        tried.failedCount += 1;
        return;
      }
      clients.delete(client);
      clients.set(client, { failedCount: 1, sinceMs: monotonicMs() });
      if (clients.size > CLIENTS_MAX) forgetOldest(clients);
    },
    worked(token) {
      known.add(hashOf(token));
      if (known.size > TOKENS_MAX) forgetOldest(known);
    },
  };
}

/** A Map and a Set keep the order of insertion. */
function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  const oldest = kept.keys().next();
  if (!oldest.done) kept.delete(oldest.value);
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
