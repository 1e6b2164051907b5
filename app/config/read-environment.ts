// Turns environment variables into the typed configuration that processes hand to their modules; pure, so that tests can call it.
import { z } from "zod";

import { LOG_LEVELS, type Environment, type LogLevel } from "./environment.ts";
import { readTracing, tracingFaults } from "./read-tracing.ts";

export type EnvironmentReading = { kind: "ok"; environment: Environment } | { kind: "faulty"; faults: readonly string[] };

type Variables = Readonly<Record<string, string | undefined>>;

const PORT_DEFAULT = 3000;
const API_RATE_LIMIT_DEFAULT = 100;
/** With the 10 s that answers under way may take and 4 s to close, less than the 30 s that hosts give a process. */
const DRAIN_SECONDS_MAX = 15;
const ENCRYPTION_KEY_BYTES = 32;
const LOCK_SERVERS_MIN = 3;
const REDIS_PORT_DEFAULT = "6379";

/** What a person must do to have the variable; ends the line that names what is wrong with it. */
const HOW_TO_GET = {
  DATABASE_URL: "set it to your PostgreSQL, like postgresql://user:password@localhost:5432/holdfast, or run `npx node dev/prepare-dev.ts`, which starts one",
  REDIS_URL: "set it to your Redis or Valkey, like redis://localhost:6379, or run `npx node dev/prepare-dev.ts`, which starts one",
  LOCK_REDIS_URLS: "set it to the addresses of three, five or seven Redis servers that share no machine, separated by commas, or leave it out and REDIS_URL keeps the locks",
  SHOPIFY_API_KEY: "it is the app's client ID: `npm run env -- show` prints it, `shopify app dev` sets it",
  SHOPIFY_API_SECRET: "it is the app's client secret: `npm run env -- show` prints it, `shopify app dev` sets it",
  SHOPIFY_APP_URL: "set it to the public https:// address of this app (HOST and APP_URL are read too; `shopify app dev` sets HOST)",
  SHOPIFY_ORIGIN_OVERRIDE: "set it to the simulator's origin, like http://127.0.0.1:4000, or leave it out to talk to Shopify",
  APP_BRIDGE_URL: "set it to the address of an app-bridge.js, or leave it out for Shopify's",
  ENCRYPTION_KEY: "make one with `openssl rand -base64 32` and keep it: stored tokens cannot be read without it",
  ENCRYPTION_KEY_PREVIOUS: "set it to the key that was replaced, or leave it out",
  PORT: "set it to a port number from 1 to 65535",
  DRAIN_SECONDS: `set it to the seconds that your load balancer needs to notice that a process stops, ${DRAIN_SECONDS_MAX} at most, or leave it out for none`,
  WORKER_PORT: "set it to a port number from 1 to 65535, or leave it out and the worker opens none",
  LOG_LEVEL: `set it to one of ${LOG_LEVELS.join(", ")}`,
  SMTP_URL: "set it to your mail server, like smtps://user:password@mail.example.com, or leave it out and no alert goes by e-mail",
  SMTP_FROM: "set it to the address that alerts are sent from, like holdfast@example.com",
  API_RATE_LIMIT: "set it to requests per second and token, 0 for no limit",
  SUPPORT_EMAIL: "set it to the address at which merchants reach you, like help@example.com, or leave it out",
  SUPPORT_URL: "set it to the address of your help page, like https://example.com/help, or leave it out",
} as const;

type VariableName = keyof typeof HOW_TO_GET;

const port = z.coerce.number<string>().int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ });
const origin = httpUrl.refine((text) => new URL(text).pathname === "/" && new URL(text).search === "", "is not an origin (no path)");

const redisUrl = z.url({ protocol: /^rediss?$/ });

const variablesSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^(postgresql|postgres)$/ }),
  REDIS_URL: redisUrl,
  LOCK_REDIS_URLS: z.string().transform(toLockServers).nullable(),
  SHOPIFY_API_KEY: z.string(),
  SHOPIFY_API_SECRET: z.string(),
  SHOPIFY_API_SECRET_PREVIOUS: z.string().nullable(),
  SHOPIFY_APP_URL: httpUrl,
  SHOPIFY_ORIGIN_OVERRIDE: origin.nullable(),
  APP_BRIDGE_URL: httpUrl.nullable(),
  SCOPES: z.string(),
  ENCRYPTION_KEY: z.string().transform(toKey),
  ENCRYPTION_KEY_PREVIOUS: z.string().transform(toKey).nullable(),
  PORT: port,
  WORKER_PORT: port.nullable(),
  DRAIN_SECONDS: z.coerce.number<string>().int().min(0).max(DRAIN_SECONDS_MAX),
  LOG_LEVEL: z.enum(LOG_LEVELS),
  METRICS_TOKEN: z.string().nullable(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).nullable(),
  SMTP_FROM: z.email().nullable(),
  API_RATE_LIMIT: z.coerce.number<string>().int().min(0),
  SUPPORT_EMAIL: z.email().nullable(),
  SUPPORT_URL: httpUrl.nullable(),
});

export function readEnvironment(variables: Variables): EnvironmentReading {
  const raw = withDefaults(variables);
  const parsed = variablesSchema.safeParse(raw);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => describeFault(String(issue.path[0]), raw, issue.message));
  const override = overrideFault(variables);
  if (override !== null) faults.push(override);
  faults.push(...tracingFaults(variables));
  if (!parsed.success || faults.length > 0) return { kind: "faulty", faults };
  return { kind: "ok", environment: toEnvironment(parsed.data, variables) };
}

function withDefaults(variables: Variables) {
  const value = (name: string): string | undefined => {
    const text = variables[name]?.trim();
    return text === "" ? undefined : text;
  };
  return {
    DATABASE_URL: value("DATABASE_URL"),
    REDIS_URL: value("REDIS_URL"),
    LOCK_REDIS_URLS: value("LOCK_REDIS_URLS") ?? null,
    SHOPIFY_API_KEY: value("SHOPIFY_API_KEY"),
    SHOPIFY_API_SECRET: value("SHOPIFY_API_SECRET"),
    SHOPIFY_API_SECRET_PREVIOUS: value("SHOPIFY_API_SECRET_PREVIOUS") ?? null,
    SHOPIFY_APP_URL: value("SHOPIFY_APP_URL") ?? hostAsUrl(value("HOST")) ?? value("APP_URL"),
    SHOPIFY_ORIGIN_OVERRIDE: value("SHOPIFY_ORIGIN_OVERRIDE") ?? null,
    APP_BRIDGE_URL: value("APP_BRIDGE_URL") ?? null,
    SCOPES: value("SCOPES") ?? "",
    ENCRYPTION_KEY: value("ENCRYPTION_KEY"),
    ENCRYPTION_KEY_PREVIOUS: value("ENCRYPTION_KEY_PREVIOUS") ?? null,
    PORT: value("PORT") ?? String(PORT_DEFAULT),
    WORKER_PORT: value("WORKER_PORT") ?? null,
    DRAIN_SECONDS: value("DRAIN_SECONDS") ?? "0",
    LOG_LEVEL: value("LOG_LEVEL") ?? "info",
    METRICS_TOKEN: value("METRICS_TOKEN") ?? null,
    SMTP_URL: value("SMTP_URL") ?? null,
    SMTP_FROM: value("SMTP_FROM") ?? null,
    API_RATE_LIMIT: value("API_RATE_LIMIT") ?? String(API_RATE_LIMIT_DEFAULT),
    SUPPORT_EMAIL: value("SUPPORT_EMAIL") ?? null,
    SUPPORT_URL: value("SUPPORT_URL") ?? null,
  };
}

/** Some shells export HOST as the machine's name; only an address counts as one. */
function hostAsUrl(host: string | undefined): string | undefined {
  return host !== undefined && /^https?:\/\//.test(host) ? host : undefined;
}

/** The override sends access tokens to another origin, so production takes it only when somebody said so twice. */
function overrideFault(variables: Variables): string | null {
  const wanted = (variables.SHOPIFY_ORIGIN_OVERRIDE ?? "").trim() !== "";
  if (!wanted || variables.NODE_ENV !== "production" || variables.ALLOW_ORIGIN_OVERRIDE === "1") return null;
  return "SHOPIFY_ORIGIN_OVERRIDE is refused in production: remove it, or set ALLOW_ORIGIN_OVERRIDE=1 if this really is a rehearsal against a simulator";
}

