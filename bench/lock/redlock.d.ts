// What the benchmark uses of redlock: its package says where its code is and not where its types are.
declare module "redlock" {
  import type { Redis } from "ioredis";
  export default class Redlock {
    constructor(clients: Iterable<Redis>, settings: { driftFactor: number; retryCount: number; retryDelay: number; retryJitter: number; automaticExtensionThreshold: number });
    on(event: "error", listener: (error: unknown) => void): this;
    acquire(resources: string[], durationMs: number): Promise<{ release(): Promise<unknown> }>;
  }
}
