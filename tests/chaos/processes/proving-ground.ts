// A house whose web, worker and commands are processes of their own, on short times, to be struck and started again.

import { scaledTimings, TIMINGS, type Timings } from "#app/ports/timings.ts";
import { readBuildState } from "#dev/services/app-build.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { openHouse, type House, type HouseOptions } from "#tests/setup/house.ts";
import { ROOT } from "#tests/setup/e2e/app-process.ts";
import { startStrikable, type StrikableOptions, type StrikableProcess } from "./strikable-process.ts";

/**
 * Every wait of the recovery ten times shorter, in the proportions they have; two that are minutes long and only make sure that nothing
 * can arrive any more are shortened further.
 */
export const SHORT_TIMINGS: Timings = scaledTimings(0.1, { ...TIMINGS, travelLimitMs: 20_000, shopUnavailableDelayMs: 10_000, stalledTurnDelayMs: 10_000 });

export interface Wanted extends Pick<StrikableOptions, "strikes" | "clockAheadMs"> {
  /** Beside what every process of the house is given. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface ProvingGround {
  readonly house: House;
  readonly timings: Timings;
  startWorker(wanted?: Wanted): Promise<StrikableProcess>;
  /** From now on webhooks go to it; at the same address every time. */
  startWeb(wanted?: Wanted): Promise<StrikableProcess>;
  readonly webUrl: string;
  /** A command of the operator's; it ends by itself. */
  startCommand(words: readonly string[], wanted?: Wanted): Promise<StrikableProcess>;
  /** Ends every process that still runs, then the house. */
  close(): Promise<void>;
}

export async function openProvingGround({ timings = SHORT_TIMINGS, ...options }: HouseOptions = {}): Promise<ProvingGround> {
  const house = await openHouse({ timings, ...options });
  const port = await findFreePort();
  const webUrl = `http://127.0.0.1:${port}`;
  const running = new Set<StrikableProcess>();
  const start = async ({ variables: more, ...wanted }: Wanted & Pick<StrikableOptions, "service" | "args">): Promise<StrikableProcess> => {
    const started = await startStrikable({ ...wanted, env: { ...variables(house, { port, webUrl }), ...more }, timings, redisPrefix: house.redisPrefix });
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  };
  return {
    house,
    timings,
    webUrl,
    async startWorker(wanted = {}) {
      const worker = await start({ ...wanted, service: "worker" });
      await Promise.race([worker.logged(({ msg }) => msg === "worker started"), ...(wanted.strikes === undefined ? [] : [worker.struck()])]);
      return worker;
    },
    async startWeb(wanted = {}) {
      await (buildIsFresh ??= requireBuild());
      const web = await start({ ...wanted, service: "web" });
      await web.logged(({ msg }) => msg === "listening");
      house.simulator.setAppUrl(webUrl);
      return web;
    },
    startCommand: (words, wanted = {}) => start({ ...wanted, service: "cli", args: words }),
    async close() {
      await Promise.all([...running].map((one) => one.kill()));
      await house.close();
    },
  };
}

/** Looked at once, before the first server of a run starts. */
let buildIsFresh: Promise<void> | null = null;

/** A test of a server that is not the one in the checkout would prove nothing. */
async function requireBuild(): Promise<void> {
  const state = await readBuildState(ROOT);
  if (state !== "fresh") throw new Error(`The build in build/ is ${state}: run \`npm run build\` first (\`npm test\` does it by itself).`);
}

function variables({ environment, simulator }: House, { port, webUrl }: { port: number; webUrl: string }): Record<string, string> {
  const { shopify, encryptionKeys, databaseUrl, redisUrl } = environment;
  return {
    NODE_ENV: "production",
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PORT: String(port),
    SHOPIFY_API_KEY: shopify.apiKey,
    SHOPIFY_API_SECRET: shopify.apiSecret,
    SHOPIFY_APP_URL: webUrl,
    SCOPES: shopify.scopes.join(","),
    ENCRYPTION_KEY: Buffer.from(encryptionKeys[0] ?? []).toString("base64"),
    SHOPIFY_ORIGIN_OVERRIDE: simulator.origin,
    ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${simulator.origin}/app-bridge.js`,
    API_RATE_LIMIT: "0",
    LOG_LEVEL: "info",
  };
}
