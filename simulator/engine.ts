// The running simulator as its own parts see it: the world plus everything that is not part of a snapshot.
import type { BulkRunner } from "./graphql/bulk/runner.ts";
import type { AppIdentity } from "./graphql/context.ts";
import type { FaultBoard } from "./faults.ts";
import type { SimResponse } from "./http/router.ts";
import type { RequestLog } from "./graphql/request-log.ts";
import type { SimulatorOptions } from "./options.ts";
import type { Poster } from "./webhooks/post.ts";
import type { WebhookSender } from "./webhooks/sender.ts";
import type { World, WorldSnapshot } from "./world/world.ts";

/** A request that is still on its way: its client was cut off, and it arrives when the network lets it. */
export interface HeldRequest {
  readonly shop: string;
  deliver(): Promise<SimResponse>;
}

export interface Engine {
  readonly world: World;
  readonly options: SimulatorOptions;
  readonly apiVersion: string;
  readonly appHandle: string;
  readonly app: AppIdentity;
  readonly faults: FaultBoard;
  readonly bulk: BulkRunner;
  readonly requests: RequestLog;
  readonly held: HeldRequest[];
  /** Requests that reached the token endpoint, by shop and kind of grant, whatever they were answered. */
  readonly tokenRequests: { shop: string; grant: "exchange" | "refresh" | "other" }[];
  readonly sender: WebhookSender;
  readonly poster: Poster;
  readonly snapshots: Map<string, WorldSnapshot>;
  appUrl: string | null;
  /** Webhooks go to this origin instead of the app's, when something stands between the two; null: to the app. */
  webhookUrl: string | null;
  /** The simulator's own, as the app reaches it. */
  origin(): string;
  /** How long the Admin API takes to answer, in real milliseconds; operations take effect in the middle. */
  graphqlMs: number;
  /** Real time: the simulated clock says when things happened, not how long a machine takes to answer. */
  sleep(ms: number): Promise<void>;
  signSessionToken(shop: string, staffId?: string): string;
}