function describeFault(name: string, raw: Readonly<Record<string, unknown>>, message: string): string {
  const missing = raw[name] === undefined;
  const how = isVariableName(name) ? HOW_TO_GET[name] : "see .env.example";
  // The value is never printed: several of these are secrets.
  return missing ? `${name} is missing: ${how}` : `${name} is wrong (${lowerFirst(message)}): ${how}`;
}

function toKey(text: string, context: z.RefinementCtx): Uint8Array {
  const key = Buffer.from(text, "base64");
  if (key.length !== ENCRYPTION_KEY_BYTES) {
    context.addIssue({ code: "custom", message: `needs ${ENCRYPTION_KEY_BYTES} bytes in base64, has ${key.length}` });
    return z.NEVER;
  }
  return new Uint8Array(key);
}

/**
 * An even number survives no more failures than the odd one below it. Two addresses of one server would give it two votes, and make a
 * majority of what is none; another database number on it is the same server.
 */
function toLockServers(text: string, context: z.RefinementCtx): string[] {
  const urls = text.split(",").map((url) => url.trim()).filter((url) => url !== "");
  const fault = lockServersFault(urls);
  if (fault === null) return urls;
  context.addIssue({ code: "custom", message: fault });
  return z.NEVER;
}

function lockServersFault(urls: readonly string[]): string | null {
  const position = urls.findIndex((url) => !redisUrl.safeParse(url).success);
  if (position >= 0) return `number ${position + 1} is not a redis:// or rediss:// address`;
  if (urls.length < LOCK_SERVERS_MIN) return `needs ${LOCK_SERVERS_MIN} servers or more, has ${urls.length}`;
  if (urls.length % 2 === 0) return `needs an odd number of servers, has ${urls.length}`;
  const servers = urls.map((url) => {
    const { hostname, port: named } = new URL(url);
    return `${hostname}:${named || REDIS_PORT_DEFAULT}`;
  });
  const twice = servers.findIndex((server, index) => servers.indexOf(server) !== index);
  return twice >= 0 ? `number ${twice + 1} names a server a second time` : null;
}

function toEnvironment(parsed: z.output<typeof variablesSchema>, variables: Variables): Environment {
  return {
    production: variables.NODE_ENV === "production",
    databaseUrl: parsed.DATABASE_URL,
    redisUrl: parsed.REDIS_URL,
    lockRedisUrls: parsed.LOCK_REDIS_URLS ?? [],
    port: parsed.PORT,
    drainMs: parsed.DRAIN_SECONDS * 1_000,
    workerPort: parsed.WORKER_PORT,
    logLevel: parsed.LOG_LEVEL satisfies LogLevel,
    metricsToken: parsed.METRICS_TOKEN,
    tracing: readTracing(variables),
    apiRateLimitPerSecond: parsed.API_RATE_LIMIT,
    mail: parsed.SMTP_URL === null ? null : { url: parsed.SMTP_URL, from: parsed.SMTP_FROM ?? `holdfast@${new URL(parsed.SHOPIFY_APP_URL).hostname}` },
    support: { email: parsed.SUPPORT_EMAIL, url: parsed.SUPPORT_URL },
    encryptionKeys: parsed.ENCRYPTION_KEY_PREVIOUS === null ? [parsed.ENCRYPTION_KEY] : [parsed.ENCRYPTION_KEY, parsed.ENCRYPTION_KEY_PREVIOUS],
    shopify: {
      apiKey: parsed.SHOPIFY_API_KEY,
      apiSecret: parsed.SHOPIFY_API_SECRET,
      apiSecretPrevious: parsed.SHOPIFY_API_SECRET_PREVIOUS,
      appUrl: new URL(parsed.SHOPIFY_APP_URL).origin,
      scopes: parsed.SCOPES.split(",").map((scope) => scope.trim()).filter((scope) => scope !== ""),
      originOverride: parsed.SHOPIFY_ORIGIN_OVERRIDE === null ? null : new URL(parsed.SHOPIFY_ORIGIN_OVERRIDE).origin,
      appBridgeUrl: parsed.APP_BRIDGE_URL,
    },
  };
}

function isVariableName(name: string): name is VariableName {
  return Object.hasOwn(HOW_TO_GET, name);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
