// A development store's Admin API with a token that its owner gave for seeding: what the app itself may not do, and never asks for.
import { sendWithToken } from "#app/adapters/shopify/admin-client.server.ts";
import type { ShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";

export interface StoreClient {
  readonly shop: string;
  /** Waits for points; what is refused or unanswered is thrown. */
  ask<Data>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
}

export class StoreRefused extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = "StoreRefused";
    this.reason = reason;
  }
}

const TRIES_MAX = 20;

export function createStoreClient({ transport, shop, token, pause }: { transport: ShopifyTransport; shop: string; token: string; pause(ms: number): Promise<void> }): StoreClient {
  return {
    shop,
    async ask<Data>(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
      for (let tries = 1; ; tries += 1) {
        const result = await sendWithToken(transport, token, { shop, document, variables });
        switch (result.kind) {
          case "ok":
            if (result.faults.length > 0) throw new StoreRefused("faults", result.faults.map(({ message }) => message).join("; "));
            return result.data as Data;
          case "throttled":
            if (tries === TRIES_MAX) throw new StoreRefused("throttled", `${shop} is out of points; try again later`);
            await pause(result.waitMs);
            continue;
          case "refused":
            throw new StoreRefused(result.reason, `${shop} refuses: ${result.message}`);
          case "unknown":
            // Whatever it was: the next run looks what is there and makes only what is missing.
            throw new StoreRefused("unknown", `${shop} did not answer: ${result.cause}; run the command again`);
        }
      }
    },
  };
}
