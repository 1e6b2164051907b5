// What the simulator is started with, and what it offers to the admin page that is mounted on it.
import type { Log } from "./http/server.ts";

export interface WebhookSubscription {
  topic: string;
  /** A path, added to the app's URL, or an absolute URL. */
  uri: string;
  includeFields?: string[];
}

export interface SimulatorOptions {
  /** 0: a free port. */
  port?: number;
  host?: string;
  appUrl?: string;
  apiKey: string;
  apiSecret: string;
  /** Session tokens signed with it are still accepted. */
  apiSecretPrevious?: string;
  appHandle?: string;
  /** Granted by every installation. */
  scopes: string[];
  /** May be granted later, or with an installation that names them. */
  optionalScopes: string[];
  apiVersion?: string;
  /** Handles of the app's Flow triggers, as its extensions declare them. */
  flowTriggers?: string[];
  /** The introspection JSON of the Admin schema, `{ data: { __schema }, offline_scopes }`. */
  schemaPath: string;
  seed?: number;
  /** ISO time the simulated clock starts at; default: now. */
  startTime?: string;
  subscriptions?: WebhookSubscription[];
  /** Webhook requests in flight at once. */
  webhookConcurrency?: number;
  /** Shown on the admin page beside the app: other pages that belong to the same demonstration. */
  links?: readonly PageLink[];
  /** How latency and slow faults wait, in real milliseconds; tests put a gate here. */
  sleep?: (ms: number) => Promise<void>;
  log?: Log;
}

export interface PageLink {
  readonly title: string;
  readonly url: string;
}

/** Everything the admin page needs besides the world: who the app is, where it lives, and a way to sign for it. */
export interface AdminFrameOptions {
  readonly apiKey: string;
  readonly appHandle: string;
  readonly scopes: readonly string[];
  readonly optionalScopes: readonly string[];
  readonly links: readonly PageLink[];
  /** The simulator's own origin, e.g. `http://127.0.0.1:4567`. */
  origin(): string;
  /** The app's origin, or null while it is not known. */
  appUrl(): string | null;
  /** A fresh session token (60 s) for this shop; staff defaults to the owner. */
  sessionToken(shop: string, staffId?: string): string;
  /** Changes what the merchant granted and sends app/scopes_update. */
  grantScopes(shop: string, granted: readonly string[]): void;
}

const DEFAULT_TOPICS = [
  "orders/create",
  "orders/paid",
  "orders/updated",
  "orders/edited",
  "orders/cancelled",
  "orders/fulfilled",
  "orders/partially_fulfilled",
  "refunds/create",
  "fulfillment_orders/order_routing_complete",
  "fulfillment_orders/moved",
  "fulfillment_orders/placed_on_hold",
  "fulfillment_orders/hold_released",
  "inventory_levels/connect",
  "inventory_levels/update",
  "inventory_levels/disconnect",
  "inventory_items/update",
  "locations/update",
  "locations/deactivate",
  "bulk_operations/finish",
  "app/uninstalled",
  "app/scopes_update",
  "customers/data_request",
  "customers/redact",
  "shop/redact",
];

export const DEFAULT_SUBSCRIPTIONS: readonly WebhookSubscription[] = DEFAULT_TOPICS.map((topic) => ({ topic, uri: "/webhooks" }));
