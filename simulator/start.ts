// Starts the simulator: the world, the Admin API, OAuth, the webhook sender, the control API and the admin page on one port.
import { mountAdminFrame } from "./admin-frame/mount.ts";
import { createControl } from "./control/control.ts";
import type { Control } from "./control/control.ts";
import { mountControl } from "./control/routes.ts";
import type { Engine } from "./engine.ts";
import { FaultBoard } from "./faults.ts";
import { DEFAULT_ASSUMPTIONS } from "./fidelity/assumptions.ts";
import { mountBulkFiles } from "./graphql/bulk/files.ts";
import { BulkRunner } from "./graphql/bulk/runner.ts";
import { mountAdminApi } from "./graphql/endpoint.ts";
import { RequestLog } from "./graphql/request-log.ts";
import { loadAdminSchema } from "./graphql/schema.ts";
import type { AdminSchema } from "./graphql/schema.ts";
import { createRouteTable } from "./http/router.ts";
import type { Router } from "./http/router.ts";
import { listen } from "./http/server.ts";
import { signSessionToken } from "./oauth/session-token.ts";
import { mountTokenEndpoint } from "./oauth/token-endpoint.ts";
import { DEFAULT_SUBSCRIPTIONS } from "./options.ts";
import type { SimulatorOptions } from "./options.ts";
import { createPoster } from "./webhooks/post.ts";
import { WebhookSender } from "./webhooks/sender.ts";
import { createClock } from "./world/clock.ts";
import { createRandom } from "./world/random.ts";
import { emptyState, silentOutbox } from "./world/world.ts";
import type { World } from "./world/world.ts";

export type { Control } from "./control/control.ts";
export type { SimulatorOptions, WebhookSubscription } from "./options.ts";

export interface Simulator {
  readonly origin: string;
  readonly port: number;
  /** The control API as typed functions. */
  readonly control: Control;
  setAppUrl(url: string): void;
  close(): Promise<void>;
}

const DEFAULT_API_VERSION = "2026-10";
const DEFAULT_APP_HANDLE = "holdfast";
const DEFAULT_WEBHOOKS_IN_FLIGHT = 50;
const APP_GID = "gid://shopify/App/1002003004";

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const admin = await loadAdminSchema(options.schemaPath);
  let origin = "";
  const engine = createEngine(options, admin, () => origin);
  const control = createControl(engine);
  const routes = createRouteTable();
  mountAdminApi(routes, engine, admin);
  mountBulkFiles(routes, engine, engine.bulk);
  mountTokenEndpoint(routes, engine);
  mountControl(routes, control);
  mountFrame(routes, engine, control, () => origin);
  const host = options.host ?? "127.0.0.1";
  const server = await listen(routes, host, options.port ?? 0, options.log ?? (() => undefined));
  origin = `http://${host}:${server.port}`;

  return {
    origin,
    port: server.port,
    control,
    setAppUrl: (url) => {
      engine.appUrl = url;
    },
    async close() {
      engine.world.clock.stop();
      engine.sender.discard();
      engine.poster.close();
      await server.close();
    },
  };
}

function createEngine(options: SimulatorOptions, admin: AdminSchema, origin: () => string): Engine {
  const clock = createClock(options.startTime ? Date.parse(options.startTime) : Date.now());
  const random = createRandom(options.seed ?? 1);
  const world: World = { state: emptyState(), clock, random, assumptions: { ...DEFAULT_ASSUMPTIONS }, outbox: silentOutbox };
  const apiVersion = options.apiVersion ?? DEFAULT_API_VERSION;
  const appHandle = options.appHandle ?? DEFAULT_APP_HANDLE;
  const concurrency = options.webhookConcurrency ?? DEFAULT_WEBHOOKS_IN_FLIGHT;
  const poster = createPoster(concurrency);
  const sender = new WebhookSender({
    clock,
    random,
    poster,
    concurrency,
    apiVersion,
    subscriptions: options.subscriptions ?? DEFAULT_SUBSCRIPTIONS,
    secret: options.apiSecret,
    appUrl: () => engine.webhookUrl ?? engine.appUrl,
    nestedIncludeFields: () => world.assumptions.includeFieldsNested,
  });
  world.outbox = sender;
  const parts: Omit<Engine, "bulk"> = {
    world,
    options,
    apiVersion,
    appHandle,
    app: { id: APP_GID, title: appHandle, handle: appHandle },
    faults: new FaultBoard(),
    requests: new RequestLog(),
    held: [],
    tokenRequests: [],
    sender,
    poster,
    snapshots: new Map(),
    appUrl: options.appUrl ?? null,
    webhookUrl: null,
    origin,
    graphqlMs: 0,
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    signSessionToken: (shop, staffId) =>
      signSessionToken({ shop, apiKey: options.apiKey, apiSecret: options.apiSecret, random, nowMs: Date.now(), ...(staffId ? { staffId } : {}) }),
  };
  const engine: Engine = Object.assign(parts, { bulk: new BulkRunner(parts, admin) });
  return engine;
}

function mountFrame(router: Router, engine: Engine, control: Control, origin: () => string): void {
  const { options } = engine;
  mountAdminFrame(router, engine.world, {
    apiKey: options.apiKey,
    appHandle: engine.appHandle,
    scopes: options.scopes,
    optionalScopes: options.optionalScopes,
    links: options.links ?? [],
    origin,
    appUrl: () => engine.appUrl,
    sessionToken: engine.signSessionToken,
    grantScopes: (shop, granted) => {
      control.setScopes(shop, { granted: [...granted] });
    },
  });
}
