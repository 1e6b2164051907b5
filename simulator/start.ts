// Starts the simulator: the world, the Admin API, OAuth, the webhook sender, the control API and the admin page on one port.
import { createControl } from "./control/control.ts";
import type { Control } from "./control/control.ts";
import { mountControl } from "./control/routes.ts";
import { mountAdminFrame } from "./admin-frame/mount.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_ASSUMPTIONS } from "./fidelity/assumptions.ts";
import { createRouteTable } from "./http/router.ts";
import { listen } from "./http/server.ts";
import type { SimulatorOptions } from "./options.ts";
import { signSessionToken } from "./oauth/session-token.ts";
import { createClock } from "./world/clock.ts";
import { createRandom } from "./world/random.ts";
import { emptyState, silentOutbox } from "./world/world.ts";
import type { World } from "./world/world.ts";

export interface Simulator {
  readonly origin: string;
  readonly port: number;
  readonly control: Control;
  setAppUrl(url: string): void;
  close(): Promise<void>;
}

const quiet = () => undefined;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = createClock(options.startTime ? Date.parse(options.startTime) : Date.now());
  const random = createRandom(options.seed ?? 1);
  const world: World = { state: emptyState(), clock, random, assumptions: { ...DEFAULT_ASSUMPTIONS }, outbox: silentOutbox };
  const engine: Engine = {
    world,
    options,
    appHandle: options.appHandle ?? "holdfast",
    appUrl: options.appUrl ?? null,
    signSessionToken: (shop, staffId) =>
      signSessionToken({ shop, apiKey: options.apiKey, apiSecret: options.apiSecret, random, nowMs: Date.now(), ...(staffId ? { staffId } : {}) }),
  };
  const control = createControl(engine);
  const routes = createRouteTable();
  let origin = "";
  mountControl(routes, control);
  mountAdminFrame(routes, world, {
    apiKey: options.apiKey,
    appHandle: engine.appHandle,
    scopes: options.scopes,
    optionalScopes: options.optionalScopes,
    origin: () => origin,
    appUrl: () => engine.appUrl,
    sessionToken: engine.signSessionToken,
    grantScopes: (shop, granted) => {
      control.setScopes(shop, { granted: [...granted] });
    },
  });
  const host = options.host ?? "127.0.0.1";
  const server = await listen(routes, host, options.port ?? 0, options.log ?? quiet);
  origin = `http://${host}:${server.port}`;

  return {
    origin,
    port: server.port,
    control,
    setAppUrl: (url) => {
      engine.appUrl = url;
    },
    async close() {
      clock.stop();
      await server.close();
    },
  };
}
