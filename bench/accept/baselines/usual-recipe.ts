// Baseline: a webhook handler as people write it, as a server build of its own for `remix-serve`: authenticate.webhook, look, then create.
//
// Best settings: production, one route, a session that needs no refresh, ten connections, a table with the fewest columns that it needs.
import process from "node:process";

import "@shopify/shopify-app-remix/adapters/node";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";
import type { ActionFunctionArgs, ServerBuild } from "@remix-run/node";
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";
import { ApiVersion, AppDistribution, shopifyApp } from "@shopify/shopify-app-remix/server";

const CONNECTIONS = 10;

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env["DATABASE_URL"] ?? "", max: CONNECTIONS }) });
const shopify = shopifyApp({
  apiKey: process.env["SHOPIFY_API_KEY"] ?? "",
  apiSecretKey: process.env["SHOPIFY_API_SECRET"] ?? "",
  apiVersion: ApiVersion.October25,
  scopes: ["read_orders"],
  appUrl: process.env["SHOPIFY_APP_URL"] ?? "",
  authPathPrefix: "/auth",
  sessionStorage: new PrismaSessionStorage(prisma),
  distribution: AppDistribution.AppStore,
  future: { unstable_newEmbeddedAuthStrategy: true },
});

async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const { topic, shop, payload } = await shopify.authenticate.webhook(request);
  const webhookId = request.headers.get("x-shopify-webhook-id") ?? "";
  const seen = await prisma.delivery.findUnique({ where: { shop_webhookId: { shop, webhookId } } });
  if (seen === null) await prisma.delivery.create({ data: { installId: 1n, shop, webhookId, topic, orderId: String(payload["id"]), traceId: "" } });
  return new Response();
}

const future: ServerBuild["future"] = {
  v3_fetcherPersist: true,
  v3_relativeSplatPath: true,
  v3_throwAbortReason: true,
  v3_singleFetch: true,
  v3_lazyRouteDiscovery: true,
};

const build: ServerBuild = {
  mode: "production",
  entry: { module: { default: () => new Response(null, { status: 404 }) } },
  routes: { webhooks: { id: "webhooks", path: "webhooks", module: { default: undefined, action } } },
  assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
  publicPath: "/build/",
  assetsBuildDirectory: "build",
  isSpaMode: false,
  future,
};

export const { mode, entry, routes, assets, publicPath, assetsBuildDirectory, isSpaMode } = build;
export { future };
