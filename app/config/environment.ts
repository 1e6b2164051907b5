// The typed configuration that a process reads once and hands to its modules; `.env.example` explains the variables behind it.

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ShopifyEnvironment {
  apiKey: string;
  apiSecret: string;
  /** Accepted beside `apiSecret` on webhooks, session tokens and download tickets while a rotation lasts. */
  apiSecretPrevious: string | null;
  /** Origin at which Shopify and browsers reach this app. */
  appUrl: string;
  /** What `shopify app dev` passes; with managed installation the manifest decides, so this may be empty. */
  scopes: readonly string[];
  /** Every request for `https://<shop>/…` goes to this origin instead, with the shop in X-Forwarded-Host. Null: to Shopify. */
  originOverride: string | null;
  /** Replaces the address of Shopify's app-bridge.js. */
  appBridgeUrl: string | null;
}

/** What is read of OpenTelemetry's standard variables here; the exporter reads where to send and how (OTEL_EXPORTER_OTLP_…) itself. */
export interface TracingEnvironment {
  /** OTEL_SERVICE_NAME; null: holdfast-web or holdfast-worker. */
  serviceName: string | null;
  /** Share of the traces that is kept, 0 to 1. */
  sampledRatio: number;
}

/** The mail server over which alerts go by e-mail. */
export interface MailEnvironment {
  /** smtp:// or smtps://; may hold a user and a password. */
  url: string;
  /** Sender of the messages. */
  from: string;
}

/** Whom merchants may ask, as the help page says it; null: not said. */
export interface SupportEnvironment {
  email: string | null;
  /** https:// address of a page. */
  url: string | null;
}

export interface Environment {
  production: boolean;
  databaseUrl: string;
  redisUrl: string;
  /** The servers of the locks' quorum: three or more, an odd number, all different. Empty: the locks are kept by `redisUrl`. */
  lockRedisUrls: readonly string[];
  port: number;
  /** So long web goes on taking requests after it was asked to stop. */
  drainMs: number;
  /** Null: the worker opens no port. */
  workerPort: number | null;
  logLevel: LogLevel;
  /** When set, /metrics wants it as a bearer token. */
  metricsToken: string | null;
  /** Null: nothing is traced, and OpenTelemetry is not even loaded. */
  tracing: TracingEnvironment | null;
  /** Requests per second and token of /api/v1; 0 = no limit. */
  apiRateLimitPerSecond: number;
  /** 32 bytes each; the first encrypts, all decrypt. */
  encryptionKeys: readonly [Uint8Array, ...Uint8Array[]];
  /** Null: alerts by e-mail wait until one is set up. */
  mail: MailEnvironment | null;
  support: SupportEnvironment;
  shopify: ShopifyEnvironment;
}
