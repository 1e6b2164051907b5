// What is attacked: a real web process as it is built, a shop that sells, and a house in this process that works off what the web accepted.
import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import { type RunningChild, startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import type { Credentials } from "./hostile-requests.ts";
import type { Known } from "./documents.ts";

export interface FuzzHouse {
  readonly house: House;
  readonly shop: HouseShop;
  readonly known: Known;
  readonly credentials: Credentials;
  readonly web: Web;
  close(): Promise<void>;
}

export interface Web {
  readonly port: number;
  readonly origin: string;
  /** Of the process's inspector: what it keeps is asked for there. */
  readonly inspectorPort: number;
  readonly child: RunningChild;
  /** Lines at error level, with the message of each. */
  readonly errors: readonly string[];
  /** How the process ended; null while it runs. */
  ended(): string | null;
}

const SHOP = "fuzz";
/** A merchant may call a product what he likes. */
const TITLE = `</script><img src=x onerror=alert(1)> "cup" & 'saucer'`;
const STOCK = 1_000_000;
const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 100;
/** Half of what a session token is good for. */
const SESSION_TOKEN_MS = 30_000;
const ERRORS_KEPT_MAX = 200;

const idOf = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

export interface FuzzServices {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** As while the app's secret is replaced; none if not given. */
  readonly apiSecretPrevious?: string;
  /** Bound of the process's heap: one that keeps more than that ends. None: Node's own, which follows the machine. */
  readonly heapMb?: number;
}

export async function openFuzzHouse({ apiSecretPrevious, heapMb, ...services }: FuzzServices): Promise<FuzzHouse> {
  const house = await openHouse({ seed: 1, ...services });
  let web: Web | null = null;
  try {
    web = await startWeb(house, heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`], apiSecretPrevious === undefined ? {} : { SHOPIFY_API_SECRET_PREVIOUS: apiSecretPrevious });
    house.simulator.setAppUrl(web.origin);
    const shop = await house.openShop({ name: SHOP });
    const [locationId = ""] = shop.locationIds;
    const [variant] = house.simulator.control.createProduct(shop.shop, { title: TITLE, variants: [{ sku: "FUZZ", levels: [{ locationId, available: STOCK }] }] }).variants;
    if (variant === undefined) throw new Error("the product has a variant");
    await house.protect(shop);
    const token = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "fuzz", actor: "fuzz" });
    if (token.kind !== "created") throw new Error("no token was made");
    const started = web;
    return {
      house,
      shop,
      known: { shop: shop.shop, variantId: idOf(variant.variantId), inventoryItemId: idOf(variant.inventoryItemId), locationId: idOf(locationId) },
      credentials: { apiSecret: house.environment.shopify.apiSecret, apiToken: token.token, sessionToken: keptSessionToken(house, shop.shop) },
      web,
      async close() {
        await started.child.stop();
        await house.close();
      },
    };
  } catch (error) {
    await web?.child.stop();
    await house.close();
    throw error;
  }
}

function keptSessionToken(house: House, shop: string): () => string {
  let kept = { token: "", madeMs: Number.NEGATIVE_INFINITY };
  return () => {
    if (performance.now() - kept.madeMs > SESSION_TOKEN_MS) kept = { token: house.simulator.control.sessionToken(shop).token, madeMs: performance.now() };
    return kept.token;
  };
}

async function startWeb({ environment, simulator }: House, nodeFlags: readonly string[], more: Readonly<Record<string, string>>): Promise<Web> {
  const [port, inspectorPort] = [await findFreePort(), await findFreePort()];
  const origin = `http://127.0.0.1:${port}`;
  const { shopify, encryptionKeys, databaseUrl, redisUrl } = environment;
  const env = {
    NODE_ENV: "production",
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PORT: String(port),
    SHOPIFY_API_KEY: shopify.apiKey,
    SHOPIFY_API_SECRET: shopify.apiSecret,
    SHOPIFY_APP_URL: origin,
    SCOPES: shopify.scopes.join(","),
    ENCRYPTION_KEY: Buffer.from(encryptionKeys[0]).toString("base64"),
    SHOPIFY_ORIGIN_OVERRIDE: simulator.origin,
    ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${simulator.origin}/app-bridge.js`,
    API_RATE_LIMIT: "0",
    LOG_LEVEL: "warn",
    ...more,
  };
  const errors: string[] = [];
  const onLine = (line: string) => {
    const isError = /"level":"(error|fatal)"/.test(line);
    if (isError && errors.length < ERRORS_KEPT_MAX) errors.push(line);
  };
  const child = startChild({ name: "web", command: process.execPath, args: ["--disable-warning=ExperimentalWarning", `--inspect=127.0.0.1:${inspectorPort}`, ...nodeFlags, "web/main.ts"], env, onLine });
  let end: string | null = null;
  void child.exited.then((how) => (end = how));
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const isReady = await fetch(`${origin}/readyz`).then((response) => response.ok, () => false);
    if (isReady) return { port, origin, inspectorPort, child, errors, ended: () => end };
    if (performance.now() > until || end !== null) throw new Error(`web is not ready: ${child.lastLines().slice(-5).join("\n")}`);
    await after(READY_POLL_MS);
  }
}
